// SPDX-License-Identifier: Apache-2.0
#include "services/hotstate/sql/sql_hot_state.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/hotstate/arithmetic.h"
#include "services/ledger/sqlite/sqlite.h"

namespace latchkey::hotstate {
namespace {

using ledger::Row;
using ledger::Rows;
using ledger::Transaction;

LaneRecord RecordOf(const Row& row) {
  return {.failures = row.Int(0),
          .window_ends = row.Time(1),
          .rests_until = row.Time(2),
          .rests = row.Int(3),
          .forget_at = row.Time(4),
          .seen = row.Blob(5).data};
}

// The lane's record, held by this transaction until it ends: the insert or the update that changes
// nothing locks the row, so of two reservations the second reads what the first wrote (attack K01).
Result<LaneRecord> LockLane(Transaction& tx, const Lane& lane, TimePoint now) {
  LATCHKEY_ASSIGN(Rows found,
                  tx.Run("INSERT INTO hot_lanes (key, failures, window_ends_at, rests_until, "
                         "rests, forget_at, seen) "
                         "VALUES ($1, 0, 0, 0, 0, 0, $2) "
                         "ON CONFLICT (key) DO UPDATE SET failures = hot_lanes.failures "
                         "RETURNING failures, window_ends_at, rests_until, rests, forget_at, seen",
                         lane.key, Bytes()));
  return AsOf(RecordOf(found.front()), lane.rule, now);
}

Done WriteLane(Transaction& tx, const Lane& lane, const LaneRecord& record) {
  // Closes nothing by itself: LockLane holds the row.
  LATCHKEY_TRY(tx.Run(
      "UPDATE hot_lanes SET failures = $2, window_ends_at = $3, rests_until = $4, rests = $5, "
      "forget_at = $6, seen = $7 WHERE key = $1",
      lane.key, record.failures, record.window_ends, record.rests_until, record.rests,
      record.forget_at, Bytes(record.seen)));
  return {};
}

// In the order of their keys, so that two guesses that share lanes never wait for each other in a
// circle.
std::vector<Lane> InOrder(std::vector<Lane> lanes) {
  std::sort(lanes.begin(), lanes.end(), [](const Lane& a, const Lane& b) { return a.key < b.key; });
  return lanes;
}

// For the same reason.
std::vector<size_t> InOrder(const std::vector<Budget>& budgets) {
  std::vector<size_t> places(budgets.size());
  std::iota(places.begin(), places.end(), size_t{0});
  std::sort(places.begin(), places.end(),
            [&](size_t a, size_t b) { return budgets[a].key < budgets[b].key; });
  return places;
}

// A budget is one moment: when it would be full again. Taking one moves that moment by one refill,
// if it is then not further away than the whole capacity takes to refill. Further away than that
// only a clock that was ahead can have put it: then one is left. One statement, so no two can take
// the same one.
Result<bool> TakeOne(Transaction& tx, const Budget& budget, TimePoint now) {
  const TimePoint after_first = now + budget.refill;
  const TimePoint latest = now + budget.refill * budget.capacity;
  LATCHKEY_ASSIGN(
      Rows rows,
      tx.Run("INSERT INTO hot_budgets (key, full_at) VALUES ($1, $2) "
             "ON CONFLICT (key) DO UPDATE SET full_at = "
             "CASE WHEN hot_budgets.full_at > $6 THEN $5 "
             "WHEN hot_budgets.full_at > $3 THEN hot_budgets.full_at + $4 ELSE $2 END "
             "WHERE hot_budgets.full_at + $4 <= $5 OR hot_budgets.full_at <= $3 "
             "OR hot_budgets.full_at > $6 RETURNING full_at",
             budget.key, after_first, now, budget.refill.count(), latest, latest + kClocksDiffer));
  return !rows.empty();
}

class SqlHotState final : public HotState {
 public:
  SqlHotState(ledger::Ledger& database, std::unique_ptr<ledger::Ledger> owned)
      : owned_(std::move(owned)), database_(database) {}

  Done MakeTables() {
    Done made = TryToMakeTables();
    // Two nodes that start at once may both find a table missing; the second then meets the first
    // one's and asks again.
    return made.ok() ? made : TryToMakeTables();
  }

  Result<Reservation> Reserve(const std::vector<Lane>& lanes, uint64_t fingerprint,
                              TimePoint now) override {
    const std::vector<Lane> ordered = InOrder(lanes);
    Reservation reservation;
    Done done = database_.Commit([&](Transaction& tx) -> Done {
      reservation = {};
      std::vector<LaneRecord> records;
      for (const Lane& lane : ordered) {
        LATCHKEY_ASSIGN(LaneRecord record, LockLane(tx, lane, now));
        if (Rests(record, now))
          reservation.retry_at = std::max(reservation.retry_at, record.rests_until);
        reservation.repeated = reservation.repeated || HasSeen(record, fingerprint);
        records.push_back(std::move(record));
      }
      // A failure rolls back: a guess that is not counted leaves no trace.
      if (reservation.retry_at > now) return Resting(reservation.retry_at);
      if (reservation.repeated) return Fail(Reason::kWrong);
      for (size_t i = 0; i < ordered.size(); ++i) {
        CountOne(records[i], ordered[i].rule, now);
        if (Rests(records[i], now)) {
          reservation.rests_until = std::max(reservation.rests_until, records[i].rests_until);
        }
        LATCHKEY_TRY(WriteLane(tx, ordered[i], records[i]));
      }
      return {};
    });
    if (done.ok()) {
      reservation.granted = true;
      return reservation;
    }
    if (done.reason() == Reason::kResting) return Reservation{.retry_at = reservation.retry_at};
    if (done.reason() == Reason::kWrong) return Reservation{.granted = true, .repeated = true};
    return Away(done.failure());
  }

  Done SettleWrong(const std::vector<Lane>& lanes, uint64_t fingerprint, TimePoint now) override {
    if (fingerprint == 0) return {};
    return ChangeAll(lanes, now, [&](LaneRecord& record) { Remember(record, fingerprint); });
  }

  Done SettleRight(const std::vector<Lane>& lanes, TimePoint) override {
    return Settle([&](Transaction& tx) -> Done {
      for (const Lane& lane : InOrder(lanes))
        LATCHKEY_TRY(tx.Run("DELETE FROM hot_lanes WHERE key = $1", lane.key));
      return {};
    });
  }

  Done Release(const std::vector<Lane>& lanes, TimePoint now) override {
    return ChangeAll(lanes, now, [&](LaneRecord& record) { GiveBackOne(record, now); });
  }

  Result<LaneState> Peek(const Lane& lane, TimePoint now) override {
    auto state = database_.Query([&](Transaction& tx) -> Result<LaneState> {
      LATCHKEY_ASSIGN(Rows found,
                      tx.Run("SELECT failures, window_ends_at, rests_until, rests, forget_at, seen "
                             "FROM hot_lanes WHERE key = $1",
                             lane.key));
      if (found.empty()) return LaneState{};
      const LaneRecord record = AsOf(RecordOf(found.front()), lane.rule, now);
      return LaneState{.failures = record.failures, .rests_until = record.rests_until};
    });
    if (!state.ok()) return Away(state.failure());
    return state;
  }

  Result<Spending> Take(const std::vector<Budget>& budgets, TimePoint now) override {
    Spending spending;
    Done done = database_.Commit([&](Transaction& tx) -> Done {
      spending = {};
      for (size_t at : InOrder(budgets)) {
        LATCHKEY_ASSIGN(spending.granted, TakeOne(tx, budgets[at], now));
        spending.empty = at;
        if (!spending.granted) return Fail(Reason::kBusy);  // gives the others back
      }
      return {};
    });
    if (done.ok()) return spending;
    // Only our own refusal is an answer: whatever else failed has granted nothing.
    if (spending.granted || done.reason() != Reason::kBusy) return Away(done.failure());
    return spending;
  }

  Result<int64_t> Sweep(TimePoint now) override {
    auto swept = database_.Transact([&](Transaction& tx) -> Result<int64_t> {
      LATCHKEY_ASSIGN(Rows lanes, tx.Run("DELETE FROM hot_lanes WHERE forget_at <= $1", now));
      LATCHKEY_ASSIGN(Rows budgets, tx.Run("DELETE FROM hot_budgets WHERE full_at <= $1", now));
      return lanes.changed + budgets.changed;
    });
    if (!swept.ok()) return Away(swept.failure());
    return swept;
  }

  std::string_view engine() const override { return database_.engine(); }
  Done Ping() override { return database_.Ping(); }

 private:
  // Whatever a database fails with, the caller must refuse the guess: one word for it.
  static Failure Away(const Failure& failure) {
    return Fail(Reason::kUnavailable, "hot state: " + failure.detail);
  }

  Done Settle(const ledger::Work& work) {
    Done done = database_.Commit(work);
    if (!done.ok()) return Away(done.failure());
    return {};
  }

  template <typename Change>
  Done ChangeAll(const std::vector<Lane>& lanes, TimePoint now, Change change) {
    return Settle([&](Transaction& tx) -> Done {
      for (const Lane& lane : InOrder(lanes)) {
        LATCHKEY_ASSIGN(LaneRecord record, LockLane(tx, lane, now));
        change(record);
        LATCHKEY_TRY(WriteLane(tx, lane, record));
      }
      return {};
    });
  }

  Done TryToMakeTables() {
    return Settle([](Transaction& tx) -> Done {
      LATCHKEY_TRY(tx.Run(
          "CREATE TABLE IF NOT EXISTS hot_lanes (key BYTEA PRIMARY KEY, failures BIGINT NOT NULL, "
          "window_ends_at BIGINT NOT NULL, rests_until BIGINT NOT NULL, rests BIGINT NOT NULL, "
          "forget_at BIGINT NOT NULL, seen BYTEA NOT NULL)"));
      LATCHKEY_TRY(tx.Run("CREATE INDEX IF NOT EXISTS hot_lanes_forget ON hot_lanes (forget_at)"));
      LATCHKEY_TRY(
          tx.Run("CREATE TABLE IF NOT EXISTS hot_budgets (key BYTEA PRIMARY KEY, full_at BIGINT "
                 "NOT NULL)"));
      LATCHKEY_TRY(tx.Run("CREATE INDEX IF NOT EXISTS hot_budgets_full ON hot_budgets (full_at)"));
      return {};
    });
  }

  const std::unique_ptr<ledger::Ledger> owned_;  // null on the ledger
  ledger::Ledger& database_;
};

Result<std::unique_ptr<HotState>> Ready(std::unique_ptr<SqlHotState> hot_state) {
  LATCHKEY_TRY(hot_state->MakeTables());
  return std::unique_ptr<HotState>(std::move(hot_state));
}

}  // namespace

Result<std::unique_ptr<HotState>> OpenOnLedger(ledger::Ledger& ledger) {
  return Ready(std::make_unique<SqlHotState>(ledger, nullptr));
}

Result<std::unique_ptr<HotState>> OpenInFile(const std::filesystem::path& file) {
  LATCHKEY_ASSIGN(std::unique_ptr<ledger::Ledger> own,
                  ledger::OpenSqlite({.path = file, .survive_power_loss = false}));
  ledger::Ledger& database = *own;
  return Ready(std::make_unique<SqlHotState>(database, std::move(own)));
}

}  // namespace latchkey::hotstate
