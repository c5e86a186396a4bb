// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/kill/sink.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <memory>

#include "services/base/check.h"
#include "tests/unit/courier/mail_reader.h"

namespace latchkey::crash {
namespace {

constexpr int kThreads = 4;  // more than the courier has workers

// Lines of one conversation. A client that was killed ends it.
class Lines {
 public:
  explicit Lines(SSL* connection) : connection_(connection) {}
  bool Next(std::string& line) {
    size_t end;
    while ((end = buffer_.find("\r\n")) == std::string::npos) {
      char bytes[16384];
      const int got = SSL_read(connection_, bytes, sizeof bytes);
      if (got <= 0) return false;
      buffer_.append(bytes, static_cast<size_t>(got));
    }
    line = buffer_.substr(0, end);
    buffer_.erase(0, end + 2);
    return true;
  }
  bool Say(const std::string& text) {
    const std::string line = text + "\r\n";
    return SSL_write(connection_, line.data(), static_cast<int>(line.size())) > 0;
  }

 private:
  SSL* connection_;
  std::string buffer_;
};

// What stands alone in indented lines: a code in groups, an address with a token.
Letter Read(const courier::MailAsRead& mail) {
  Letter letter;
  letter.message_id = mail["Message-ID"];
  for (const std::string& line : courier::LinesIn(mail.text, "\n")) {
    if (!line.starts_with("    ")) continue;
    if (const size_t at = line.find("#t="); at != std::string::npos)
      letter.token = line.substr(at + 3);
    std::string digits = line;
    std::erase(digits, ' ');
    const bool code =
        !digits.empty() && digits.find_first_not_of("0123456789") == std::string::npos;
    if (code) letter.code = digits;
  }
  return letter;
}

std::string AddressIn(const std::string& command) {
  const size_t open = command.find('<'), close = command.find('>');
  LATCHKEY_CHECK(open != std::string::npos && close != std::string::npos);
  return command.substr(open + 1, close - open - 1);
}

}  // namespace

Sink::Sink(const std::filesystem::path& certificate, const std::filesystem::path& key) {
  context_ = SSL_CTX_new(TLS_server_method());
  LATCHKEY_CHECK(SSL_CTX_use_certificate_chain_file(context_, certificate.c_str()) == 1 &&
                 SSL_CTX_use_PrivateKey_file(context_, key.c_str(), SSL_FILETYPE_PEM) == 1);
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof name;
  LATCHKEY_CHECK(bind(listener_, reinterpret_cast<sockaddr*>(&name), size) == 0 &&
                 listen(listener_, 64) == 0 &&
                 getsockname(listener_, reinterpret_cast<sockaddr*>(&name), &size) == 0);
  port_ = ntohs(name.sin_port);
  for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this] { Serve(); });
}

Sink::~Sink() {
  shutdown(listener_, SHUT_RDWR);
  for (std::thread& thread : threads_) thread.join();
  close(listener_);
  SSL_CTX_free(context_);
}

void Sink::Serve() {
  while (true) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    std::unique_ptr<SSL, decltype(&SSL_free)> connection(SSL_new(context_), &SSL_free);
    SSL_set_fd(connection.get(), client);
    if (SSL_accept(connection.get()) == 1) Converse(connection.get());
    close(client);
  }
}

void Sink::Converse(SSL* connection) {
  Lines lines(connection);
  if (!lines.Say("220 sink ESMTP")) return;
  std::string line, to;
  while (lines.Next(line)) {
    if (line.starts_with("EHLO")) {
      if (!lines.Say("250-sink\r\n250 SMTPUTF8")) return;
    } else if (line == "DATA") {
      if (!lines.Say("354 go on")) return;
      std::string mail;
      while (lines.Next(line) && line != ".") {
        mail += (line.starts_with(".") ? line.substr(1) : line) + "\r\n";
      }
      if (line != ".") return;  // cut short: nobody has it
      Keep(to, mail);
      if (!lines.Say("250 kept")) return;
    } else if (line == "QUIT") {
      lines.Say("221 bye");
      return;
    } else {
      if (line.starts_with("RCPT")) to = AddressIn(line);
      if (!lines.Say("250 OK")) return;
    }
  }
}

void Sink::Keep(const std::string& to, const std::string& mail) {
  const courier::MailAsRead read = courier::ReadMailText(mail);
  const Letter letter = Read(read);
  const size_t hash = std::hash<std::string>()(to + "\n" + mail);
  std::lock_guard lock(mutex_);
  const auto [known, is_new] = seen_.emplace(letter.message_id, hash);
  if (is_new) {
    piles_[{to, read["Subject"]}].push_back(letter);
    came_.notify_all();
    return;
  }
  ++repeated_;
  if (known->second != hash) changed_.push_back(letter.message_id);
}

std::optional<Letter> Sink::Await(const Pile& pile, size_t n, Millis patience) {
  std::unique_lock lock(mutex_);
  const bool came = came_.wait_for(lock, patience, [&] { return piles_[pile].size() >= n; });
  if (!came) return std::nullopt;
  return piles_[pile][n - 1];
}

std::map<Pile, size_t> Sink::Counts() {
  std::lock_guard lock(mutex_);
  std::map<Pile, size_t> counts;
  for (const auto& [pile, letters] : piles_) {
    if (!letters.empty()) counts[pile] = letters.size();
  }
  return counts;
}

size_t Sink::repeated() {
  std::lock_guard lock(mutex_);
  return repeated_;
}

std::vector<std::string> Sink::changed() {
  std::lock_guard lock(mutex_);
  return changed_;
}

}  // namespace latchkey::crash
