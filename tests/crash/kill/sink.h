// SPDX-License-Identifier: Apache-2.0
// A mail server for the load: SMTP under TLS from the first byte, each message kept before it is
// acknowledged. It lives through all crashes, so what it holds is what customers hold.
#pragma once

#include <openssl/types.h>

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "services/base/clock.h"

namespace latchkey::crash {

struct Letter {
  std::string message_id;
  std::string code;   // digits; empty: none
  std::string token;  // of its link or its "this was not me", base64url; empty: none
};

// To whom, under which subject.
using Pile = std::pair<std::string, std::string>;

class Sink {
 public:
  Sink(const std::filesystem::path& certificate, const std::filesystem::path& key);
  ~Sink();
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  uint16_t port() const { return port_; }

  // The n-th of a pile, counted from 1 by Message-ID; nullopt: it did not come.
  std::optional<Letter> Await(const Pile& pile, size_t n, Millis patience);
  // How many of each pile, by Message-ID.
  std::map<Pile, size_t> Counts();
  // Came again under the same Message-ID: allowed.
  size_t repeated();
  // Came again under the same Message-ID with other bytes: not allowed.
  std::vector<std::string> changed();

 private:
  void Serve();
  void Converse(SSL* connection);
  void Keep(const std::string& to, const std::string& mail);

  SSL_CTX* context_ = nullptr;
  int listener_ = -1;
  uint16_t port_ = 0;
  std::vector<std::thread> threads_;

  std::mutex mutex_;
  std::condition_variable came_;
  std::map<Pile, std::vector<Letter>> piles_;
  std::map<std::string, size_t> seen_;  // Message-ID → hash of the whole mail
  std::vector<std::string> changed_;
  size_t repeated_ = 0;
};

}  // namespace latchkey::crash
