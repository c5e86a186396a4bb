// SPDX-License-Identifier: Apache-2.0
// The migrations, in order. Applied ones are never changed: a change of the schema is a new file.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace latchkey::ledger {

struct Migration {
  int64_t version;
  std::string_view sql;  // statements that end with ";" at the end of a line
};
const std::vector<Migration>& Migrations();

}  // namespace latchkey::ledger
