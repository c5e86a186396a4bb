// SPDX-License-Identifier: Apache-2.0
#include "services/operator/doctor_relay.h"

#include <curl/curl.h>

#include <memory>
#include <string>

#include "crypto/private_file.h"

namespace latchkey::operate {
namespace {

constexpr long kPatienceMs = 5000;
constexpr size_t kLongestCredentials = 4096;

struct Credentials {
  std::string user;
  Secret password;
};

Result<Credentials> ReadCredentials(const std::filesystem::path& path) {
  LATCHKEY_ASSIGN(Secret file, crypto::ReadPrivateFile(path, kLongestCredentials));
  std::string_view text = file.Reveal();
  size_t end = text.find('\n');
  if (end == text.npos) {
    return Malformed("credentials_file",
                     path.string() + ": the first line is the user, the second the password");
  }
  std::string_view password = text.substr(end + 1);
  return Credentials{std::string(text.substr(0, end)),
                     Secret(password.substr(0, password.find('\n')))};
}

// In words that say what to do; curl's own where it is none of what mostly happens.
std::string InWords(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return "there is no host of that name; check host, and this machine's DNS";
    case CURLE_COULDNT_CONNECT:
      return "nothing answers there; check host and port, and the firewalls between";
    case CURLE_OPERATION_TIMEDOUT:
      return "gave no answer within 5 seconds; check host, port and tls";
    case CURLE_PEER_FAILED_VERIFICATION:
      return "its certificate is of another name, or of an authority that is not trusted here; "
             "check host, and name the file of that authority as authority";
    case CURLE_SSL_CACERT_BADFILE:
      return "the file that authority names cannot be read; name the certificate of who signed "
             "the relay's";
    case CURLE_USE_SSL_FAILED:
      return "offers no STARTTLS, and nothing is sent without TLS; check port and tls";
    case CURLE_LOGIN_DENIED:
      return "refuses the user or the password; check credentials_file";
    default:
      return std::string(curl_easy_strerror(code)) +
             "; check host, port, tls, authority and credentials_file";
  }
}

size_t Swallow(char*, size_t size, size_t count, void*) { return size * count; }

}  // namespace

Done GreetRelay(const Config::Relay& relay) {
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), curl_easy_cleanup);
  if (curl == nullptr) return Fail(Reason::kInternal, "libcurl does not start");
  bool implicit = relay.tls == Config::Relay::Tls::kImplicit;
  std::string url =
      (implicit ? "smtps://" : "smtp://") + relay.host + ":" + std::to_string(relay.port);
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, kPatienceMs);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, Swallow);
  curl_easy_setopt(curl.get(), CURLOPT_NOBODY, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CUSTOMREQUEST,
                   "NOOP");  // greeting, TLS and authentication, and no message
  if (!relay.authority.empty())
    curl_easy_setopt(curl.get(), CURLOPT_CAINFO, relay.authority.c_str());
  if (!relay.credentials_file.empty()) {
    LATCHKEY_ASSIGN(Credentials credentials, ReadCredentials(relay.credentials_file));
    curl_easy_setopt(curl.get(), CURLOPT_USERNAME, credentials.user.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_PASSWORD,
                     std::string(credentials.password.Reveal()).c_str());
  }
  CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK) return Fail(Reason::kUnavailable, InWords(code));
  return {};
}

}  // namespace latchkey::operate
