// SPDX-License-Identifier: Apache-2.0
// What goes into a statement and comes out of a row, the same for every engine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "services/base/bytes.h"
#include "services/base/check.h"
#include "services/base/clock.h"
#include "services/base/ids.h"

namespace latchkey::ledger {

// A statement's text. Only a literal can become one, so no text is ever put together at run time
// (attack I01).
class Sql {
 public:
  consteval Sql(const char* text) : text_(text) {}  // NOLINT: implicit on purpose
  constexpr const char* text() const { return text_; }

 private:
  const char* text_;
};

// NULL, BIGINT, TEXT or BYTEA.
using Value = std::variant<std::monostate, int64_t, std::string, Bytes>;

inline Value ToValue(std::nullptr_t) { return std::monostate{}; }
inline Value ToValue(Bytes bytes) { return bytes; }
inline Value ToValue(std::string text) { return text; }
inline Value ToValue(std::string_view text) { return std::string(text); }
inline Value ToValue(const char* text) { return std::string(text); }
inline Value ToValue(TimePoint time) { return ToUnixMillis(time); }
template <typename Tag>
Value ToValue(Id<Tag> id) {
  return id.value;
}
template <typename T>
  requires std::is_integral_v<T> || std::is_enum_v<T>
Value ToValue(T number) {
  return static_cast<int64_t>(number);
}
inline Value ToValue(Value value) { return value; }
// An id or time that may be absent: zero becomes NULL.
template <typename Tag>
Value OrNull(Id<Tag> id) {
  return id.value == 0 ? Value{} : Value{id.value};
}
inline Value OrNull(TimePoint time) {
  return ToUnixMillis(time) == 0 ? Value{} : Value{ToUnixMillis(time)};
}

// Columns by position, from 0. Asking for another type than the column holds is a bug; NULL reads
// as zero or empty.
class Row {
 public:
  explicit Row(std::vector<Value> values) : values_(std::move(values)) {}
  bool IsNull(size_t column) const {
    return std::holds_alternative<std::monostate>(values_.at(column));
  }
  int64_t Int(size_t column) const { return IsNull(column) ? 0 : Get<int64_t>(column); }
  std::string Text(size_t column) const {
    return IsNull(column) ? std::string() : Get<std::string>(column);
  }
  Bytes Blob(size_t column) const { return IsNull(column) ? Bytes() : Get<Bytes>(column); }
  TimePoint Time(size_t column) const { return FromUnixMillis(Int(column)); }
  template <typename IdType>
  IdType As(size_t column) const {
    return IdType{Int(column)};
  }
  template <typename Enum>
  Enum Enumerated(size_t column) const {
    return static_cast<Enum>(Int(column));
  }

 private:
  template <typename T>
  const T& Get(size_t column) const {
    const T* value = std::get_if<T>(&values_.at(column));
    LATCHKEY_CHECK(value != nullptr);
    return *value;
  }
  std::vector<Value> values_;
};

struct Rows {
  std::vector<Row> rows;  // of SELECT and RETURNING
  int64_t changed = 0;    // rows that INSERT, UPDATE or DELETE touched
  bool empty() const { return rows.empty(); }
  const Row& front() const { return rows.front(); }
};

}  // namespace latchkey::ledger
