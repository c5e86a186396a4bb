// SPDX-License-Identifier: Apache-2.0
#include "services/courier/local_time.h"

#include <boost/locale/date_time.hpp>
#include <boost/locale/formatting.hpp>
#include <boost/locale/generator.hpp>
#include <chrono>
#include <map>
#include <mutex>
#include <sstream>
#include <tuple>
#include <utility>

namespace latchkey::courier {
namespace {

// Making a locale takes milliseconds; there are as many as languages.
std::locale LocaleOf(const std::string& language) {
  static std::mutex mutex;
  static auto& made = *new std::map<std::string, std::locale>;
  std::lock_guard lock(mutex);
  auto at = made.find(language);
  if (at == made.end()) {
    at = made.emplace(language, boost::locale::generator()(language + ".UTF-8")).first;
  }
  return at->second;
}

std::string Write(std::chrono::sys_time<std::chrono::minutes> at, const TimeStyle& style) {
  std::ostringstream out;
  out.imbue(LocaleOf(style.language));
  out << boost::locale::as::ftime(style.format) << boost::locale::as::time_zone(style.zone)
      << static_cast<double>(
             std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count());
  return out.str();
}

}  // namespace

// Times are told to the minute. Writing one takes longer than all the rest of a message, and what
// is sent within a minute tells the same few.
std::string LocalTime(TimePoint at, const TimeStyle& style) {
  using Told = std::tuple<int64_t, std::string, std::string, std::string>;
  constexpr size_t kMost = 1024;
  static std::mutex mutex;
  static auto& written = *new std::map<Told, std::string>;
  const auto minute = std::chrono::floor<std::chrono::minutes>(at);
  Told told(minute.time_since_epoch().count(), style.language, style.format, style.zone);
  {
    std::lock_guard lock(mutex);
    if (auto known = written.find(told); known != written.end()) return known->second;
  }
  std::string text = Write(minute, style);
  std::lock_guard lock(mutex);
  if (written.size() >= kMost) written.clear();
  written.emplace(std::move(told), text);
  return text;
}

}  // namespace latchkey::courier
