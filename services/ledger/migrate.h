// SPDX-License-Identifier: Apache-2.0
// What the drivers share: cutting migrations into statements, and which text every engine can hold.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/base/result.h"
#include "services/ledger/ledger.h"

namespace latchkey::ledger {

// The statements of a migration, without comments. A statement ends with ";" at the end of a line.
std::vector<std::string> SplitStatements(std::string_view migration);

// Replaces a whole word everywhere: "TEXT" by what an engine calls it.
std::string ReplaceWord(std::string statement, std::string_view word, std::string_view by);

// Whether this program may work with a database at `version`. kInternal when a newer program has
// migrated it.
Done CheckSchemaVersion(int64_t version);

// The version that the database is at; 0 for an empty one. Fails when it was never migrated.
Result<int64_t> LoadSchemaVersion(Transaction& tx);

// Where the engine says that a table or column is not there: the schema's version says it is.
Failure NotAsMigrated(const std::string& engines_words);

// PostgreSQL holds valid UTF-8 without NUL in TEXT; the drivers refuse the rest alike (kMalformed,
// field "text").
bool IsStorableText(std::string_view text);

}  // namespace latchkey::ledger
