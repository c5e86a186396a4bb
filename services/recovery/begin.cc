// SPDX-License-Identifier: Apache-2.0
// Begin and AskForPerson: keep what was asked, and answer. Whom it names is looked up later, by a
// worker, so neither the answer nor its time can depend on it (Law 6).
#include <optional>
#include <utility>
#include <vector>

#include "crypto/digest.h"
#include "crypto/token.h"
#include "services/base/log.h"
#include "services/ledger/intakes.h"
#include "services/model/canonical.h"
#include "services/recovery/recovery.h"

namespace latchkey::recovery {
namespace {

using ledger::Intake;
using ledger::Transaction;

// Over budget, or with the budgets away, a request is kept all the same and waits: starting a
// recovery never closes (Law 10). kUnknown: the budgets are away, as they are with the ledger where
// both are in one database.
enum class Budgeted { kWithin, kOver, kUnknown };
Budgeted SpendBudget(const Parts& parts, const model::Source& source, TimePoint now) {
  auto spending = parts.hot_state.Take(
      signin::SourceBudgets(parts.store.keys, "begin", source.address, parts.rules.begins), now);
  if (!spending.ok()) return Budgeted::kUnknown;
  return spending->granted ? Budgeted::kWithin : Budgeted::kOver;
}

// The same for the same request, however often it comes and wherever it is kept: in the ledger, in
// the spool of a node, or in both when a commit could not say that it had happened. A random one
// would be dead in one of the two after it was answered. Random to whoever lacks the key.
Secret HandleOf(const Parts& parts, const Bytes& request_key, const model::Identifier& identifier,
                model::Intent intent) {
  Bytes handle = crypto::KeyedDigest(
      parts.store.keys.Current(crypto::KeyUse::kIdentifier), {"latchkey handle of a request v1"},
      {request_key.view(), crypto::Part(static_cast<int64_t>(intent)),
       crypto::Part(static_cast<int64_t>(identifier.kind)), identifier.text});
  return Secret::Adopt(handle.data);
}

// Stores the intake, or returns the one that this key has already.
Result<Intake> Store(const Parts& parts, const ledger::NewIntake& row, Intake intake) {
  std::optional<Intake> earlier;
  LATCHKEY_TRY(parts.ledger.Transact([&](Transaction& tx) -> Done {
    earlier.reset();
    LATCHKEY_ASSIGN(const bool inserted, ledger::InsertIntake(tx, parts.store, intake, row));
    if (inserted) return {};
    LATCHKEY_ASSIGN(earlier, ledger::FindIntake(tx, parts.store.keys, row.request_key));
    return earlier ? Done() : Done(Fail(Reason::kInternal, "an intake is neither new nor there"));
  }));
  return earlier ? std::move(*earlier) : std::move(intake);
}

Intake CopyOf(const Intake& intake) {
  return {.id = intake.id,
          .kind = intake.kind,
          .identifier = intake.identifier,
          .intent = intake.intent,
          .source = intake.source,
          .handle = intake.handle.Copy(),
          .made_at = intake.made_at,
          .expires_at = intake.expires_at,
          .attempts = intake.attempts};
}

// Durable in the ledger or, while that is away, in the spool.
Result<Begun> KeepRequest(const Parts& parts, const Bytes& request_key, const Intake& intake) {
  const Budgeted budgeted = SpendBudget(parts, intake.source, intake.made_at);
  const bool is_within = budgeted == Budgeted::kWithin;
  const Millis slowed = is_within ? Millis(0) : parts.rules.slowed;
  auto kept = Store(
      parts,
      {.request_key = request_key, .next_at = intake.made_at + slowed, .after_others = !is_within},
      CopyOf(intake));
  if (!kept.ok() && kept.reason() == Reason::kUnavailable) {
    log::Warning("recovery.spooled", {{"why", kept.failure().detail}});
    kept = parts.spool.Keep({.request_key = request_key, .intake = CopyOf(intake)},
                            budgeted != Budgeted::kOver);
  }
  if (!kept.ok()) return kept.failure();
  if (!ledger::IsSameRequest(*kept, intake)) return Fail(Reason::kConflict);
  return Begun{std::move(kept->handle), kept->expires_at};
}

}  // namespace

Result<Begun> Begin(const Parts& parts, const BeginRequest& request) {
  LATCHKEY_ASSIGN(auto identifier, model::CanonicalIdentifier(request.identifier));
  const TimePoint now = parts.store.clock.Now();
  const Bytes request_key = ledger::RequestKey("Begin", request.idempotency_key);
  Secret handle = HandleOf(parts, request_key, identifier, request.intent);
  return KeepRequest(parts, request_key,
                     {.id = {},
                      .kind = ledger::IntakeKind::kRecovery,
                      .identifier = std::move(identifier),
                      .intent = request.intent,
                      .source = request.source,
                      .handle = std::move(handle),
                      .made_at = now,
                      .expires_at = now + parts.rules.lifetime});
}

Done AskForPerson(const Parts& parts, const CallBackRequest& request) {
  LATCHKEY_ASSIGN(auto identifier, model::CanonicalOf(model::IdentifierKind::kCustomerNumber,
                                                      request.customer_number));
  const TimePoint now = parts.store.clock.Now();
  LATCHKEY_TRY(KeepRequest(parts, ledger::RequestKey("AskForPerson", request.idempotency_key),
                           {.id = {},
                            .kind = ledger::IntakeKind::kCallBack,
                            .identifier = std::move(identifier),
                            .intent = model::Intent::kReset,
                            .source = request.source,
                            .handle = crypto::NewToken(parts.store.random),
                            .made_at = now,
                            .expires_at = now}));
  return {};
}

Result<int64_t> DrainSpool(const Parts& parts) {
  return parts.spool.Drain([&](const std::vector<SpooledIntake>& some) {
    return parts.ledger.Transact([&](Transaction& tx) -> Done {
      const TimePoint now = parts.store.clock.Now();
      // One that the ledger took after all, though it could not say so, is there already and stays
      // as it is.
      for (const SpooledIntake& spooled : some)
        LATCHKEY_TRY(ledger::InsertIntake(
            tx, parts.store, spooled.intake,
            {.request_key = spooled.request_key, .next_at = now, .after_others = true}));
      return {};
    });
  });
}

}  // namespace latchkey::recovery
