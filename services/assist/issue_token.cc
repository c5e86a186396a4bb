// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <utility>

#include "crypto/token.h"
#include "services/assist/assist.h"
#include "services/assist/notify.h"
#include "services/cases/presence.h"
#include "services/ledger/cases.h"
#include "services/ledger/journal.h"
#include "services/ledger/tokens.h"

namespace latchkey::assist {
namespace {

// Who asks for a token, by which act.
struct Asked {
  const ledger::StoreContext& context;
  const Rules& rules;
  const model::Staff& staff;
  const cases::Named& named;
};

// The customer was here: a document was inspected, and a code that went to the customer's own
// address was said.
Result<cases::Attended> AttendWithBothProofs(ledger::Transaction& tx, const Asked& asked) {
  const ledger::StoreContext& context = asked.context;
  LATCHKEY_ASSIGN(auto attended,
                  cases::Attend(tx, context, asked.staff, asked.named.act.case_reference));
  if (attended.account.state == model::AccountState::kFrozen)
    return Fail(Reason::kStopped, "the account is frozen");
  if (attended.account.state == model::AccountState::kClosed)
    return Fail(Reason::kNotFound, "the account is closed");
  LATCHKEY_ASSIGN(const auto presence, cases::LoadPresence(tx, context.keys, attended.account,
                                                           attended.facts, context.clock.Now()));
  if (!presence.both()) return Fail(Reason::kMoreProof, "document and code are needed");
  return attended;
}

// The token and until when, as it is kept for a repeat.
Secret Packed(const Secret& digits, TimePoint expires_at) {
  std::string packed;
  packed.reserve(2 * crypto::kAssistedDigits + 8);  // growing would leave a copy behind
  packed.append(digits.Reveal()).append(std::to_string(ToUnixMillis(expires_at)));
  return Secret::Adopt(packed);
}
IssuedToken Unpacked(const Secret& packed, cases::View updated) {
  const std::string until(packed.Reveal().substr(crypto::kAssistedDigits));
  return {.digits = Secret(packed.Reveal().substr(0, crypto::kAssistedDigits)),
          .expires_at = FromUnixMillis(std::stoll(until)),
          .updated = std::move(updated)};
}

// kUsed when the token issued then was used, or another took its place.
Done CheckStillGood(ledger::Transaction& tx, const cases::Attended& attended, TimePoint issued_at,
                    TimePoint now) {
  const ledger::TokenGroup group{.account_id = attended.account.id,
                                 .purpose = model::TokenPurpose::kAssisted,
                                 .case_id = attended.facts.id};
  LATCHKEY_ASSIGN(const bool live,
                  ledger::HasLiveToken(tx, group, attended.account.security_epoch, now));
  LATCHKEY_ASSIGN(const int64_t since, ledger::CountTokens(tx, group, issued_at - Millis(1)));
  return live && since == 1 ? Done() : Done(Fail(Reason::kUsed, "the token is good no more"));
}

// The deed itself, all or nothing (Law 2).
Result<CaseId> Issue(ledger::Transaction& tx, const Asked& asked, const Secret& digits,
                     TimePoint now) {
  const ledger::StoreContext& context = asked.context;
  const TimePoint expires_at = now + asked.rules.token_lifetime;
  LATCHKEY_ASSIGN(const auto attended, AttendWithBothProofs(tx, asked));
  const CaseId case_id = attended.facts.id;
  LATCHKEY_TRY(
      cases::Keep(tx, context, asked.staff, case_id, asked.named, Packed(digits, expires_at)));
  // First, because it takes the account's chain: of two officers at once the later one then sees
  // the token of the other.
  LATCHKEY_TRY(ledger::Append(tx, context,
                              {.account_id = attended.account.id,
                               .event = model::Event::kAssistedTokenIssued,
                               .channel = model::Channel::kBranch,
                               .staff_id = asked.staff.id,
                               .case_id = case_id,
                               .details = attended.reason}));
  // One live token for a customer: a slip of paper from before is worth nothing from now on.
  LATCHKEY_TRY(ledger::KillAssistedTokens(tx, attended.account.id, now));
  LATCHKEY_TRY(ledger::InsertToken(tx, context,
                                   {.purpose = model::TokenPurpose::kAssisted,
                                    .account_id = attended.account.id,
                                    .case_id = case_id,
                                    .security_epoch = attended.account.security_epoch,
                                    .expires_at = expires_at},
                                   digits));
  LATCHKEY_TRY(TellEverybody(tx, context, asked.rules, attended, courier::Happened::kTokenIssued));
  LATCHKEY_TRY(ledger::EndWaiting(tx, case_id));
  return case_id;
}

// What this very request issued before, packed, if it is still good: the customer may have been at
// the telephone since, and stopped everything.
Result<Secret> LoadIssued(ledger::Transaction& tx, const Asked& asked) {
  LATCHKEY_ASSIGN(const auto attended, AttendWithBothProofs(tx, asked));
  LATCHKEY_ASSIGN(auto issued, cases::FindEarlier(tx, asked.context, asked.staff, asked.named));
  if (!issued) return Fail(Reason::kUsed, "it was issued ten minutes ago");
  const TimePoint expires_at = Unpacked(issued->answer, {}).expires_at;
  LATCHKEY_TRY(CheckStillGood(tx, attended, expires_at - asked.rules.token_lifetime,
                              asked.context.clock.Now()));
  return std::move(issued->answer);
}

}  // namespace

Result<IssuedToken> Assist::IssueToken(const model::Staff& staff, const cases::Act& act) {
  const cases::Named named{.method = "IssueToken", .act = act};
  const Asked asked{context_, rules_, staff, named};
  const Secret digits = crypto::NewCode(context_.random, crypto::kAssistedDigits);
  const TimePoint now = context_.clock.Now();
  bool is_new = false;
  const auto act_once = [&]() -> Result<CaseId> {
    // Looked at first, so that a premature attempt takes nothing from the person's quota.
    LATCHKEY_TRY(
        ledger_.Query([&](ledger::Transaction& tx) { return AttendWithBothProofs(tx, asked); }));
    LATCHKEY_TRY(TakeFrom(rules_.tokens, "tokens", staff.id.value));
    auto issued =
        ledger_.Transact([&](ledger::Transaction& tx) { return Issue(tx, asked, digits, now); });
    is_new = issued.ok();
    return issued;
  };
  LATCHKEY_ASSIGN(const CaseId id, cases::Once(ledger_, context_, staff, named, act_once));
  if (is_new) {
    LATCHKEY_ASSIGN(auto updated, cases_.Read(id));
    return IssuedToken{.digits = digits.Copy(),
                       .expires_at = now + rules_.token_lifetime,
                       .updated = std::move(updated)};
  }
  LATCHKEY_ASSIGN(const Secret kept,
                  ledger_.Query([&](ledger::Transaction& tx) { return LoadIssued(tx, asked); }));
  LATCHKEY_ASSIGN(auto updated, cases_.Read(id));
  return Unpacked(kept, std::move(updated));
}

}  // namespace latchkey::assist
