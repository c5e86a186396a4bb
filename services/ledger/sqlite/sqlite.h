// SPDX-License-Identifier: Apache-2.0
// The ledger in one SQLite file: one writer that commits many callers' works at once, and a few
// readers.
//
// Other processes may open the same file (the operator's command does); their writes are seen at
// once.
#pragma once

#include <filesystem>
#include <memory>

#include "services/base/clock.h"
#include "services/base/result.h"
#include "services/ledger/ledger.h"

namespace latchkey::ledger {

struct SqliteOptions {
  std::filesystem::path path;  // made with mode 0600 when absent; its folder must exist
  int readers = 4;             // connections for Read at once
  Millis busy_timeout{5000};   // how long another process may hold the write lock
  // False: a commit survives a killed process but perhaps not a power cut (synchronous=NORMAL). For
  // the hot state only; the ledger always survives both.
  bool survive_power_loss = true;
};

// kUnavailable with a line that says why when the file cannot be made, opened or written.
Result<std::unique_ptr<Ledger>> OpenSqlite(const SqliteOptions& options);

}  // namespace latchkey::ledger
