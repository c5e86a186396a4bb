// SPDX-License-Identifier: Apache-2.0
// The ledger in the memory of this process, gone with it: for trying things out and for simulating.
// No file, no thread of its own: each work runs at once on its caller's thread, so that what
// happens depends on nothing but the calls.
#pragma once

#include <memory>

#include "services/base/result.h"
#include "services/ledger/ledger.h"

namespace latchkey::ledger {

// Threads: one at a time.
Result<std::unique_ptr<Ledger>> OpenInMemory();

}  // namespace latchkey::ledger
