// SPDX-License-Identifier: Apache-2.0
#include "services/recovery/guessed.h"

#include <string>
#include <utility>
#include <vector>

#include "crypto/digest.h"
#include "crypto/token.h"
#include "services/ledger/intakes.h"
#include "services/ledger/journal.h"
#include "services/ledger/sessions.h"
#include "services/ledger/strangers.h"
#include "services/ledger/tokens.h"
#include "services/ledger/unknown_names.h"
#include "services/model/canonical.h"
#include "services/recovery/budget.h"
#include "services/recovery/standing.h"

namespace latchkey::recovery {
namespace {

using ledger::Transaction;

// Which codes a guess may be meant for: those that followed a branch token are for its handle only.
std::optional<CaseId> OnlyOf(const Guessed& guessed, model::TokenPurpose purpose) {
  if (purpose != model::TokenPurpose::kRecoveryCode) return std::nullopt;
  return guessed.case_id;
}

size_t DigitsOf(model::TokenPurpose purpose) {
  return purpose == model::TokenPurpose::kAssisted ? crypto::kAssistedDigits : crypto::kCodeDigits;
}

Result<Guessed> Resolve(const Parts& parts, model::Identifier identifier,
                        const Secret& device_token) {
  Guessed guessed{.identifier = std::move(identifier),
                  .account = {},
                  .stand_in = {},
                  .case_id = {},
                  .device = {},
                  .device_is_older = false};
  const TimePoint since = parts.store.clock.Now() - parts.rules.device_known;
  LATCHKEY_TRY(parts.ledger.Query([&](Transaction& tx) -> Done {
    LATCHKEY_ASSIGN(const auto nearest,
                    ledger::FindNearestAccount(tx, parts.store.keys, guessed.identifier));
    // For nobody the same statements, about somebody else; no device of theirs is known to them.
    guessed.stand_in = nearest.id;
    LATCHKEY_ASSIGN(auto looked_at, ledger::FindAccountById(tx, nearest.id));
    guessed.account = nearest.is_named ? std::move(looked_at) : std::nullopt;
    const AccountId account = guessed.account ? guessed.account->id : AccountId{};
    LATCHKEY_ASSIGN(ledger::Device device,
                    ledger::FindDevice(tx, parts.store.keys, account, device_token, since));
    guessed.device_is_older = device.is_older;
    guessed.device = std::move(device.digest);
    return {};
  }));
  return guessed;
}

// The lane of whoever holds a right branch token: no stranger is in it, so none can make it rest
// (Law 5). One for all handles of a case, so that redeeming again brings no fresh guesses (Law 4).
Bytes LaneOfCase(const Parts& parts, CaseId case_id) {
  return crypto::KeyedDigest(parts.store.keys.Current(crypto::KeyUse::kIdentifier),
                             {"latchkey code lane of a case v1"}, {crypto::Part(case_id.value)});
}

// The handle of a branch token that was right.
Result<Guessed> ResolveAssisted(const Parts& parts, const model::Token& handle,
                                const Secret& device_token) {
  Guessed guessed{.identifier = {},
                  .account = {},
                  .stand_in = handle.account_id,
                  .case_id = handle.case_id,
                  .device = {},
                  .device_is_older = false};
  const TimePoint since = parts.store.clock.Now() - parts.rules.device_known;
  LATCHKEY_TRY(parts.ledger.Query([&](Transaction& tx) -> Done {
    LATCHKEY_ASSIGN(guessed.account, ledger::FindAccountById(tx, handle.account_id));
    LATCHKEY_ASSIGN(
        ledger::Device device,
        ledger::FindDevice(tx, parts.store.keys, handle.account_id, device_token, since));
    // The branch token says more of its holder than a device from before the last reset.
    if (!device.is_older) guessed.device = std::move(device.digest);
    return {};
  }));
  if (guessed.device.empty()) guessed.device = LaneOfCase(parts, handle.case_id);
  return guessed;
}

}  // namespace

Result<Guessed> ResolveName(const Parts& parts, const std::string& typed,
                            const Secret& device_token) {
  auto identifier = model::CanonicalIdentifier(typed);
  return Resolve(parts,
                 identifier.ok()
                     ? std::move(*identifier)
                     : model::Identifier{.kind = model::IdentifierKind::kLogin, .text = typed},
                 device_token);
}

Result<Guessed> ResolveHandle(const Parts& parts, const Secret& handle,
                              const Secret& device_token) {
  const TimePoint now = parts.store.clock.Now();
  auto assisted = FindGenuineToken(parts, model::TokenPurpose::kHandle, handle);
  if (assisted.ok()) {
    // A dead one must not lend its case to a later recovery: whoever took it from a slip of paper
    // before a freeze would need only the mail after it.
    const bool dead = ToUnixMillis(assisted->used_at) != 0;
    if (dead || assisted->expires_at <= now) return Fail(Reason::kExpired);
    return ResolveAssisted(parts, *assisted, device_token);
  }
  if (assisted.reason() != Reason::kWrong) return assisted.failure();
  // The intake, whether a worker has been at it or not: so a handle says nothing about who was
  // meant.
  LATCHKEY_ASSIGN(auto intake, parts.ledger.Query([&](Transaction& tx) {
    return ledger::FindIntakeByHandle(tx, parts.store.keys, handle);
  }));
  if (intake) {
    if (intake->expires_at <= now) return Fail(Reason::kExpired);
    return Resolve(parts, std::move(intake->identifier), device_token);
  }
  // One that was never given out is a name that nobody has. What the lanes keep of it is a digest.
  return Resolve(parts, {.kind = model::IdentifierKind::kLogin, .text = ToHex(handle.Reveal())},
                 device_token);
}

Done SpendBudget(const Parts& parts, const Guessed& guessed, const model::Source& source) {
  if (!guessed.device.empty()) return {};
  return Spend(parts,
               signin::SourceBudgets(parts.store.keys, "code", source.address, parts.rules.codes),
               "too many codes in a short time");
}

signin::Guess GuessAt(const Guessed& guessed, signin::SecretKind kind,
                      const model::Source& source) {
  return {.subject = guessed.account ? signin::Subject::Customer(*guessed.account)
                                     : signin::Subject::UnknownName(guessed.identifier),
          .kind = kind,
          .source = source.address,
          .device = guessed.device,
          .device_is_older = guessed.device_is_older,
          // A branch token's code, typed at the form of a message, is wrong there and right here.
          .context = std::to_string(guessed.case_id.value)};
}

Result<std::optional<model::Token>> CompareCode(const Parts& parts, const signin::Counted&,
                                                const Guessed& guessed, model::TokenPurpose purpose,
                                                const Secret& digits) {
  const TimePoint now = parts.store.clock.Now();
  std::vector<ledger::CodeCandidate> candidates;
  LATCHKEY_TRY(parts.ledger.Transact([&](Transaction& tx) -> Done {
    candidates.clear();
    // The account as it is now: a frozen or closed one has no live code, whatever the rows say
    // (attack K09). For these and for nobody the same statements, about account 0 (attack E03).
    const AccountId id = guessed.account ? guessed.account->id : AccountId{};
    LATCHKEY_ASSIGN(auto account, ledger::FindAccountById(tx, id));
    const bool active = account && account->state == model::AccountState::kActive;
    LATCHKEY_ASSIGN(candidates,
                    ledger::ReserveTries(tx, parts.store.keys,
                                         {.account_id = active ? id : AccountId{},
                                          .purpose = purpose,
                                          .security_epoch = active ? account->security_epoch : 0,
                                          .now = now,
                                          .of_case = OnlyOf(guessed, purpose)}));
    if (!account) return ledger::CountUnknownName(tx, parts.store);
    return ledger::ImitateTry(tx, parts.store, !candidates.empty());
  }));
  // Anything but so many ASCII digits is a wrong guess, and counted like one (attack C04).
  if (!crypto::IsCode(digits.Reveal(), DigitsOf(purpose))) return std::optional<model::Token>();
  return ledger::MatchCode(parts.store.keys, candidates, digits);
}

Done NoteWrongCode(const Parts& parts, const Guessed& guessed, model::Channel channel,
                   std::string_view what) {
  return parts.ledger.Transact([&](Transaction& tx) -> Done {
    if (!guessed.account) return ledger::ImitateAppend(tx, parts.store, guessed.stand_in);
    return ledger::Append(tx, parts.store,
                          {.account_id = guessed.account->id,
                           .event = model::Event::kProofFailed,
                           .channel = channel,
                           .details = std::string(what)});
  });
}

}  // namespace latchkey::recovery
