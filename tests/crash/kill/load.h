// SPDX-License-Identifier: Apache-2.0
// The load: many journeys at once, each of one customer, which go on after every crash.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/crash/kill/bank.h"
#include "tests/crash/kill/service.h"
#include "tests/crash/kill/sink.h"

namespace latchkey::crash {

// What happened, and what must not have. Threads: any.
class Book {
 public:
  void Count(const std::string& what);
  // Something that was promised does not hold.
  void Broken(const std::string& what);
  std::map<std::string, int64_t> counts();
  std::vector<std::string> broken();

 private:
  std::mutex mutex_;
  std::map<std::string, int64_t> counts_;
  std::vector<std::string> broken_;
};

// A journey's own dice: the same for the same seed and number, whatever else runs.
class Dice {
 public:
  Dice(uint64_t seed, uint64_t number) : engine_(seed * 1'000'003 + number) {}
  uint64_t Below(uint64_t bound) { return engine_() % bound; }
  bool OneIn(uint64_t n) { return Below(n) == 0; }
  std::string Bytes(size_t size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(Below(256));
    return bytes;
  }

 private:
  std::mt19937_64 engine_;
};

class Load {
 public:
  struct Options {
    uint64_t seed = 0;
    int threads = 24;
    // For a message and for an answer: lives are short, and what is lost shows in the end.
    Millis patience = std::chrono::minutes(15);
  };
  Load(Options options, Bank& bank, Service& service, Sink& sink, Book& book);
  ~Load() { Finish(); }

  void Start();
  // Begins no more journeys and waits until those on their way have ended.
  void Finish();
  int64_t journeys() const { return next_journey_; }

 private:
  friend class Journey;
  void Travel();
  Customer* TakeCustomer();
  void GiveBack(Customer& customer);
  Teller* TakeTeller();
  void GiveBack(Teller& teller);

  const Options options_;
  Bank& bank_;
  Service& service_;
  Sink& sink_;
  Book& book_;
  std::atomic<int64_t> next_journey_ = 0;
  std::atomic<bool> finishing_ = false;
  std::mutex mutex_;
  std::deque<Customer*> customers_;
  std::deque<Teller*> tellers_;
  std::vector<std::thread> threads_;
};

}  // namespace latchkey::crash
