// SPDX-License-Identifier: Apache-2.0
#include "services/cases/repeat.h"

#include <utility>

#include "crypto/digest.h"
#include "services/ledger/intakes.h"

namespace latchkey::cases {
namespace {

// Longer, and the case could be seen once more without a look in the journal.
constexpr Millis kSameAct = kSameLook;

// Keyed, because a note or a code could be guessed at; under the one key that is never rotated.
Bytes DigestOf(const crypto::KeyRing& keys, const model::Staff& staff, CaseId case_id,
               const Named& named) {
  return crypto::KeyedDigest(
      keys.Current(crypto::KeyUse::kIdentifier), {"latchkey repeatable act v1"},
      {crypto::Part(staff.id.value), crypto::Part(case_id.value), named.about});
}

}  // namespace

Result<std::optional<Earlier>> FindEarlier(ledger::Ledger& ledger,
                                           const ledger::StoreContext& context,
                                           const model::Staff& staff, const Named& named) {
  return ledger.Query(
      [&](ledger::Transaction& tx) { return FindEarlier(tx, context, staff, named); });
}

Result<std::optional<Earlier>> FindEarlier(ledger::Transaction& tx,
                                           const ledger::StoreContext& context,
                                           const model::Staff& staff, const Named& named) {
  LATCHKEY_ASSIGN(const model::Case facts, FindForLooking(tx, staff, named.act.case_reference));
  LATCHKEY_ASSIGN(auto answer,
                  ledger::FindAnswer(tx, context.keys,
                                     ledger::RequestKey(named.method, named.act.idempotency_key),
                                     context.clock.Now()));
  if (!answer) return std::optional<Earlier>();
  if (answer->payload_digest != DigestOf(context.keys, staff, facts.id, named))
    return Fail(Reason::kConflict);
  return std::optional<Earlier>({.case_id = facts.id, .answer = std::move(answer->text)});
}

Done Keep(ledger::Transaction& tx, const ledger::StoreContext& context, const model::Staff& staff,
          CaseId case_id, const Named& named, const Secret& answer) {
  LATCHKEY_ASSIGN(
      const bool kept,
      ledger::PutAnswer(tx, context,
                        {.request_key = ledger::RequestKey(named.method, named.act.idempotency_key),
                         .payload_digest = DigestOf(context.keys, staff, case_id, named),
                         .text = answer.Copy(),
                         .expires_at = context.clock.Now() + kSameAct}));
  return kept ? Done() : Done(Fail(Reason::kBusy, "the same request is being answered"));
}

}  // namespace latchkey::cases
