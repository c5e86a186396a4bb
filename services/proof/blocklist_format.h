// SPDX-License-Identifier: Apache-2.0
// What is in a blocklist file, for its reader and its builder.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace latchkey::proof {

// 8 bytes of magic, 8 bytes of count (big-endian), then `count` entries in ascending order.
inline constexpr std::string_view kBlocklistMagic = "LKBLOCK1";
inline constexpr size_t kBlocklistHeader = 16;

// The first 8 bytes of a SHA-1, big-endian: as a number it sorts like the bytes.
using Entry = uint64_t;
inline constexpr size_t kEntryBytes = sizeof(Entry);

inline Entry LoadEntry(const unsigned char* bytes) {
  Entry entry = 0;
  for (size_t i = 0; i < kEntryBytes; ++i) entry = entry << 8 | bytes[i];
  return entry;
}

inline std::array<char, kEntryBytes> StoreEntry(Entry entry) {
  std::array<char, kEntryBytes> bytes;
  for (size_t i = 0; i < kEntryBytes; ++i)
    bytes[i] = static_cast<char>(entry >> (8 * (kEntryBytes - 1 - i)) & 0xff);
  return bytes;
}

// The entry of a word.
Entry EntryOf(std::string_view word);

}  // namespace latchkey::proof
