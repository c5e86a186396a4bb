// SPDX-License-Identifier: Apache-2.0
// What customers do beside a member of staff.
#include "crypto/totp.h"
#include "tests/crash/kill/journey.h"

namespace latchkey::crash {
namespace {

using v1::Assist;
using v1::Recovery;

constexpr int kFailuresBeforeRest = 5;
constexpr Millis kTotpStep = std::chrono::seconds(30);
constexpr size_t kCodesToAnAddress = 3;
constexpr Millis kLongestVisit = std::chrono::minutes(5);

bool Is(const client::Refused& refused, v1::RefusalReason reason) {
  return refused.reason() == reason;
}

TimePoint Now() { return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now()); }
int64_t TotpStepNow() { return Now().time_since_epoch() / kTotpStep; }

}  // namespace

// One journey's hold on a teller.
class Journey::AtDesk {
 public:
  AtDesk(Load& load, Teller& teller) : load_(load), teller_(teller) {}
  ~AtDesk() { load_.GiveBack(teller_); }
  AtDesk(const AtDesk&) = delete;
  AtDesk& operator=(const AtDesk&) = delete;

 private:
  Load& load_;
  Teller& teller_;
};

// Each TOTP is tried once, as its answer may be lost; then the next one's, which is taken early.
void Journey::SignInTeller(Teller& teller) {
  if (Now() >= teller.renew_at) teller.session.clear();
  for (int failures = 0; teller.session.empty(); ++failures) {
    const int64_t step = TotpStepNow();
    const int64_t tried = std::max(step - 1, teller.last_step + 1);
    if (tried > step + 1 || failures >= kFailuresBeforeRest) {
      teller.gone = true;  // too often killed: not now any more
      throw Abandoned();
    }
    teller.last_step = tried;
    v1::SignInStaffRequest request;
    request.set_staff_login(teller.login);
    request.set_password(teller.password);
    request.set_totp(
        std::string(crypto::TotpAt(teller.totp_key, TimePoint(kTotpStep * tried)).Reveal()));
    auto in = AskOnce(Door::kBranch, &v1::Staff::Stub::SignInStaff, request);
    if (in.ok()) {
      teller.session = in.value().staff_session();
      teller.renew_at = FromUnixMillis(in.value().idle_expires_at_unix_ms()) - kLongestVisit;
    } else if (failures == 0 && !Is(in.refused(), v1::REFUSAL_REASON_BUSY) &&
               tried >= TotpStepNow() - 1) {  // it did not grow too old on its way
      BrokenBy("a teller cannot sign in", in);
    }
  }
}

void Journey::SendBranchCode(const std::string& session, const std::string& reference) {
  v1::SendCodeRequest request;
  request.set_staff_session(session);
  request.set_case_reference(reference);
  request.set_contact_index(1);
  request.set_idempotency_key(dice_.Bytes(16));
  auto sent = Insist<Assist::Stub, v1::SendCodeRequest, v1::Case>(
      Door::kBranch, &Assist::Stub::SendCode, [&] { return request; });
  // Each call that was cut off may have taken from the allowance; one code goes out.
  who_.branch_codes += 1 + sent.unknown;
  if (sent.answer.ok()) return Expect(0, kBranchCodeSubject, 1, 1);
  Expect(0, kBranchCodeSubject, 0, 0);
  const bool used_up = static_cast<size_t>(who_.branch_codes) > kCodesToAnAddress;
  if (!used_up || !Is(sent.answer.refused(), v1::REFUSAL_REASON_RESTING))
    BrokenBy("SendCode", sent.answer);
  throw Abandoned();
}

void Journey::CheckBranchCode(const std::string& session, const std::string& reference) {
  v1::CheckCodeRequest request;
  request.set_staff_session(session);
  request.set_case_reference(reference);
  request.set_code(AwaitLetter(0, kBranchCodeSubject).code);
  request.set_idempotency_key(dice_.Bytes(16));
  const std::function<v1::CheckCodeRequest()> make = [&] { return request; };
  auto checked = Insist(Door::kBranch, &Assist::Stub::CheckCode, make);
  if (!checked.answer.ok()) {
    // Each call that was cut off while it compared counts.
    if (checked.unknown < kFailuresBeforeRest)
      BrokenBy("a branch code was used up for nothing", checked.answer);
    throw Abandoned();
  }
  if (!dice_.OneIn(3)) return;
  request.set_idempotency_key(dice_.Bytes(16));
  auto again = Insist(Door::kBranch, &Assist::Stub::CheckCode, make);
  if (again.answer.ok()) Broken("a branch code succeeded twice");
}

std::string Journey::IssueToken(Teller& teller, const std::string& reference) {
  v1::IssueTokenRequest request;
  request.set_staff_session(teller.session);
  request.set_case_reference(reference);
  request.set_idempotency_key(dice_.Bytes(16));
  auto issued = Insist<Assist::Stub, v1::IssueTokenRequest, v1::IssueTokenResponse>(
      Door::kBranch, &Assist::Stub::IssueToken, [&] {
        ++teller.tokens;
        return request;
      });
  const bool ok = issued.answer.ok();
  for (size_t mail : {0, 1}) Expect(mail, kTokenSubject, ok ? 1 : 0, ok ? 1 : 0);
  if (ok) return issued.answer.value().token();
  const bool used_up = teller.tokens > 12;
  if (!used_up || !Is(issued.answer.refused(), v1::REFUSAL_REASON_RESTING))
    BrokenBy("IssueToken", issued.answer);
  throw Abandoned();
}

// The session that the branch token and the code that follows it give.
std::string Journey::RedeemToken(const std::string& token) {
  const std::string key = dice_.Bytes(16);
  auto begun = Insist<Recovery::Stub, v1::RedeemAssistedRequest, v1::RedeemAssistedResponse>(
      Door::kPortal, &Recovery::Stub::RedeemAssisted, [&] {
        v1::RedeemAssistedRequest request;
        request.set_customer_number(who_.number);
        request.set_token(token);
        request.set_idempotency_key(key);
        *request.mutable_source() = From();
        return request;
      });
  // With the same key there is one code, however often it was asked for.
  if (!begun.answer.ok()) {
    // Each call that was cut off while it compared counts.
    if (begun.unknown < kFailuresBeforeRest) BrokenBy("RedeemAssisted", begun.answer);
    Expect(0, kAssistedCodeSubject, 0, 1);
    throw Abandoned();
  }
  Expect(0, kAssistedCodeSubject, 1, 1);
  return ProveBy(begun.answer.value().handle(), AwaitLetter(0, kAssistedCodeSubject));
}

void Journey::ResetByBranch() {
  // All his codes come to one address: of a second visit they could not be told apart.
  Teller* free = who_.branch_codes > 0 ? nullptr : load_.TakeTeller();
  if (free == nullptr) return ResetByMessage();
  Teller& teller = *free;
  const AtDesk held(load_, teller);
  SignInTeller(teller);
  v1::FindCustomerRequest find;
  find.set_staff_session(teller.session);
  find.set_customer_number(who_.number);
  find.set_reason(v1::REASON_FORGOT_PASSWORD);
  auto found = Insist<Assist::Stub, v1::FindCustomerRequest, v1::Case>(
      Door::kBranch, &Assist::Stub::FindCustomer, [&] { return find; });
  if (!found.answer.ok()) {
    teller.gone = true;
    if (!Is(found.answer.refused(), v1::REFUSAL_REASON_RESTING))  // sixty an hour
      BrokenBy("a teller's session was forgotten, or a customer", found.answer);
    throw Abandoned();
  }
  const std::string reference = found.answer.value().reference();
  v1::RecordInspectionRequest inspect;
  inspect.set_staff_session(teller.session);
  inspect.set_case_reference(reference);
  inspect.set_document_kind(v1::DOCUMENT_KIND_PASSPORT);
  inspect.set_document_number_tail("47AB");
  inspect.set_idempotency_key(dice_.Bytes(16));
  auto inspected = Insist<Assist::Stub, v1::RecordInspectionRequest, v1::Case>(
      Door::kBranch, &Assist::Stub::RecordInspection, [&] { return inspect; });
  if (!inspected.answer.ok()) return BrokenBy("RecordInspection", inspected.answer);
  SendBranchCode(teller.session, reference);
  CheckBranchCode(teller.session, reference);
  const std::string token = IssueToken(teller, reference);
  if (dice_.OneIn(2)) AfterCrash();
  SetPassword(RedeemToken(token));
  SignIn(who_.password);
  ExpectNoSignIn(who_.old_password);
  const std::string key = dice_.Bytes(16);
  auto again = Insist<Recovery::Stub, v1::RedeemAssistedRequest, v1::RedeemAssistedResponse>(
      Door::kPortal, &Recovery::Stub::RedeemAssisted, [&] {
        v1::RedeemAssistedRequest request;
        request.set_customer_number(who_.number);
        request.set_token(token);
        request.set_idempotency_key(key);
        *request.mutable_source() = From();
        return request;
      });
  if (again.answer.ok()) Broken("a branch token succeeded twice");
}

}  // namespace latchkey::crash
