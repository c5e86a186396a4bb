// SPDX-License-Identifier: Apache-2.0
// Structured logging: one event is one line, whatever its values hold (attack I06).
//
//   log::Info("recovery.completed", {{"recovery", id}, {"channel", "web"}, {"took", took}});
//
// Values are typed. There is no way from a Secret to a line (Law 12): no overload takes one, and
// none takes bytes. Personal data does not belong into a log either: accounts and recoveries are
// named by their ids. Threads: any. Logging never fails and never throws; before Start it writes
// JSON to standard error.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

#include "services/base/clock.h"
#include "services/base/config.h"
#include "services/base/ids.h"
#include "services/base/result.h"

namespace latchkey {
class Secret;
}

namespace latchkey::log {

// One value, already in its written form.
class Field {
 public:
  Field(std::string_view key, std::string_view text) : key_(key), written_(Quote(text)) {}
  Field(std::string_view key, const std::string& text) : Field(key, std::string_view(text)) {}
  Field(std::string_view key, const char* text) : Field(key, std::string_view(text)) {}
  Field(std::string_view key, bool flag) : key_(key), written_(flag ? "true" : "false") {}
  template <typename T>
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
  Field(std::string_view key, T number) : key_(key), written_(std::to_string(number)) {}
  Field(std::string_view key, double number);
  // Milliseconds; "_ms" is added to the key.
  Field(std::string_view key, Millis span)
      : key_(std::string(key) + "_ms"), written_(std::to_string(span.count())) {}
  // Milliseconds since 1970; "_unix_ms" is added to the key.
  Field(std::string_view key, TimePoint at)
      : key_(std::string(key) + "_unix_ms"), written_(std::to_string(ToUnixMillis(at))) {}
  template <typename Tag>
  Field(std::string_view key, Id<Tag> id) : key_(key), written_(std::to_string(id.value)) {}
  Field(std::string_view key, Reason reason) : Field(key, ReasonName(reason)) {}
  Field(std::string_view key, const Secret& secret) = delete;

  const std::string& key() const { return key_; }
  const std::string& written() const { return written_; }

 private:
  static std::string Quote(std::string_view text);
  static std::string_view ReasonName(Reason reason);

  std::string key_;
  std::string written_;
};

using Fields = std::initializer_list<Field>;

// `event` is a literal such as "signin.resting": words by which an operator searches.
void Debug(std::string_view event, Fields fields = {});
void Info(std::string_view event, Fields fields = {});
void Warning(std::string_view event, Fields fields = {});
void Error(std::string_view event, Fields fields = {});

// Sets level and format; to be called once, before other threads exist. `program` stands in every
// line.
void Start(std::string_view program, const Config::Log& config);
// Writes out what is buffered; at the end of a program.
void Flush();

// Text as a JSON string with its quotes: control characters, bidi and other invisible marks, line
// separators and what is no UTF-8 are escaped, so that no value can end its line or steer a
// terminal. Long texts are cut at 4 KiB.
std::string QuoteJson(std::string_view text);

// Sends the lines to `lines` instead, for tests.
void CaptureForTest(std::string* lines);

}  // namespace latchkey::log
