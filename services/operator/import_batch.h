// SPDX-License-Identifier: Apache-2.0
// Decides a batch of rows in one transaction: added, there already, differs, or taken.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "services/base/result.h"
#include "services/operator/customer_row.h"
#include "services/operator/open.h"

namespace latchkey::operate {

struct NumberedRow {
  uint64_t line = 0;
  CustomerRow row;
};

enum class RowOutcome { kAdded, kUnchanged, kDiffers, kTaken };
struct RowDecision {
  RowOutcome outcome = RowOutcome::kAdded;
  std::string column;  // kDiffers, kTaken: which
};

// Imports rows, in order. Identifiers are looked up before anything is inserted, because a refused
// insert ends the transaction for the rows beside it. Threads: any, unless it is a dry run.
class Importer {
 public:
  Importer(OpenBank& bank, bool dry_run) : bank_(bank), dry_run_(dry_run) {}

  // One decision for each row, durable. kConflict when somebody else took an identifier meanwhile:
  // nothing is done.
  Result<std::vector<RowDecision>> Decide(const std::vector<NumberedRow>& rows);

 private:
  Result<RowDecision> DecideOne(ledger::Transaction& tx, const CustomerRow& row);
  uint64_t Fingerprint(const model::Identifier& identifier) const;

  OpenBank& bank_;
  const bool dry_run_;
  std::unordered_map<uint64_t, uint64_t> seen_;  // by identifier; dry runs only
};

}  // namespace latchkey::operate
