// SPDX-License-Identifier: Apache-2.0
// Takes customers into the ledger from a CSV file: any size, any quality, and twice without harm.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "services/base/result.h"
#include "services/operator/csv.h"
#include "services/operator/customer_row.h"
#include "services/operator/open.h"

namespace latchkey::operate {

// How a line ended that did not become a customer.
enum class LineOutcome {
  kRejected,  // the line itself is wrong
  kConflict,  // it contradicts what the ledger holds, or an earlier line
};
struct LineReport {
  uint64_t line = 0;
  LineOutcome outcome = LineOutcome::kRejected;
  std::string column;  // empty: the line as a whole
  std::string reason;  // holds no personal data
};

struct ImportCounts {
  uint64_t read = 0;
  uint64_t added = 0;
  uint64_t unchanged = 0;  // were there already, with the same data
  uint64_t conflicting = 0;
  uint64_t rejected = 0;
  uint64_t last_line = 0;  // everything up to here is decided and durable
  bool without_contact_since = false;
};

// What the outside sees of an import while it runs.
struct ImportWatch {
  std::function<void(const LineReport&)> report;
  std::function<void(uint64_t bytes, uint64_t lines)> progress;
  std::function<bool()> is_told_to_end = [] { return false; };  // after each batch
};

// Rows go in by transactions of a few hundred; a bad line never stops the rest. Fails only when
// nothing more can be done: kMalformed for an unusable header, kUnavailable when the file or the
// ledger fails or it is told to end; `counts` then says how far it came, and running it again skips
// what is in. With `dry_run` nothing is written, and everything else is the same.
Done ImportCustomers(OpenBank& bank, ByteSource source, bool dry_run, const ImportWatch& watch,
                     ImportCounts& counts);

}  // namespace latchkey::operate
