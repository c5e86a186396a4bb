// SPDX-License-Identifier: Apache-2.0
// A mail server that takes everything at once and keeps nothing: a receiver fast enough not to be
// what is measured. STARTTLS with the bank's certificate, as a relay has it.
#pragma once

#include <openssl/ssl.h>

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace latchkey::bench {

// Threads: one for each connection. Ends with the process's own end of its clients.
class MailSink {
 public:
  // `bank` is a folder of InitBank. `on_mail` gets each mail before it is acknowledged, from any
  // thread.
  explicit MailSink(const std::filesystem::path& bank,
                    std::function<void(const std::string& mail)> on_mail = nullptr);
  ~MailSink();
  MailSink(const MailSink&) = delete;
  MailSink& operator=(const MailSink&) = delete;

  uint16_t port() const { return port_; }
  // Lets callers wait for the greeting, so that mail gathers; and greets them.
  void Hold();
  void Open();

  uint64_t mails() const;
  // False when `patience` seconds went by before there were so many.
  bool WaitForMails(uint64_t count, double patience);
  // The last mail; a sample of what is sent.
  std::string last() const;

 private:
  class Conversation;
  void Accept();
  void Serve(int fd);
  void Take(const std::string& mail);

  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> tls_;
  const std::function<void(const std::string&)> on_mail_;
  int listener_ = -1;
  uint16_t port_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  bool stopping_ = false;
  uint64_t mails_ = 0;
  std::string last_;
  std::list<int> sockets_;
  std::list<std::thread> threads_;
  std::thread acceptor_;
};

// The token of the link in a mail of the courier, decoded; empty when there is none.
std::string LinkTokenIn(const std::string& mail);
// Whom a mail of the courier is for.
std::string RecipientOf(const std::string& mail);

}  // namespace latchkey::bench
