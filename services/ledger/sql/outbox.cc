// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/outbox.h"

#include <algorithm>

#include "crypto/seal.h"
#include "services/ledger/sql/sealed_fields.h"

namespace latchkey::ledger {
namespace {

// Names and values, each as length (8 bytes, big-endian) and bytes.
Secret EncodeValues(const std::map<std::string, std::string>& values) {
  std::string bytes;
  for (const auto& [name, value] : values) {
    bytes += crypto::Part(static_cast<int64_t>(name.size())) + name;
    bytes += crypto::Part(static_cast<int64_t>(value.size())) + value;
  }
  return Secret::Adopt(bytes);
}

// Takes one piece off the front; false when the bytes end too soon.
bool TakePiece(std::string_view& bytes, std::string& piece) {
  if (bytes.size() < 8) return false;
  uint64_t size = 0;
  for (unsigned char byte : bytes.substr(0, 8)) size = size << 8 | byte;
  if (size > bytes.size() - 8) return false;
  piece = bytes.substr(8, size);
  bytes.remove_prefix(8 + size);
  return true;
}

Result<std::map<std::string, std::string>> DecodeValues(const Secret& payload) {
  std::map<std::string, std::string> values;
  std::string_view bytes = payload.Reveal();
  while (!bytes.empty()) {
    std::string name, value;
    if (!TakePiece(bytes, name) || !TakePiece(bytes, value)) {
      return Fail(Reason::kInternal, "a message's payload is cut short");
    }
    values.emplace(std::move(name), std::move(value));
  }
  return values;
}

constexpr std::string_view kPayload = "outbox.payload_sealed";

LeasedMessage ReadMessage(const Row& row) {
  return LeasedMessage{.id = row.As<MessageId>(0),
                       .account_id = row.As<AccountId>(1),
                       .contact_id = row.As<ContactId>(2),
                       .recovery_id = row.As<RecoveryId>(3),
                       .case_id = row.As<CaseId>(4),
                       .template_name = row.Text(5),
                       .values = {},
                       .unreadable = {},
                       .attempts = row.Int(7),
                       .unanswered = row.Int(8),
                       .made_at = row.Time(9),
                       .expires_at = row.Time(10)};
}

// Opens the payload; false when it can never be opened because the account has been erased since.
Result<bool> OpenPayload(Transaction& tx, const StoreContext& context, const Bytes& sealed,
                         LeasedMessage& message) {
  std::string place = Place(kPayload, message.id.value);
  Secret payload;
  if (message.account_id) {
    LATCHKEY_ASSIGN(std::optional<Secret> key,
                    FindAccountKey(tx, context.keys, message.account_id));
    if (!key) return false;
    LATCHKEY_ASSIGN(payload, crypto::Open(*key, place, sealed));
  } else {
    LATCHKEY_ASSIGN(payload, crypto::OpenWithRing(context.keys, place, sealed));
  }
  LATCHKEY_ASSIGN(message.values, DecodeValues(payload));
  return true;
}

// Two workers that look at once choose the same rows; the second waits for the first and then
// finds, by the guard in the outer WHERE, that the lease has moved next_at. So each message is had
// by one worker until the lease ends.
Result<Rows> TakeDue(Transaction& tx, TimePoint now, TimePoint lease_ends, int limit) {
  return tx.Run(
      "UPDATE outbox SET next_at = $2, attempts = attempts + 1 WHERE id IN"
      " (SELECT id FROM outbox WHERE ended_at IS NULL AND next_at <= $1 ORDER BY next_at LIMIT $3)"
      " AND ended_at IS NULL AND next_at <= $1 RETURNING id, account_id, contact_id, recovery_id,"
      " case_id, template, payload_sealed, attempts, unanswered, made_at, expires_at",
      now, lease_ends, limit);
}

}  // namespace

Result<MessageId> Enqueue(Transaction& tx, const StoreContext& context, const NewMessage& message) {
  auto id = context.ids.Next<MessageId>();
  TimePoint now = context.clock.Now();
  Secret payload = EncodeValues(message.values);
  std::string place = Place(kPayload, id.value);
  Bytes sealed;
  if (message.account_id) {
    LATCHKEY_ASSIGN(Secret key, LoadAccountKey(tx, context.keys, message.account_id));
    sealed = crypto::Seal(key, place, payload.Reveal(), context.random);
  } else {
    sealed = crypto::SealWithRing(context.keys, place, payload.Reveal(), context.random);
  }
  LATCHKEY_TRY(
      tx.Run("INSERT INTO outbox (id, account_id, contact_id, recovery_id, case_id, template,"
             " payload_sealed, state, attempts, made_at, next_at, expires_at, last_error)"
             " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $9, $10, '')",
             id, message.account_id, message.contact_id, OrNull(message.recovery_id),
             OrNull(message.case_id), message.template_name, sealed, MessageState::kQueued, now,
             message.expires_at));
  return id;
}

Result<bool> WasEnqueued(Transaction& tx, AccountId account_id, std::string_view template_name,
                         TimePoint since) {
  LATCHKEY_ASSIGN(const Rows rows, tx.Run("SELECT COUNT(*) FROM outbox WHERE account_id = $1 AND "
                                          "template = $2 AND made_at > $3",
                                          account_id, std::string(template_name), since));
  return rows.front().Int(0) > 0;
}

Result<std::vector<LeasedMessage>> LeaseMessages(Transaction& tx, const StoreContext& context,
                                                 int limit, Millis lease) {
  TimePoint now = context.clock.Now();
  std::vector<LeasedMessage> leased;
  // Messages to accounts that were erased are ended on the way: there is nobody to tell and no
  // chain to write it in. A batch of nothing else is followed by the next one.
  while (leased.empty()) {
    LATCHKEY_ASSIGN(Rows rows, TakeDue(tx, now, now + lease, limit));
    if (rows.empty()) break;
    for (const Row& row : rows.rows) {
      LeasedMessage message = ReadMessage(row);
      auto opened = OpenPayload(tx, context, row.Blob(6), message);
      if (!opened.ok() && opened.reason() == Reason::kUnavailable) return opened.failure();
      // A payload that cannot be read must not keep the rest of its batch waiting: the courier
      // sets it aside.
      if (!opened.ok()) message.unreadable = opened.failure().detail;
      const bool erased = opened.ok() && !*opened;
      if (!erased) {
        leased.push_back(std::move(message));
      } else {
        LATCHKEY_TRY(EndMessage(tx, message.id, MessageState::kOvertaken, now, ""));
      }
    }
  }
  std::sort(leased.begin(), leased.end(),
            [](const LeasedMessage& a, const LeasedMessage& b) { return a.id < b.id; });
  return leased;
}

Result<bool> EndMessage(Transaction& tx, MessageId id, MessageState state, TimePoint now,
                        const std::string& last_error) {
  // A worker whose lease ran out may end what another has ended: the first word stands.
  LATCHKEY_ASSIGN(
      const Rows rows,
      tx.Run("UPDATE outbox SET state = $2, ended_at = $3, last_error = $4, payload_sealed = NULL"
             " WHERE id = $1 AND ended_at IS NULL",
             id, state, now, last_error));
  return rows.changed > 0;
}

Done PostponeMessage(Transaction& tx, MessageId id, TimePoint next_at, LastTry last_try,
                     const std::string& last_error) {
  LATCHKEY_TRY(
      tx.Run("UPDATE outbox SET next_at = $2, last_error = $3, unanswered = unanswered + $4"
             " WHERE id = $1 AND ended_at IS NULL",
             id, next_at, last_error, last_try == LastTry::kUnanswered ? 1 : 0));
  return {};
}

Done GiveBackMessage(Transaction& tx, const LeasedMessage& message, TimePoint now) {
  // Whoever has leased it since has counted an attempt more: that lease stands.
  LATCHKEY_TRY(
      tx.Run("UPDATE outbox SET next_at = $3, attempts = attempts - 1"
             " WHERE id = $1 AND attempts = $2 AND ended_at IS NULL",
             message.id, message.attempts, now));
  return {};
}

Result<int64_t> SweepMessages(Transaction& tx, TimePoint ended_before, int limit) {
  // Ids begin with the time when they were made, so that those of the last weeks are not walked
  // through.
  LATCHKEY_ASSIGN(Rows rows,
                  tx.Run("DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE id < $1 "
                         "AND ended_at < $2 ORDER BY id LIMIT $3)",
                         ToUnixMillis(ended_before) << kIdTimeShift, ended_before, limit));
  return rows.changed;
}

Result<OutboxCounts> CountOutbox(Transaction& tx) {
  LATCHKEY_ASSIGN(Rows waiting, tx.Run("SELECT COUNT(*) FROM outbox WHERE ended_at IS NULL"));
  // The literal 3 is kSetAside: the partial index outbox_set_aside serves it.
  LATCHKEY_ASSIGN(Rows set_aside, tx.Run("SELECT COUNT(*) FROM outbox WHERE state = 3"));
  return OutboxCounts{.waiting = waiting.front().Int(0), .set_aside = set_aside.front().Int(0)};
}

}  // namespace latchkey::ledger
