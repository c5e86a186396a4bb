// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/intakes.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "crypto/digest.h"
#include "crypto/seal.h"
#include "crypto/token.h"
#include "services/base/log.h"
#include "services/ledger/fields.h"
#include "services/ledger/tokens.h"

namespace latchkey::ledger {
namespace {

using model::TokenPurpose;

// Where a payload belongs, so that it cannot be moved to another row.
std::string IntakePlace(IntakeId id) {
  return "intakes.payload_sealed/" + std::to_string(id.value);
}
std::string AnswerPlace(const Bytes& request_key) {
  return "answers.answer_sealed/" + ToHex(request_key.view());
}

Bytes HandleDigest(const Secret& key, const Secret& handle) {
  return TokenDigest(key, TokenPurpose::kHandle, handle);
}

int64_t NumberOf(const std::string& part) {
  uint64_t value = 0;
  for (unsigned char byte : part) value = value << 8 | byte;
  return static_cast<int64_t>(value);
}

// Columns: id, payload_sealed, attempts.
Result<Intake> IntakeOf(const crypto::KeyRing& keys, const Row& row) {
  const auto id = row.As<IntakeId>(0);
  LATCHKEY_ASSIGN(Secret packed, crypto::OpenWithRing(keys, IntakePlace(id), row.Blob(1)));
  LATCHKEY_ASSIGN(Intake intake, UnpackIntake(packed.Reveal()));
  intake.id = id;
  intake.attempts = row.Int(2);
  return intake;
}

Result<std::optional<Intake>> FirstIntake(const crypto::KeyRing& keys, const Rows& rows) {
  if (rows.empty()) return std::optional<Intake>();
  LATCHKEY_ASSIGN(Intake intake, IntakeOf(keys, rows.front()));
  return std::optional<Intake>(std::move(intake));
}

Result<bool> TryToInsert(Transaction& tx, const StoreContext& context, const Intake& intake,
                         const NewIntake& row) {
  const auto id = context.ids.Next<IntakeId>();
  // The same request twice at once: the unique key keeps one, and the other reads its answer.
  LATCHKEY_ASSIGN(
      auto rows,
      tx.Run(
          "INSERT INTO intakes (id, request_key, payload_sealed, handle_digest, made_at, "
          "next_at, after_others, attempts) VALUES ($1, $2, $3, $4, $5, $6, $7, 0) "
          "ON CONFLICT (request_key) DO NOTHING",
          id, row.request_key,
          crypto::SealWithRing(context.keys, IntakePlace(id), PackIntake(intake), context.random),
          HandleDigest(context.keys.Current(crypto::KeyUse::kToken), intake.handle), intake.made_at,
          row.next_at, row.after_others ? 1 : 0));
  return rows.changed > 0;
}

}  // namespace

std::string PackIntake(const Intake& intake) {
  using crypto::Part;
  return PackFields({Part(static_cast<int64_t>(intake.kind)),
                     Part(static_cast<int64_t>(intake.identifier.kind)), intake.identifier.text,
                     Part(static_cast<int64_t>(intake.intent)),
                     Part(static_cast<int64_t>(intake.source.channel)), intake.source.address,
                     intake.source.language, intake.handle.Reveal(),
                     Part(ToUnixMillis(intake.made_at)), Part(ToUnixMillis(intake.expires_at))});
}

Result<Intake> UnpackIntake(std::string_view packed) {
  auto fields = UnpackFields(packed, 10);
  if (!fields) return Fail(Reason::kInternal, "an intake's payload has another shape");
  auto& field = *fields;
  return Intake{.id = {},
                .kind = static_cast<IntakeKind>(NumberOf(field[0])),
                .identifier = {.kind = static_cast<model::IdentifierKind>(NumberOf(field[1])),
                               .text = std::move(field[2])},
                .intent = static_cast<model::Intent>(NumberOf(field[3])),
                .source = {.channel = static_cast<model::Channel>(NumberOf(field[4])),
                           .address = std::move(field[5]),
                           .language = std::move(field[6])},
                .handle = Secret::Adopt(field[7]),
                .made_at = FromUnixMillis(NumberOf(field[8])),
                .expires_at = FromUnixMillis(NumberOf(field[9]))};
}

Bytes RequestKey(std::string_view method, std::string_view idempotency_key) {
  return crypto::Digest({"latchkey request key v1"}, {method, idempotency_key});
}

bool IsSameRequest(const Intake& a, const Intake& b) {
  return a.kind == b.kind && a.identifier == b.identifier && a.intent == b.intent;
}

Result<bool> InsertIntake(Transaction& tx, const StoreContext& context, const Intake& intake,
                          const NewIntake& row) {
  LATCHKEY_ASSIGN(const bool inserted, TryToInsert(tx, context, intake, row));
  // What an owner is to be told has no time of its own: its key says how often.
  const bool asked = intake.kind == IntakeKind::kRecovery || intake.kind == IntakeKind::kCallBack;
  if (inserted || !asked) return inserted;
  LATCHKEY_ASSIGN(const auto earlier, FindIntake(tx, context.keys, row.request_key));
  if (!earlier || earlier->expires_at > intake.made_at || !IsSameRequest(*earlier, intake))
    return false;
  LATCHKEY_TRY(tx.Run("DELETE FROM intakes WHERE id = $1", earlier->id));
  return TryToInsert(tx, context, intake, row);
}

Result<std::optional<Intake>> FindIntake(Transaction& tx, const crypto::KeyRing& keys,
                                         const Bytes& request_key) {
  LATCHKEY_ASSIGN(auto rows, tx.Run("SELECT id, payload_sealed, attempts FROM intakes "
                                    "WHERE request_key = $1",
                                    request_key));
  return FirstIntake(keys, rows);
}

Result<std::optional<Intake>> FindIntakeByHandle(Transaction& tx, const crypto::KeyRing& keys,
                                                 const Secret& handle) {
  for (int version : keys.Versions(crypto::KeyUse::kToken)) {
    LATCHKEY_ASSIGN(auto rows,
                    tx.Run("SELECT id, payload_sealed, attempts FROM intakes "
                           "WHERE handle_digest = $1",
                           HandleDigest(*keys.At(crypto::KeyUse::kToken, version), handle)));
    if (!rows.empty()) return FirstIntake(keys, rows);
  }
  return std::optional<Intake>();
}

Result<std::vector<Intake>> LeaseIntakes(Transaction& tx, const StoreContext& context, int limit,
                                         Millis lease) {
  const TimePoint now = context.clock.Now();
  // Two workers may choose the same rows; the outer condition, tested again once the first has
  // written, gives each to one. Those over budget in a statement of their own, so that each walks
  // its own part of the index.
  Rows rows;
  for (const int after_others : {0, 1}) {
    LATCHKEY_ASSIGN(
        Rows some,
        tx.Run("UPDATE intakes SET attempts = attempts + 1, next_at = $2 WHERE id IN "
               "(SELECT id FROM intakes WHERE done_at IS NULL AND after_others = $4 "
               "AND next_at <= $1 ORDER BY next_at LIMIT $3) "
               "AND done_at IS NULL AND next_at <= $1 RETURNING id, payload_sealed, attempts",
               now, now + lease, limit - static_cast<int>(rows.rows.size()), after_others));
    std::move(some.rows.begin(), some.rows.end(), std::back_inserter(rows.rows));
    if (std::cmp_equal(rows.rows.size(), limit)) break;
  }
  std::vector<Intake> leased;
  for (const Row& row : rows.rows) {
    auto intake = IntakeOf(context.keys, row);
    // One that cannot be opened must not hold up the others: it stays, and is said each time.
    if (intake.ok()) {
      leased.push_back(std::move(*intake));
    } else {
      log::Error("intake.unreadable",
                 {{"intake", row.As<IntakeId>(0)}, {"why", intake.failure().detail}});
    }
  }
  return leased;
}

Result<bool> EndIntake(Transaction& tx, IntakeId id, TimePoint now) {
  LATCHKEY_ASSIGN(
      auto rows,
      tx.Run("UPDATE intakes SET done_at = $2 WHERE id = $1 AND done_at IS NULL", id, now));
  return rows.changed > 0;
}

Result<int64_t> CountIntakes(Transaction& tx) {
  LATCHKEY_ASSIGN(Rows rows, tx.Run("SELECT count(*) FROM intakes WHERE done_at IS NULL"));
  return rows.front().Int(0);
}

Result<int64_t> SweepIntakes(Transaction& tx, TimePoint made_before, int limit) {
  // Ids begin with their time, so that those of the last days are not walked through.
  LATCHKEY_ASSIGN(auto rows,
                  tx.Run("DELETE FROM intakes WHERE id IN (SELECT id FROM intakes WHERE id < $3 "
                         "AND made_at < $1 AND done_at IS NOT NULL ORDER BY id LIMIT $2)",
                         made_before, limit, ToUnixMillis(made_before) << kIdTimeShift));
  return rows.changed;
}

Result<bool> PutAnswer(Transaction& tx, const StoreContext& context, const Answer& answer) {
  LATCHKEY_ASSIGN(
      auto rows,
      // One that has ended and is not swept yet makes room, as if it were not there.
      tx.Run("INSERT INTO answers (request_key, payload_digest, answer_sealed, expires_at) "
             "VALUES ($1, $2, $3, $4) ON CONFLICT (request_key) DO UPDATE SET "
             "payload_digest = excluded.payload_digest, answer_sealed = excluded.answer_sealed, "
             "expires_at = excluded.expires_at WHERE answers.expires_at <= $5",
             answer.request_key, answer.payload_digest,
             crypto::SealWithRing(context.keys, AnswerPlace(answer.request_key),
                                  answer.text.Reveal(), context.random),
             answer.expires_at, context.clock.Now()));
  return rows.changed > 0;
}

Result<std::optional<Answer>> FindAnswer(Transaction& tx, const crypto::KeyRing& keys,
                                         const Bytes& request_key, TimePoint now) {
  LATCHKEY_ASSIGN(auto rows, tx.Run("SELECT payload_digest, answer_sealed, expires_at FROM answers "
                                    "WHERE request_key = $1 AND expires_at > $2",
                                    request_key, now));
  if (rows.empty()) return std::optional<Answer>();
  const Row& row = rows.front();
  LATCHKEY_ASSIGN(Secret text, crypto::OpenWithRing(keys, AnswerPlace(request_key), row.Blob(1)));
  return std::optional<Answer>(Answer{.request_key = request_key,
                                      .payload_digest = row.Blob(0),
                                      .text = std::move(text),
                                      .expires_at = row.Time(2)});
}

Result<int64_t> SweepAnswers(Transaction& tx, TimePoint now, int limit) {
  LATCHKEY_ASSIGN(auto rows, tx.Run("DELETE FROM answers WHERE request_key IN (SELECT request_key "
                                    "FROM answers WHERE expires_at <= $1 ORDER BY expires_at "
                                    "LIMIT $2)",
                                    now, limit));
  return rows.changed;
}

}  // namespace latchkey::ledger
