// SPDX-License-Identifier: Apache-2.0
// HTTP/2 written byte by byte over mutual TLS, for what no gRPC library would send.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/openssl_handles.h"
#include "services/base/check.h"

namespace latchkey::attacks {

// PEM texts; an empty certificate brings none.
struct TlsClient {
  std::string authority;
  std::string certificate;
  std::string key;
};

// One connection. Reading waits at most ten seconds for a byte; then the peer counts as silent.
class RawH2 {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;
  enum Type : uint8_t {
    kData,
    kHeaders,
    kPriority,
    kReset,
    kSettings,
    kPush,
    kPing,
    kGoAway,
    kWindow,
    kContinuation
  };
  static constexpr uint8_t kEndStream = 1, kEndHeaders = 4;

  struct Frame {
    uint8_t type = 0;
    uint8_t flags = 0;
    uint32_t stream = 0;
    std::string payload;
  };

  RawH2(int port, const TlsClient& client) : context_(SSL_CTX_new(TLS_client_method())) {
    std::signal(SIGPIPE, SIG_IGN);  // a peer that hangs up is an answer
    Trust(client);
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    timeval patience{10, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    const int at_once = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    LATCHKEY_CHECK(::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
    tls_.reset(SSL_new(context_.get()));
    SSL_set_fd(tls_.get(), socket_);
    SSL_set_tlsext_host_name(tls_.get(), "localhost");
    const unsigned char protocols[] = {2, 'h', '2'};
    SSL_set_alpn_protos(tls_.get(), protocols, sizeof protocols);
    open_ = SSL_connect(tls_.get()) == 1;
    ERR_clear_error();
  }
  ~RawH2() {
    tls_.reset();
    ::close(socket_);
  }
  RawH2(const RawH2&) = delete;
  RawH2& operator=(const RawH2&) = delete;

  // Under TLS 1.3 a refused certificate shows only when something is read.
  bool open() const { return open_; }
  // Asks for headers that are spelled out: no table is kept for them.
  void Hello(std::string_view settings = std::string_view("\0\1\0\0\0\0", 6)) {
    Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + FrameOf(kSettings, 0, 0, settings));
  }
  // The same, and takes note of the server's limits: they bind from then on. Gives them by number.
  std::map<int, uint32_t> Greet() {
    Hello();
    while (const auto frame = Read()) {
      if (frame->type != kSettings || frame->flags != 0) continue;
      Send(FrameOf(kSettings, 1, 0, {}));
      return SettingsIn(frame->payload);
    }
    return {};
  }
  void Send(std::string_view bytes) {
    while (open_ && !bytes.empty()) {
      const int sent = SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
      if (sent <= 0)
        open_ = false;
      else
        bytes.remove_prefix(static_cast<size_t>(sent));
    }
    ERR_clear_error();
  }

  static std::string FrameOf(Type type, uint8_t flags, uint32_t stream, std::string_view payload) {
    std::string frame = Big(payload.size(), 3);
    frame += static_cast<char>(type);
    frame += static_cast<char>(flags);
    return frame + Big(stream, 4) + std::string(payload);
  }
  // Every field a literal that is never indexed (RFC 7541, 6.2.3), without Huffman codes.
  static std::string Block(const Fields& fields) {
    std::string block;
    for (const auto& [name, value] : fields) block += '\x10' + Text(name) + Text(value);
    return block;
  }
  static std::string Text(std::string_view text) {
    if (text.size() < 127) return static_cast<char>(text.size()) + std::string(text);
    std::string size(1, '\x7f');
    for (size_t rest = text.size() - 127;; rest >>= 7) {
      size += static_cast<char>(rest < 128 ? rest : (rest & 127) | 128);
      if (rest < 128) return size + std::string(text);
    }
  }
  // A message as gRPC frames it (length-prefixed, not compressed unless said).
  static std::string Message(std::string_view bytes, bool compressed = false) {
    return static_cast<char>(compressed) + Big(bytes.size(), 4) + std::string(bytes);
  }
  // In frames of the size that every peer takes (RFC 9113, 4.2).
  static std::string DataOf(uint32_t stream, std::string_view bytes) {
    std::string frames;
    do {
      const std::string_view piece = bytes.substr(0, 16'000);
      bytes.remove_prefix(piece.size());
      frames += FrameOf(kData, bytes.empty() ? kEndStream : 0, stream, piece);
    } while (!bytes.empty());
    return frames;
  }
  static Fields Call(const std::string& path) {
    return {{":method", "POST"}, {":scheme", "https"},
            {":path", path},     {":authority", "localhost"},
            {"te", "trailers"},  {"content-type", "application/grpc"}};
  }
  static std::string Big(uint64_t number, int bytes) {
    std::string text;
    for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(number >> (8 * i));
    return text;
  }
  static uint32_t NumberIn(std::string_view big) {
    uint32_t number = 0;
    for (const char byte : big) number = number << 8 | static_cast<uint8_t>(byte);
    return number;
  }
  static std::map<int, uint32_t> SettingsIn(std::string_view payload) {
    std::map<int, uint32_t> settings;
    for (; payload.size() >= 6; payload.remove_prefix(6))
      settings[static_cast<int>(NumberIn(payload.substr(0, 2)))] = NumberIn(payload.substr(2, 4));
    return settings;
  }

  // The next frame; nullopt when the peer has closed or is silent.
  std::optional<Frame> Read() {
    const std::string head = Take(9);
    if (head.size() < 9) return std::nullopt;
    return Frame{.type = static_cast<uint8_t>(head[3]),
                 .flags = static_cast<uint8_t>(head[4]),
                 .stream = NumberIn(head.substr(5)) & 0x7fffffff,
                 .payload = Take(NumberIn(head.substr(0, 3)))};
  }

  struct Answer {
    std::optional<int> grpc_status;  // of the trailers
    std::string headers;             // as they came; the static table's own entries not spelled out
    std::string data;
    bool reset = false;
    bool closed = false;
  };
  // Reads until the stream ends. Answers PING and SETTINGS as a good client does.
  Answer ReadAnswer(uint32_t stream) {
    Answer answer;
    while (const auto frame = Read()) {
      if (frame->type == kSettings && frame->flags == 0) Send(FrameOf(kSettings, 1, 0, {}));
      if (frame->type == kPing && frame->flags == 0) Send(FrameOf(kPing, 1, 0, frame->payload));
      if (frame->type == kGoAway) answer.closed = true;
      if (frame->stream != stream) continue;
      if (frame->type == kReset) answer.reset = true;
      if (frame->type == kData) answer.data += frame->payload;
      if (frame->type == kHeaders || frame->type == kContinuation) answer.headers += frame->payload;
      if (answer.reset || (frame->flags & kEndStream) != 0) {
        answer.grpc_status = StatusIn(answer.headers);
        return answer;
      }
    }
    answer.closed = true;
    return answer;
  }
  // One call from beginning to end.
  Answer Ask(const Fields& fields, std::string_view message, bool compressed = false) {
    const uint32_t stream = TakeStream();
    Send(FrameOf(kHeaders, kEndHeaders, stream, Block(fields)) +
         DataOf(stream, Message(message, compressed)));
    return ReadAnswer(stream);
  }
  uint32_t TakeStream() { return std::exchange(next_stream_, next_stream_ + 2); }

 private:
  struct EndContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  struct EndTls {
    void operator()(SSL* tls) const { SSL_free(tls); }
  };

  void Trust(const TlsClient& client) {
    using namespace crypto;
    auto bio = [](const std::string& text) {
      return BioHandle(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    };
    CertificateHandle root(
        PEM_read_bio_X509(bio(client.authority).get(), nullptr, nullptr, nullptr));
    LATCHKEY_CHECK(root != nullptr);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), root.get());
    if (client.certificate.empty()) return;
    const BioHandle chain = bio(client.certificate);
    CertificateHandle leaf(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr));
    KeyHandle key(PEM_read_bio_PrivateKey(bio(client.key).get(), nullptr, nullptr, nullptr));
    LATCHKEY_CHECK(SSL_CTX_use_certificate(context_.get(), leaf.get()) == 1);
    LATCHKEY_CHECK(SSL_CTX_use_PrivateKey(context_.get(), key.get()) == 1);
    while (X509* more = PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr))
      SSL_CTX_add_extra_chain_cert(context_.get(), more);
    ERR_clear_error();
  }

  std::string Take(size_t size) {
    std::string bytes(size, '\0');
    size_t have = 0;
    while (open_ && have < size) {
      const int got = SSL_read(tls_.get(), bytes.data() + have, static_cast<int>(size - have));
      if (got <= 0)
        open_ = false;
      else
        have += static_cast<size_t>(got);
    }
    ERR_clear_error();
    bytes.resize(have);
    return bytes;
  }

  // gRPC writes its trailers as plain literals: the name, the value's length, the digits.
  static std::optional<int> StatusIn(const std::string& headers) {
    const std::string name = "grpc-status";
    const size_t at = headers.find(name);
    if (at == std::string::npos || at + name.size() + 1 >= headers.size()) return std::nullopt;
    const auto size = static_cast<size_t>(headers[at + name.size()]);
    const std::string digits = headers.substr(at + name.size() + 1, size);
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos)
      return std::nullopt;
    return std::stoi(digits);
  }

  std::unique_ptr<SSL_CTX, EndContext> context_;
  std::unique_ptr<SSL, EndTls> tls_;
  int socket_ = -1;
  bool open_ = false;
  uint32_t next_stream_ = 1;
};

}  // namespace latchkey::attacks
