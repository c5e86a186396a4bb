// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/postgres/binary.h"

namespace latchkey::ledger::postgres {
namespace {

std::string BigEndian(int64_t number) {
  std::string bytes(8, '\0');
  for (int i = 7; i >= 0; --i, number >>= 8) bytes[i] = static_cast<char>(number & 0xff);
  return bytes;
}

// 1, 2, 4 or 8 bytes, big-endian, in two's complement.
int64_t ReadInteger(std::string_view bytes) {
  uint64_t number = !bytes.empty() && (bytes[0] & 0x80) != 0 ? ~uint64_t{0} : 0;
  for (unsigned char byte : bytes) number = number << 8 | byte;
  return static_cast<int64_t>(number);
}

// NUMERIC, as SUM of BIGINT yields it: int16 count, weight, sign, scale, then digits to the base
// 10000.
Result<Value> ReadNumeric(std::string_view bytes) {
  if (bytes.size() < 8) return Fail(Reason::kInternal, "a numeric is cut short");
  int64_t count = ReadInteger(bytes.substr(0, 2));
  int64_t weight = ReadInteger(bytes.substr(2, 2));
  int64_t sign = ReadInteger(bytes.substr(4, 2));
  bool whole = count <= weight + 1 && weight < 5;  // below 10^20: then checked for overflow
  if (!whole || count < 0 || bytes.size() != 8 + 2 * static_cast<size_t>(count) ||
      (sign != 0 && sign != 0x4000)) {
    return Fail(Reason::kInternal, "a numeric is no whole number");
  }
  int64_t number = 0;
  for (int64_t i = 0; i <= weight; ++i) {
    int64_t digit = i < count ? ReadInteger(bytes.substr(8 + 2 * static_cast<size_t>(i), 2)) : 0;
    if (__builtin_mul_overflow(number, int64_t{10000}, &number) ||
        __builtin_add_overflow(number, sign == 0 ? digit : -digit, &number)) {
      return Fail(Reason::kInternal, "a number is too large");
    }
  }
  return Value{number};
}

}  // namespace

Parameters::Parameters(const std::vector<Value>& values) {
  numbers_.reserve(values.size());  // data() of its strings must stay where it is
  for (const Value& value : values) {
    std::string_view bytes;
    uint32_t type = 0;
    if (const auto* number = std::get_if<int64_t>(&value)) {
      bytes = numbers_.emplace_back(BigEndian(*number));
      type = kInt8;
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      bytes = *text;
      type = kText;
    } else if (const auto* blob = std::get_if<Bytes>(&value)) {
      bytes = blob->view();
      type = kBytea;
    }
    types.push_back(type);
    data.push_back(type == 0 ? nullptr : bytes.data());
    lengths.push_back(static_cast<int>(bytes.size()));
    formats.push_back(1);
    signature += type == kInt8 ? 'i' : type == kText ? 't' : type == kBytea ? 'b' : '0';
  }
}

Result<Value> Decode(uint32_t type, std::string_view bytes) {
  switch (type) {
    case kInt8:
    case kInt4:
    case kInt2:
    case kBool:
      return Value{ReadInteger(bytes)};
    case kText:
    case kVarchar:
      return Value{std::string(bytes)};
    case kBytea:
      return Value{Bytes(bytes)};
    case kNumeric:
      return ReadNumeric(bytes);
    default:
      return Fail(Reason::kInternal, "a column is of type " + std::to_string(type));
  }
}

}  // namespace latchkey::ledger::postgres
