// SPDX-License-Identifier: Apache-2.0
// A portal with a service that tests script, and a small browser that keeps cookies and reads
// forms.
#pragma once

#include <sodium.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clients/portal/portal.h"
#include "services/base/check.h"
#include "tests/unit/portal/forms.h"

namespace latchkey::portal {

// Answers at once with what the test set, and keeps what it was asked.
class FakeBackend : public Backend {
 public:
  template <typename Request, typename Response>
  struct Call {
    std::vector<Request> asked;
    std::optional<client::Refused> refused;
    Response response;
    void Answer(Request request, Then<Response> then) {
      asked.push_back(std::move(request));
      if (refused) return then(*refused);
      then(response);
    }
  };

  Call<v1::SignInRequest, v1::SignInResponse> sign_in;
  Call<v1::GetSessionRequest, v1::GetSessionResponse> get_session;
  Call<v1::SignOutRequest, v1::SignOutResponse> sign_out;
  Call<v1::BeginRequest, v1::BeginResponse> begin;
  Call<v1::OpenLinkRequest, v1::ProofResponse> open_link;
  Call<v1::SubmitCodeRequest, v1::ProofResponse> submit_code;
  Call<v1::RedeemAssistedRequest, v1::RedeemAssistedResponse> redeem;
  Call<v1::GetRecoveryRequest, v1::ProofResponse> get_recovery;
  Call<v1::SetPasswordRequest, v1::SetPasswordResponse> set_password;
  Call<v1::UnlockRequest, v1::UnlockResponse> unlock;
  Call<v1::FreezeRequest, v1::FreezeResponse> freeze;
  Call<v1::AskForPersonRequest, v1::AskForPersonResponse> ask;

  // Calls that may change something; GetSession and GetRecovery only look.
  size_t changing_calls() const {
    return sign_in.asked.size() + sign_out.asked.size() + begin.asked.size() +
           open_link.asked.size() + submit_code.asked.size() + redeem.asked.size() +
           set_password.asked.size() + unlock.asked.size() + freeze.asked.size() + ask.asked.size();
  }

  void SignIn(v1::SignInRequest q, Then<v1::SignInResponse> t) override {
    sign_in.Answer(std::move(q), std::move(t));
  }
  void GetSession(v1::GetSessionRequest q, Then<v1::GetSessionResponse> t) override {
    get_session.Answer(std::move(q), std::move(t));
  }
  void SignOut(v1::SignOutRequest q, Then<v1::SignOutResponse> t) override {
    sign_out.Answer(std::move(q), std::move(t));
  }
  void Begin(v1::BeginRequest q, Then<v1::BeginResponse> t) override {
    begin.Answer(std::move(q), std::move(t));
  }
  void OpenLink(v1::OpenLinkRequest q, Then<v1::ProofResponse> t) override {
    open_link.Answer(std::move(q), std::move(t));
  }
  void SubmitCode(v1::SubmitCodeRequest q, Then<v1::ProofResponse> t) override {
    submit_code.Answer(std::move(q), std::move(t));
  }
  void RedeemAssisted(v1::RedeemAssistedRequest q, Then<v1::RedeemAssistedResponse> t) override {
    redeem.Answer(std::move(q), std::move(t));
  }
  void GetRecovery(v1::GetRecoveryRequest q, Then<v1::ProofResponse> t) override {
    get_recovery.Answer(std::move(q), std::move(t));
  }
  void SetPassword(v1::SetPasswordRequest q, Then<v1::SetPasswordResponse> t) override {
    set_password.Answer(std::move(q), std::move(t));
  }
  void Unlock(v1::UnlockRequest q, Then<v1::UnlockResponse> t) override {
    unlock.Answer(std::move(q), std::move(t));
  }
  void Freeze(v1::FreezeRequest q, Then<v1::FreezeResponse> t) override {
    freeze.Answer(std::move(q), std::move(t));
  }
  void AskForPerson(v1::AskForPersonRequest q, Then<v1::AskForPersonResponse> t) override {
    ask.Answer(std::move(q), std::move(t));
  }
};

class SodiumRandom final : public Random {
 public:
  void Fill(void* out, size_t size) override { randombytes_buf(out, size); }
};

inline client::Refused Refuse(v1::RefusalReason reason) {
  client::Refused refused;
  refused.refusal.set_reason(reason);
  return refused;
}

inline std::string Bytes32(char fill) { return std::string(32, fill); }

inline PortalConfig TestConfig() {
  PortalConfig config;
  config.share = PORTAL_SHARE;
  config.bank.name = "Test & Söhne Bank";
  config.bank.phone = "+49 30 1234 5678";
  config.bank.texts.phone_hours = "8 to 20";
  config.bank.texts.branch = "Main Street 1";
  config.bank.time_zone = "Europe/Berlin";
  return config;
}

// One bank's portal without a network.
struct World {
  explicit World(PortalConfig config = TestConfig()) {
    LATCHKEY_CHECK(sodium_init() >= 0);
    const int64_t soon = ToUnixMillis(clock.Now()) + 600'000;
    backend.sign_in.response.set_session_token(Bytes32('s'));
    backend.sign_in.response.set_device_token(Bytes32('d'));
    backend.sign_in.response.set_expires_at_unix_ms(soon);
    backend.get_session.response.set_display_name("Ada <b>Lovelace</b>");
    backend.get_session.response.set_login_name("ada");
    backend.get_session.response.set_idle_expires_at_unix_ms(soon);
    backend.begin.response.set_handle(Bytes32('h'));
    backend.begin.response.set_expires_at_unix_ms(soon);
    backend.redeem.response.set_handle(Bytes32('b'));
    backend.redeem.response.set_expires_at_unix_ms(soon);
    for (v1::ProofResponse* proof : {&backend.open_link.response, &backend.submit_code.response,
                                     &backend.get_recovery.response}) {
      proof->set_expires_at_unix_ms(soon);
      proof->set_may_set_password(true);
      proof->set_may_unlock(true);
      proof->set_min_password_characters(15);
      proof->set_intent(v1::INTENT_RESET);
      proof->set_reference("R-7K2M-9QXA");
    }
    backend.open_link.response.set_recovery_session(Bytes32('r'));
    backend.submit_code.response.set_recovery_session(Bytes32('r'));
    backend.set_password.response.set_reference("R-7K2M-9QXA");
    backend.unlock.response.set_reference("R-7K2M-9QXA");
    backend.freeze.response.set_reference("C-1234-ABCD");
    auto made = Portal::Make(std::move(config), Secret(Bytes32('k')), backend, clock, random);
    if (!made.ok()) std::fprintf(stderr, "%s\n", made.failure().detail.c_str());
    portal = std::move(made).value();
  }

  Response Send(Request request) {
    Response got;
    bool answered = false;
    portal->Handle(std::move(request), [&](Response response) {
      LATCHKEY_CHECK(!answered);
      got = std::move(response);
      answered = true;
    });
    LATCHKEY_CHECK(answered);
    return got;
  }

  ManualClock clock;
  SodiumRandom random;
  FakeBackend backend;
  std::unique_ptr<Portal> portal;
};

inline client::Refused RestsFor(World& world, Millis left) {
  client::Refused refused = Refuse(v1::REFUSAL_REASON_RESTING);
  refused.refusal.set_retry_at_unix_ms(ToUnixMillis(world.clock.Now() + left));
  refused.refusal.add_ways_on(v1::WAY_ON_WAIT);
  refused.refusal.add_ways_on(v1::WAY_ON_RECOVER_BY_MESSAGE);
  return refused;
}

class Browser {
 public:
  explicit Browser(World& world, std::string language = "en")
      : world_(world), language_(std::move(language)) {}

  Response Get(const std::string& path) { return Send(Make(Method::kGet, path)); }
  Response Head(const std::string& path) { return Send(Make(Method::kHead, path)); }

  // Opens the page, fills its form in and sends it.
  Response Submit(const std::string& page, Fields fields, const std::string& action = "") {
    const std::string& to = action.empty() ? page : action;
    const std::string form = FormTo(Get(page).body, to);
    const std::string once = HiddenField(form, "once");
    Fields all = {{"form", HiddenField(form, "form")}};
    if (!once.empty()) all.emplace_back("once", once);
    for (auto& field : fields) all.push_back(std::move(field));
    return Post(to, Encode(all));
  }
  Response Post(const std::string& path, const std::string& body) {
    Request request = Make(Method::kPost, path);
    request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
    request.headers.push_back({"Origin", "null"});
    request.headers.push_back({"Sec-Fetch-Site", "same-origin"});
    request.body = body;
    return Send(std::move(request));
  }

  Request Make(Method method, const std::string& path) {
    Request request;
    request.method = method;
    request.target = path;
    request.peer = "127.0.0.1";
    request.headers = {{"Host", "localhost:8080"}, {"Accept-Language", language_}};
    std::string line;
    for (const auto& [name, value] : cookies)
      line += (line.empty() ? "" : "; ") + name + "=" + value;
    if (!line.empty()) request.headers.push_back({"Cookie", line});
    return request;
  }

  Response Send(Request request) {
    Response response = world_.Send(std::move(request));
    for (const Header& header : response.headers) {
      if (header.name != "Set-Cookie") continue;
      const size_t equals = header.value.find('=');
      const std::string name = header.value.substr(0, equals);
      const std::string value =
          header.value.substr(equals + 1, header.value.find(';') - equals - 1);
      if (value.empty()) {
        cookies.erase(name);
      } else {
        cookies[name] = value;
      }
    }
    return response;
  }

  std::map<std::string, std::string> cookies;

 private:
  World& world_;
  std::string language_;
};

inline std::string LocationOf(const Response& response) {
  return std::string(response.Find("Location").value_or(""));
}

}  // namespace latchkey::portal
