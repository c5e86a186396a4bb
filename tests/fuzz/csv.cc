// SPDX-License-Identifier: Apache-2.0
// Any file ends, record by record, whatever is in it.
#include "services/operator/csv.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <variant>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  latchkey::operate::CsvReader reader([&](char* out, size_t room) -> std::ptrdiff_t {
    const size_t taken = std::min(room, rest.size());
    std::memcpy(out, rest.data(), taken);
    rest.remove_prefix(taken);
    return static_cast<std::ptrdiff_t>(taken);
  });
  while (!std::holds_alternative<latchkey::operate::CsvEnd>(reader.Next())) {
  }
  return 0;
}
