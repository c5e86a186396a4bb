// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/fields.h"

#include <cstdint>

namespace latchkey::ledger {
namespace {
constexpr size_t kLengthBytes = 4;  // big-endian
}

std::string PackFields(std::initializer_list<std::string_view> fields) {
  std::string packed;
  for (std::string_view field : fields) {
    const auto size = static_cast<uint32_t>(field.size());
    for (int shift = 24; shift >= 0; shift -= 8) packed += static_cast<char>(size >> shift & 0xff);
    packed += field;
  }
  return packed;
}

std::optional<std::vector<std::string>> UnpackFields(std::string_view packed, size_t count) {
  std::vector<std::string> fields;
  while (!packed.empty()) {
    if (packed.size() < kLengthBytes || fields.size() == count) return std::nullopt;
    uint32_t size = 0;
    for (size_t i = 0; i < kLengthBytes; ++i)
      size = size << 8 | static_cast<unsigned char>(packed[i]);
    packed.remove_prefix(kLengthBytes);
    if (packed.size() < size) return std::nullopt;
    fields.emplace_back(packed.substr(0, size));
    packed.remove_prefix(size);
  }
  if (fields.size() != count) return std::nullopt;
  return fields;
}

}  // namespace latchkey::ledger
