// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/kill/load.h"

#include <cstdio>

#include "tests/crash/kill/journey.h"

namespace latchkey::crash {
namespace {

constexpr int kJourneysOfACustomer = 3;  // messages an hour bound them
constexpr int kTokensOfATeller = 11;     // so does a teller's allowance
constexpr size_t kBrokenKept = 200;

}  // namespace

void Book::Count(const std::string& what) {
  std::lock_guard lock(mutex_);
  ++counts_[what];
}

void Book::Broken(const std::string& what) {
  std::lock_guard lock(mutex_);
  if (broken_.size() < kBrokenKept) broken_.push_back(what);
  std::printf("BROKEN  %s\n", what.c_str());
  std::fflush(stdout);
}

std::map<std::string, int64_t> Book::counts() {
  std::lock_guard lock(mutex_);
  return counts_;
}

std::vector<std::string> Book::broken() {
  std::lock_guard lock(mutex_);
  return broken_;
}

Load::Load(Options options, Bank& bank, Service& service, Sink& sink, Book& book)
    : options_(options), bank_(bank), service_(service), sink_(sink), book_(book) {
  for (auto& customer : bank_.customers()) customers_.push_back(customer.get());
  for (auto& teller : bank_.tellers()) tellers_.push_back(teller.get());
}

void Load::Start() {
  for (int i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { Travel(); });
}

void Load::Finish() {
  finishing_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Load::Travel() {
  while (!finishing_) {
    Customer* customer = TakeCustomer();
    if (customer == nullptr) return;
    const auto number = static_cast<uint64_t>(++next_journey_);
    Journey(*this, *customer, Dice(options_.seed, number)).Go();
    GiveBack(*customer);
  }
}

Customer* Load::TakeCustomer() {
  std::lock_guard lock(mutex_);
  if (customers_.empty()) return nullptr;
  Customer* customer = customers_.front();
  customers_.pop_front();
  return customer;
}

void Load::GiveBack(Customer& customer) {
  const bool again =
      ++customer.journeys < kJourneysOfACustomer && !customer.frozen && !customer.resting;
  std::lock_guard lock(mutex_);
  if (again) customers_.push_back(&customer);
}

Teller* Load::TakeTeller() {
  std::lock_guard lock(mutex_);
  if (tellers_.empty()) return nullptr;
  Teller* teller = tellers_.front();
  tellers_.pop_front();
  return teller;
}

void Load::GiveBack(Teller& teller) {
  const bool again = !teller.gone && teller.tokens < kTokensOfATeller;
  std::lock_guard lock(mutex_);
  if (again) tellers_.push_back(&teller);
}

}  // namespace latchkey::crash
