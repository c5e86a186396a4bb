// SPDX-License-Identifier: Apache-2.0
// Plain bytes that are no secret: digests, sealed fields, identifiers.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace latchkey {

// Owned bytes, distinct from text so that SQL drivers and overloads cannot mix them up.
struct Bytes {
  std::string data;
  Bytes() = default;
  explicit Bytes(std::string bytes) : data(std::move(bytes)) {}
  explicit Bytes(std::string_view bytes) : data(bytes) {}
  std::string_view view() const { return data; }
  bool empty() const { return data.empty(); }
  size_t size() const { return data.size(); }
  auto operator<=>(const Bytes&) const = default;
};

std::string ToHex(std::string_view bytes);

}  // namespace latchkey
