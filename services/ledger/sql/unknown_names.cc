// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/unknown_names.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "services/ledger/journal.h"

namespace latchkey::ledger {
namespace {

constexpr uint32_t kShards = 64;

int64_t HourOf(TimePoint time) {
  return std::chrono::floor<std::chrono::hours>(time).time_since_epoch().count();
}

}  // namespace

Done CountUnknownName(Transaction& tx, const StoreContext& context) {
  // An hour's count lies in several rows, so that a flood does not queue on one of them.
  uint32_t noise = 0;
  context.random.Fill(&noise, sizeof noise);
  LATCHKEY_TRY(
      tx.Run("INSERT INTO unknown_names (hour, shard, attempts) VALUES ($1, $2, 1) "
             "ON CONFLICT (hour, shard) DO UPDATE SET attempts = "
             "unknown_names.attempts + 1",
             HourOf(context.clock.Now()), static_cast<int64_t>(noise % kShards)));
  return {};
}

Result<int64_t> SummariseUnknownNames(Transaction& tx, const StoreContext& context) {
  // Deleting returns what was counted: of two sweepers each row is journaled by one.
  LATCHKEY_ASSIGN(auto rows,
                  tx.Run("DELETE FROM unknown_names WHERE hour < $1 RETURNING hour, attempts",
                         HourOf(context.clock.Now())));
  std::map<int64_t, int64_t> attempts;
  for (const Row& row : rows.rows) attempts[row.Int(0)] += row.Int(1);
  int64_t sum = 0;
  for (const auto& [hour, count] : attempts) {
    model::Entry entry{.event = model::Event::kUnknownNames};
    entry.details = std::to_string(count) + " attempts in the hour from " +
                    std::to_string(hour * 3600) + " (Unix time)";
    LATCHKEY_TRY(Append(tx, context, entry));
    sum += count;
  }
  return sum;
}

}  // namespace latchkey::ledger
