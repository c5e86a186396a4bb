// SPDX-License-Identifier: Apache-2.0
#include "services/courier/relay.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstring>
#include <memory>
#include <mutex>
#include <utility>

#include "services/base/shapes.h"
#include "services/courier/address.h"

namespace latchkey::courier {
namespace {

// New names, certificates and addresses of a relay are seen after this at the latest.
constexpr long kLongestLineSeconds = 600;

struct EndList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

bool IsLoopback(std::string_view host) {
  return host == "localhost" || host == "::1" || (host.starts_with("127.") && IsHostName(host));
}

// Where a conversation is. What a failure means depends on it.
enum class Phase { kGreeting, kSender, kRecipient, kContent };

// Follows the conversation from libcurl's trace: the phase, the last status, and whether the
// content was handed over. Keeps nothing else: the trace holds credentials and the message.
struct Watch {
  Phase phase = Phase::kGreeting;
  std::string status;  // "250", "550 5.1.1"
  std::string_view rest;
  bool handed_over = false;
  bool answered = false;  // after the hand-over
  bool finished = false;  // the good-bye is no answer
};

bool StartsWithNoCase(std::string_view text, std::string_view start) {
  return text.size() >= start.size() &&
         std::equal(start.begin(), start.end(), text.begin(), [](char a, char b) {
           return a == std::toupper(static_cast<unsigned char>(b));
         });
}

// "550 5.1.1" of "550 5.1.1 <anna@…> is unknown": digits and dots, nothing that the other side
// chose to say.
std::string StatusOf(std::string_view line) {
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (line.size() < 3 || !std::all_of(line.begin(), line.begin() + 3, digit)) return {};
  std::string status(line.substr(0, 3));
  if (line.size() < 9 || !digit(line[4]) || line[5] != '.') return status;
  size_t end = 4;
  while (end < line.size() && end < 14 && (digit(line[end]) || line[end] == '.')) ++end;
  return status + " " + std::string(line.substr(4, end - 4));
}

int Follow(CURL*, curl_infotype type, char* data, size_t size, void* keeper) {
  Watch& watch = *static_cast<Watch*>(keeper);
  const std::string_view line(data, size);
  if (type == CURLINFO_HEADER_OUT) {
    if (StartsWithNoCase(line, "QUIT")) watch.finished = true;
    if (StartsWithNoCase(line, "MAIL")) {
      watch.phase = Phase::kSender;
      watch.finished = false;  // what was finished was another line
    }
    if (StartsWithNoCase(line, "RCPT")) watch.phase = Phase::kRecipient;
    if (StartsWithNoCase(line, "DATA")) watch.phase = Phase::kContent;
  } else if (type == CURLINFO_HEADER_IN && !watch.finished) {
    std::string status = StatusOf(line);
    if (!status.empty()) watch.status = std::move(status);
    if (watch.handed_over) watch.answered = true;
  }
  return 0;
}

size_t ReadMail(char* out, size_t size, size_t count, void* keeper) {
  Watch& watch = *static_cast<Watch*>(keeper);
  const size_t taken = std::min(size * count, watch.rest.size());
  std::memcpy(out, watch.rest.data(), taken);
  watch.rest.remove_prefix(taken);
  // From here on the relay may have it all.
  if (watch.rest.empty()) watch.handed_over = true;
  return taken;
}

bool Begins(const std::string& status, char first) { return !status.empty() && status[0] == first; }

// RFC 5321, section 4.2.1, and RFC 3463 for the second part of the status.
Handover Classify(CURLcode code, const Watch& watch, const std::string& name) {
  const std::string note = name + (watch.status.empty() ? std::string() : " " + watch.status);
  if (code == CURLE_OK) return {{Fate::kAccepted, note}, false};
  if (watch.handed_over && !watch.answered) {
    return {{Fate::kUnknown, name + " took the message and gave no answer"}, false};
  }
  const bool about_message = watch.phase == Phase::kRecipient || watch.phase == Phase::kContent;
  if (about_message && Begins(watch.status, '5') && code != CURLE_OPERATION_TIMEDOUT) {
    // 5.7 is policy: a relay that does not relay for us says so too, and no message may be lost by
    // that.
    if (watch.status.find(" 5.7") != std::string::npos) return {{Fate::kTemporary, note}, true};
    return {{Fate::kPermanent, note}, false};
  }
  if (about_message && Begins(watch.status, '4') && !watch.status.starts_with("421")) {
    return {{Fate::kTemporary, note}, false};
  }
  return {{Fate::kTemporary, note + ": " + curl_easy_strerror(code)}, true};
}

std::string UrlOf(const RelayOptions& relay, const std::string& helo) {
  const bool v6 = relay.host.find(':') != std::string::npos;
  return std::string(relay.tls == RelayTls::kImplicit ? "smtps://" : "smtp://") + (v6 ? "[" : "") +
         relay.host + (v6 ? "]:" : ":") + std::to_string(relay.port) + "/" + helo;
}

void SetSecurity(CURL* handle, const RelayOptions& relay) {
  if (relay.tls == RelayTls::kNone) {
    curl_easy_setopt(handle, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_NONE));
  } else {
    curl_easy_setopt(handle, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
    curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    if (!relay.authority.empty()) {
      curl_easy_setopt(handle, CURLOPT_CAINFO, relay.authority.c_str());
      curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
    }
  }
  if (!relay.user.empty()) {
    curl_easy_setopt(handle, CURLOPT_USERNAME, relay.user.c_str());
    curl_easy_setopt(handle, CURLOPT_PASSWORD, std::string(relay.password.Reveal()).c_str());
  }
}

CURL* NewHandle() {
  static std::once_flag started;
  std::call_once(started, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  return curl_easy_init();
}

void SetConversation(CURL* handle, const RelayOptions& relay, const std::string& helo,
                     Watch& watch) {
  curl_easy_setopt(handle, CURLOPT_URL, UrlOf(relay, helo).c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(handle, CURLOPT_PROXY, "");  // no proxy from the environment
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_MAXLIFETIME_CONN, kLongestLineSeconds);
  curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(handle, CURLOPT_READFUNCTION, &ReadMail);
  curl_easy_setopt(handle, CURLOPT_READDATA, &watch);
  curl_easy_setopt(handle, CURLOPT_VERBOSE, 1L);
  curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, &Follow);
  curl_easy_setopt(handle, CURLOPT_DEBUGDATA, &watch);
  SetSecurity(handle, relay);
}

void SetPatience(CURL* handle, Millis timeout) {
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(timeout.count() / 2));
}

// Whether the relay only had enough of a line that was used before: then nobody has the message,
// and nothing is wrong with the relay.
bool WasHungUp(CURL* handle, CURLcode code, const Watch& watch) {
  long connects = 0;
  curl_easy_getinfo(handle, CURLINFO_NUM_CONNECTS, &connects);
  return connects == 0 && code != CURLE_OPERATION_TIMEDOUT && watch.phase != Phase::kContent &&
         (watch.status.empty() || watch.status.starts_with("421"));
}

// After a failure. libcurl would use some lines again, on which a relay that hung would hang the
// next message too; and to end one it says good-bye, and waits two minutes for the answer of a
// relay that has stopped answering.
void HangUp(CURL* handle) {
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, &socket);
  if (socket != CURL_SOCKET_BAD) ::shutdown(socket, SHUT_RDWR);
}

}  // namespace

Done CheckRelay(const RelayOptions& relay) {
  if (!IsHost(relay.host)) return Malformed("host", "a host name or an address");
  if (relay.port == 0) return Malformed("port", "1 to 65535");
  if (relay.tls == RelayTls::kNone && !IsLoopback(relay.host)) {
    return Malformed("tls", "mail leaves this machine under TLS only");
  }
  std::error_code error;
  if (!relay.authority.empty() && !std::filesystem::is_regular_file(relay.authority, error)) {
    return Malformed("authority", "the file cannot be found");
  }
  return {};
}

RelayLine::RelayLine(const RelayOptions& relay, std::string helo)
    : relay_(relay), helo_(std::move(helo)), handle_(NewHandle()) {}

RelayLine::~RelayLine() { curl_easy_cleanup(handle_); }

Handover RelayLine::HandOver(const Envelope& envelope, Millis timeout) {
  // The second look at the addresses, whoever made them (attack I03).
  if (!IsMailAddress(envelope.from) || !IsMailAddress(envelope.to)) {
    return {{Fate::kPermanent, "not a plain mail address"}, false};
  }
  const std::string to = "<" + std::string(envelope.to) + ">";
  std::unique_ptr<curl_slist, EndList> recipients(curl_slist_append(nullptr, to.c_str()));
  if (handle_ == nullptr || recipients == nullptr)
    return {{Fate::kTemporary, "out of memory"}, false};

  const auto started = std::chrono::steady_clock::now();
  const std::string name = relay_.host + ":" + std::to_string(relay_.port);
  Watch watch;
  CURLcode code = CURLE_OK;
  for (const bool fresh : {false, true}) {
    watch = Watch();
    watch.rest = envelope.mail;
    SetConversation(handle_, relay_, helo_, watch);
    curl_easy_setopt(handle_, CURLOPT_MAIL_FROM, ("<" + std::string(envelope.from) + ">").c_str());
    curl_easy_setopt(handle_, CURLOPT_MAIL_RCPT, recipients.get());
    curl_easy_setopt(handle_, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
    const auto gone =
        std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - started);
    SetPatience(handle_, std::max(timeout - gone, Millis(1)));
    code = curl_easy_perform(handle_);
    if (code == CURLE_OK || !WasHungUp(handle_, code, watch)) break;
  }
  const Handover result = Classify(code, watch, name);
  if (code != CURLE_OK) HangUp(handle_);
  // Nothing of this message stays with the line, `watch` least of all.
  curl_easy_reset(handle_);
  if (code != CURLE_OK) {
    curl_easy_cleanup(handle_);
    handle_ = NewHandle();
  }
  return result;
}

}  // namespace latchkey::courier
