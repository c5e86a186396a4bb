// SPDX-License-Identifier: Apache-2.0
#include "services/recovery/standing.h"

#include <algorithm>
#include <string>
#include <utility>

#include "crypto/token.h"
#include "services/base/log.h"
#include "services/ledger/journal.h"
#include "services/ledger/recoveries.h"
#include "services/ledger/tokens.h"
#include "services/model/canonical.h"
#include "services/recovery/state.h"

namespace latchkey::recovery {
namespace {

using ledger::Transaction;
using model::Evidence;
using model::EvidenceKind;

// More than the scanners on one letter's way; a link may be opened as often as anybody likes.
constexpr int kSessionsOfARecovery = 20;

// Somebody wrote to the database by another door: worth waking people for.
void ReportAltered(const Parts& parts, TokenId id) {
  log::Error("token.altered", {{"token", id}});
  model::Entry entry{.event = model::Event::kProofFailed};
  entry.details = "token row " + std::to_string(id.value) + " was altered";
  Done done = parts.ledger.Transact(
      [&](Transaction& tx) -> Done { return ledger::Append(tx, parts.store, entry); });
  if (!done.ok()) log::Error("token.altered_not_journaled", {{"token", id}});
}

bool CountsFor(const Evidence& evidence, const model::Token& session,
               const model::Recovery& recovery) {
  if (!evidence.case_id) return evidence.recovery_id == recovery.id;
  if (evidence.case_id != session.case_id) return false;
  return evidence.recovery_id == recovery.id || evidence.kind == EvidenceKind::kDocumentInspected;
}

Result<unsigned> MinCharacters(Transaction& tx, const Parts& parts, const model::Account& account,
                               const proof::RulePack& pack) {
  LATCHKEY_ASSIGN(auto totp, ledger::FindAuthenticator(tx, parts.store.keys, account.id,
                                                       model::AuthenticatorKind::kTotp));
  const bool other_factor = totp && ToUnixMillis(totp->disabled_at) == 0;
  return other_factor ? std::max(pack.min_characters_beside, parts.rules.min_characters_beside)
                      : std::max(pack.min_characters_alone, parts.rules.min_characters_alone);
}

Result<Standing> Weigh(Transaction& tx, const Parts& parts, const model::Token& session,
                       model::Recovery recovery, model::Account account) {
  const TimePoint now = parts.store.clock.Now();
  const proof::RulePack& pack = proof::PackNamed(account.pack);
  LATCHKEY_ASSIGN(auto evidence, ledger::LoadEvidence(tx, parts.store.keys,
                                                      {.account_id = account.id,
                                                       .security_epoch = account.security_epoch,
                                                       .recovery_id = recovery.id,
                                                       .case_id = session.case_id},
                                                      now));
  std::erase_if(evidence,
                [&](const Evidence& piece) { return !CountsFor(piece, session, recovery); });
  LATCHKEY_ASSIGN(const unsigned least, MinCharacters(tx, parts, account, pack));
  LATCHKEY_ASSIGN(const bool unlocking_helps, HasPasswordInUse(tx, parts, account.id));
  const auto unlock = proof::Decide(pack, model::Intent::kUnlock, evidence, now);
  return Standing{.recovery = std::move(recovery),
                  .account = std::move(account),
                  .reset = proof::Decide(pack, model::Intent::kReset, evidence, now),
                  .may_unlock = unlock.enough && unlocking_helps,
                  .min_characters = least};
}

// The recovery of a token, its row taken, if it still lives.
struct Held {
  model::Recovery recovery;
  model::Account account;
};
Result<Held> Hold(Transaction& tx, const Parts& parts, const model::Token& token) {
  const TimePoint now = parts.store.clock.Now();
  LATCHKEY_ASSIGN(auto recovery, ledger::LockRecovery(tx, token.recovery_id));
  if (!recovery) return Fail(Reason::kExpired);
  LATCHKEY_ASSIGN(model::Account account, ledger::LoadAccount(tx, recovery->account_id));
  LATCHKEY_TRY(CheckLive(*recovery, account, now));
  if (token.security_epoch != account.security_epoch) return Fail(Reason::kStopped);
  if (token.expires_at <= now) return Fail(Reason::kExpired);
  if (ToUnixMillis(token.used_at) != 0) return Fail(Reason::kUsed);
  // States and epochs carry no MAC. Worth waking people for: rows were put back (attack D07).
  LATCHKEY_ASSIGN(const bool ended, ledger::SaysEnded(tx, account.id, recovery->id));
  if (ended) {
    log::Error("recovery.put_back", {{"recovery", recovery->id}});
    return Fail(Reason::kUsed);
  }
  return Held{std::move(*recovery), std::move(account)};
}

Result<std::optional<model::Contact>> FindContact(Transaction& tx, const Parts& parts,
                                                  AccountId account_id, ContactId contact_id) {
  LATCHKEY_ASSIGN(auto contacts, ledger::LoadContacts(tx, parts.store.keys, account_id));
  for (model::Contact& contact : contacts) {
    if (contact.id == contact_id) return std::optional(std::move(contact));
  }
  return std::optional<model::Contact>();
}

Done RecordEvidence(Transaction& tx, const Parts& parts, const Held& held,
                    const GivenProof& given) {
  const TimePoint now = parts.store.clock.Now();
  LATCHKEY_ASSIGN(auto fresh, ledger::LoadEvidence(tx, parts.store.keys,
                                                   {.account_id = held.account.id,
                                                    .security_epoch = held.account.security_epoch,
                                                    .recovery_id = held.recovery.id,
                                                    .case_id = {}},
                                                   now));
  for (const Evidence& piece : fresh) {
    // Opened before, perhaps by a scanner: it is the same fact, if it stays fresh for as long as
    // the session that opens now. Otherwise that session would end before its time.
    if (piece.kind == EvidenceKind::kIssuedCode && piece.contact_id == given.token.contact_id &&
        piece.fresh_until >= now + parts.rules.session)
      return {};
  }
  LATCHKEY_ASSIGN(auto contact, FindContact(tx, parts, held.account.id, given.token.contact_id));
  const proof::RulePack& pack = proof::PackNamed(held.account.pack);
  LATCHKEY_TRY(
      ledger::InsertEvidence(tx, parts.store,
                             {.id = {},
                              .account_id = held.account.id,
                              .security_epoch = held.account.security_epoch,
                              .recovery_id = held.recovery.id,
                              .case_id = {},
                              .kind = EvidenceKind::kIssuedCode,
                              .contact_id = given.token.contact_id,
                              .contact_settled = contact && MayReceive(*contact, held.account, now),
                              .channel = given.channel,
                              .staff_id = {},
                              .at = now,
                              .fresh_until = now + pack.evidence_fresh}));
  model::Entry entry{.account_id = held.account.id,
                     .event = model::Event::kProofGiven,
                     .channel = given.channel,
                     .case_id = given.case_id,
                     .recovery_id = held.recovery.id};
  if (contact) entry.details = model::MaskContact(contact->kind, contact->address);
  return ledger::Append(tx, parts.store, entry);
}

}  // namespace

Result<bool> HasPasswordInUse(Transaction& tx, const Parts& parts, AccountId id) {
  LATCHKEY_ASSIGN(auto password, ledger::FindAuthenticator(tx, parts.store.keys, id,
                                                           model::AuthenticatorKind::kPassword));
  return model::StateOf(password) == model::PasswordState::kInUse;
}

bool MayReceive(const model::Contact& contact, const model::Account& account, TimePoint now) {
  return proof::IsSettled(contact, account.made_at, proof::PackNamed(account.pack), now);
}

Result<model::Token> FindGenuineToken(const Parts& parts, model::TokenPurpose purpose,
                                      const Secret& secret) {
  // The form first, so that what is absent or empty can never match a row (attack L11).
  if (secret.size() != crypto::kTokenBytes) return Fail(Reason::kWrong);
  LATCHKEY_ASSIGN(auto lookup, parts.ledger.Query([&](Transaction& tx) {
    return ledger::FindToken(tx, parts.store.keys, purpose, secret);
  }));
  if (lookup.altered) ReportAltered(parts, lookup.altered);
  if (!lookup.token) return Fail(Reason::kWrong);
  return *lookup.token;
}

Result<Standing> LoadStanding(Transaction& tx, const Parts& parts, const model::Token& session) {
  LATCHKEY_ASSIGN(Held held, Hold(tx, parts, session));
  return Weigh(tx, parts, session, std::move(held.recovery), std::move(held.account));
}

Proof ProofOf(const Standing& standing, TimePoint expires_at) {
  return {.session = {},
          .expires_at = expires_at,
          .reference = standing.recovery.reference,
          .intent = standing.recovery.intent,
          .may_set_password = standing.reset.enough,
          .may_unlock = standing.may_unlock,
          .min_password_characters = standing.min_characters};
}

Result<Proof> AcceptProof(Transaction& tx, const Parts& parts, const GivenProof& given) {
  const TimePoint now = parts.store.clock.Now();
  LATCHKEY_ASSIGN(Held held, Hold(tx, parts, given.token));
  LATCHKEY_TRY(RecordEvidence(tx, parts, held, given));
  LATCHKEY_TRY(ledger::KeepNewestSessions(
      tx, {.recovery_id = held.recovery.id, .case_id = given.case_id}, kSessionsOfARecovery - 1));

  Secret secret = crypto::NewToken(parts.store.random);
  model::Token session;
  session.purpose = model::TokenPurpose::kRecoverySession;
  session.account_id = held.account.id;
  session.recovery_id = held.recovery.id;
  session.case_id = given.case_id;
  session.security_epoch = held.account.security_epoch;
  session.expires_at = std::min(now + parts.rules.session, held.recovery.expires_at);
  LATCHKEY_ASSIGN(session.id, ledger::InsertToken(tx, parts.store,
                                                  {.purpose = session.purpose,
                                                   .account_id = session.account_id,
                                                   .recovery_id = session.recovery_id,
                                                   .case_id = session.case_id,
                                                   .contact_id = {},
                                                   .security_epoch = session.security_epoch,
                                                   .expires_at = session.expires_at},
                                                  secret));
  const model::RecoveryState before = held.recovery.state;
  LATCHKEY_ASSIGN(Standing standing,
                  Weigh(tx, parts, session, std::move(held.recovery), std::move(held.account)));
  if (standing.reset.enough || standing.may_unlock) {
    const auto after = Apply(before, Event::kProofSuffices);
    LATCHKEY_CHECK(after.has_value());  // it is live, and its row is ours
    LATCHKEY_ASSIGN(
        const bool advanced,
        ledger::AdvanceRecovery(
            tx, {.id = standing.recovery.id, .from = before, .to = *after, .now = now}));
    if (!advanced) return Fail(Reason::kExpired);
  }
  Proof proof = ProofOf(standing, session.expires_at);
  proof.session = std::move(secret);
  return proof;
}

}  // namespace latchkey::recovery
