// SPDX-License-Identifier: Apache-2.0
#include "services/courier/local_time.h"

#include <unicode/smpdtfmt.h>
#include <unicode/timezone.h>

#include <map>
#include <mutex>
#include <tuple>

#include "services/base/check.h"

namespace latchkey::courier {
namespace {

icu::SimpleDateFormat Make(const TimeStyle& style) {
  UErrorCode error = U_ZERO_ERROR;
  icu::SimpleDateFormat format(icu::UnicodeString::fromUTF8(style.format),
                               icu::Locale(style.language.c_str()), error);
  LATCHKEY_CHECK(U_SUCCESS(error));  // the patterns are ours
  format.adoptTimeZone(icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(style.zone)));
  return format;
}

}  // namespace

// To make a format takes longer than all the rest of a message, and there are only a few.
std::string LocalTime(TimePoint at, const TimeStyle& style) {
  static std::mutex mutex;
  static auto& made =
      *new std::map<std::tuple<std::string, std::string, std::string>, icu::SimpleDateFormat>;
  const auto key = std::tie(style.language, style.zone, style.format);
  icu::UnicodeString written;
  {
    std::lock_guard lock(mutex);
    auto format = made.find(key);
    if (format == made.end()) format = made.emplace(key, Make(style)).first;
    format->second.format(static_cast<UDate>(ToUnixMillis(at)), written);
  }
  std::string text;
  return written.toUTF8String(text);
}

}  // namespace latchkey::courier
