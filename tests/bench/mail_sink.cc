// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/mail_sink.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sodium.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "tests/bench/process.h"

namespace latchkey::bench {
namespace {

constexpr size_t kTokenBytes = 32;
constexpr size_t kTokenText = 43;

void FreeTls(SSL_CTX* tls) { SSL_CTX_free(tls); }

void ReplaceAll(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

// Quoted-printable, as the courier writes it, with the marks that stand in links.
std::string Unfolded(std::string text) {
  ReplaceAll(text, "=\r\n", "");
  ReplaceAll(text, "=3D", "=");
  return text;
}

}  // namespace

// One client: plain until STARTTLS, then under TLS.
class MailSink::Conversation {
 public:
  Conversation(int fd, SSL_CTX* tls) : fd_(fd), tls_(SSL_new(tls)) { SSL_set_fd(tls_, fd); }
  ~Conversation() {
    SSL_free(tls_);
    ::close(fd_);
  }
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  bool Say(const std::string& line) {
    const std::string text = line + "\r\n";
    const int size = static_cast<int>(text.size());
    return secure_ ? SSL_write(tls_, text.data(), size) == size
                   : ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL) == size;
  }
  // Up to and with `end`; false when the client is gone.
  bool Read(const std::string& end, std::string& text) {
    size_t looked = 0;
    size_t at;
    while ((at = waiting_.find(end, looked)) == std::string::npos) {
      looked = waiting_.size() < end.size() ? 0 : waiting_.size() - end.size() + 1;
      char piece[16 * 1024];
      const auto got = secure_ ? static_cast<ssize_t>(SSL_read(tls_, piece, sizeof piece))
                               : ::recv(fd_, piece, sizeof piece, 0);
      if (got <= 0) return false;
      waiting_.append(piece, static_cast<size_t>(got));
    }
    text = waiting_.substr(0, at + end.size());
    waiting_.erase(0, at + end.size());
    return true;
  }
  bool Secure() {
    secure_ = SSL_accept(tls_) == 1;
    return secure_;
  }

 private:
  const int fd_;
  SSL* const tls_;
  bool secure_ = false;
  std::string waiting_;
};

MailSink::MailSink(const std::filesystem::path& bank,
                   std::function<void(const std::string&)> on_mail)
    : tls_(SSL_CTX_new(TLS_server_method()), FreeTls), on_mail_(std::move(on_mail)) {
  if (SSL_CTX_use_certificate_chain_file(tls_.get(), (bank / "relay.crt").c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(tls_.get(), (bank / "relay.key").c_str(), SSL_FILETYPE_PEM) !=
          1) {
    Die("the mail sink has no certificate in " + bank.string());
  }
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&at), size) != 0 ||
      ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) != 0) {
    Die("the mail sink cannot listen");
  }
  port_ = ntohs(at.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

MailSink::~MailSink() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    held_ = false;
    for (int fd : sockets_) ::shutdown(fd, SHUT_RDWR);
  }
  changed_.notify_all();
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
  ::close(listener_);
}

void MailSink::Accept() {
  while (true) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    std::lock_guard lock(mutex_);
    if (stopping_) {
      if (fd >= 0) ::close(fd);
      return;
    }
    if (fd < 0) continue;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockets_.push_back(fd);
    threads_.emplace_back([this, fd] {
      Serve(fd);
      std::lock_guard guard(mutex_);
      sockets_.remove(fd);
    });
  }
}

void MailSink::Serve(int fd) {
  Conversation client(fd, tls_.get());
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !held_; });
  }
  bool going = client.Say("220 sink.example ESMTP");
  std::string line;
  while (going && client.Read("\r\n", line)) {
    std::string verb = line.substr(0, 4);
    std::transform(verb.begin(), verb.end(), verb.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (verb == "EHLO") {
      going = client.Say("250-sink.example\r\n250-8BITMIME\r\n250 STARTTLS");
    } else if (verb == "STAR") {
      going = client.Say("220 go on") && client.Secure();
    } else if (verb == "DATA") {
      std::string mail;
      going = client.Say("354 go on") && client.Read("\r\n.\r\n", mail);
      if (!going) break;
      Take(mail);
      going = client.Say("250 taken");
    } else if (verb == "QUIT") {
      client.Say("221 good-bye");
      break;
    } else {
      going = client.Say("250 well");
    }
  }
}

void MailSink::Take(const std::string& mail) {
  if (on_mail_) on_mail_(mail);
  std::lock_guard lock(mutex_);
  ++mails_;
  last_ = mail;
  changed_.notify_all();
}

void MailSink::Hold() {
  std::lock_guard lock(mutex_);
  held_ = true;
}

void MailSink::Open() {
  std::lock_guard lock(mutex_);
  held_ = false;
  changed_.notify_all();
}

uint64_t MailSink::mails() const {
  std::lock_guard lock(mutex_);
  return mails_;
}

bool MailSink::WaitForMails(uint64_t count, double patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::duration<double>(patience),
                           [&] { return mails_ >= count; });
}

std::string MailSink::last() const {
  std::lock_guard lock(mutex_);
  return last_;
}

std::string LinkTokenIn(const std::string& mail) {
  const std::string text = Unfolded(mail);
  const std::string mark = "/recover#t=";
  const size_t at = text.find(mark);
  if (at == std::string::npos) return {};
  const std::string written = text.substr(at + mark.size(), kTokenText);
  std::string token(kTokenBytes, '\0');
  size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(token.data()), token.size(),
                        written.data(), written.size(), nullptr, &size, nullptr,
                        sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
      size != kTokenBytes) {
    return {};
  }
  return token;
}

std::string RecipientOf(const std::string& mail) {
  const std::string mark = "\r\nTo: <";
  const size_t at = mail.find(mark);
  if (at == std::string::npos) return {};
  const size_t begin = at + mark.size();
  return mail.substr(begin, mail.find('>', begin) - begin);
}

}  // namespace latchkey::bench
