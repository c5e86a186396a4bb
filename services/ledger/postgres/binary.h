// SPDX-License-Identifier: Apache-2.0
// Values in PostgreSQL's binary formats: int8, text, bytea, and what SUM and comparisons yield.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/base/result.h"
#include "services/ledger/value.h"

namespace latchkey::ledger::postgres {

// Type numbers of pg_type.h; they never change.
inline constexpr uint32_t kBool = 16, kBytea = 17, kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25,
                          kVarchar = 1043, kNumeric = 1700;

// The arguments of one call, as libpq takes them. Points into the values: keep them alive.
struct Parameters {
  explicit Parameters(const std::vector<Value>& values);
  std::vector<uint32_t> types;  // 0 for NULL: the server infers it
  std::vector<const char*> data;
  std::vector<int> lengths;
  std::vector<int> formats;  // all binary
  // One letter per type: a text is prepared once for each combination of NULLs that occurs.
  std::string signature;

 private:
  std::vector<std::string> numbers_;  // the big-endian forms
};

// kInternal for a type that no statement of ours should yield.
Result<Value> Decode(uint32_t type, std::string_view bytes);

}  // namespace latchkey::ledger::postgres
