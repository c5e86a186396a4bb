// SPDX-License-Identifier: Apache-2.0
// The verbs on a SQL engine: the embedded default in a file of its own, and the same on the ledger
// when Redis is away.
#pragma once

#include <filesystem>
#include <memory>

#include "services/hotstate/hotstate.h"
#include "services/ledger/ledger.h"

namespace latchkey::hotstate {

// Hot state on a database that is shared with the ledger, or is the ledger's own. `ledger` must
// outlive it. Makes its two tables where they are missing; safe on several nodes at once.
Result<std::unique_ptr<HotState>> OpenOnLedger(ledger::Ledger& ledger);

// Hot state in a SQLite file. What is counted survives a killed process (WAL, synchronous=NORMAL);
// a machine that loses its power may forget the last moments, which no caller can bring about.
Result<std::unique_ptr<HotState>> OpenInFile(const std::filesystem::path& file);

}  // namespace latchkey::hotstate
