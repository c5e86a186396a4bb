// SPDX-License-Identifier: Apache-2.0
// What a benchmark looks at in a ledger's file, beside the service.
#pragma once

#include <cstdint>
#include <filesystem>

namespace latchkey::bench {

// Waits until so many messages wait in the outbox.
void WaitForOutbox(const std::filesystem::path& ledger, int64_t messages);

// Rows a second that SQLite takes alone: every row of `ledger` (as `latchkey import` left it) put
// into a new file `copy` of the same schema and settings, account after account, as many accounts
// in a transaction as an import has. Reading them is not counted.
double BareInserts(const std::filesystem::path& ledger, const std::filesystem::path& copy);

}  // namespace latchkey::bench
