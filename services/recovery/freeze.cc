// SPDX-License-Identifier: Apache-2.0
// Freeze: "this was not me". Ends everything that could be in strangers' hands, and puts the case
// before a person.
#include <utility>

#include "services/ledger/cases.h"
#include "services/ledger/journal.h"
#include "services/ledger/recoveries.h"
#include "services/ledger/sessions.h"
#include "services/ledger/tokens.h"
#include "services/recovery/notices.h"
#include "services/recovery/recovery.h"
#include "services/recovery/session.h"
#include "services/recovery/standing.h"

namespace latchkey::recovery {
namespace {

using ledger::Transaction;

// A link from a notice. It stops things and starts none, so neither a later reset nor a moved epoch
// takes it away: the notice of an attacker's first reset must still work after the second. It ends
// by use, by any freeze, and by time.
Done CheckLink(const Parts& parts, const model::Token& link, const model::Account& account) {
  if (link.expires_at <= parts.store.clock.Now()) return Fail(Reason::kExpired);
  const bool used = ToUnixMillis(link.used_at) != 0;
  // Pressed twice, it says the same twice.
  if (used && account.state != model::AccountState::kFrozen) return Fail(Reason::kUsed);
  return {};
}

Result<std::string> Write(Transaction& tx, const Parts& parts, const model::Token& proof,
                          const model::Source& source) {
  const TimePoint now = parts.store.clock.Now();
  const AccountId id = proof.account_id;
  if (proof.purpose == model::TokenPurpose::kFreezeLink) {
    LATCHKEY_ASSIGN(const model::Account account, ledger::LoadAccount(tx, id));
    LATCHKEY_TRY(CheckLink(parts, proof, account));
  } else {
    // Any proof will do for stopping; a session exists because one was given.
    LATCHKEY_ASSIGN([[maybe_unused]] const Standing live, LoadStanding(tx, parts, proof));
  }
  LATCHKEY_TRY(ledger::StopRecoveries(tx, id, now));
  // Two freezes at once: one changes the state, and the other finds it changed.
  LATCHKEY_ASSIGN(const bool frozen,
                  ledger::ChangeAccountState(tx, id, model::AccountState::kActive,
                                             model::AccountState::kFrozen));
  LATCHKEY_ASSIGN(const model::Account account, ledger::LoadAccount(tx, id));
  if (account.state == model::AccountState::kClosed) return Fail(Reason::kStopped);
  LATCHKEY_ASSIGN(auto open_case,
                  ledger::OpenOrJoinCase(tx, parts.store, id, {.channel = source.channel}));
  if (!frozen) return open_case.reference;

  LATCHKEY_ASSIGN(const bool moved, ledger::AdvanceSecurityEpoch(tx, id, account.security_epoch));
  LATCHKEY_CHECK(moved);  // its row is ours since the state changed
  LATCHKEY_TRY(ledger::KillTokens(tx, id, now));
  LATCHKEY_TRY(ledger::KillFreezeLinks(tx, id, now));
  // Each known device has guesses of its own, and one of them may be the stranger's.
  LATCHKEY_TRY(ledger::ForgetDevices(tx, id));
  LATCHKEY_TRY(ledger::MarkWaiting(tx, open_case.id, model::Event::kFrozen, now));
  LATCHKEY_TRY(ledger::Append(tx, parts.store,
                              {.account_id = id,
                               .event = model::Event::kFrozen,
                               .channel = source.channel,
                               .case_id = open_case.id,
                               .recovery_id = proof.recovery_id}));
  LATCHKEY_TRY(TellFrozen(tx, parts,
                          {.account_id = id,
                           .security_epoch = account.security_epoch + 1,
                           .recovery_id = proof.recovery_id,
                           .case_id = open_case.id,
                           .reference = open_case.reference,
                           .channel = source.channel}));
  return open_case.reference;
}

}  // namespace

Result<std::string> Freeze(const Parts& parts, const FreezeRequest& request) {
  LATCHKEY_ASSIGN(
      const model::Token proof,
      request.session.empty()
          ? FindGenuineToken(parts, model::TokenPurpose::kFreezeLink, request.link_token)
          : FindSession(parts, request.session));
  return parts.ledger.Transact([&](Transaction& tx) -> Result<std::string> {
    return Write(tx, parts, proof, request.source);
  });
}

}  // namespace latchkey::recovery
