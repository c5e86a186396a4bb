// SPDX-License-Identifier: Apache-2.0
#include "services/courier/local_time.h"

#include <boost/locale/date_time.hpp>
#include <boost/locale/formatting.hpp>
#include <boost/locale/generator.hpp>
#include <map>
#include <mutex>
#include <sstream>

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

}  // namespace

std::string LocalTime(TimePoint at, const TimeStyle& style) {
  std::ostringstream out;
  out.imbue(LocaleOf(style.language));
  out << boost::locale::as::ftime(style.format) << boost::locale::as::time_zone(style.zone)
      << static_cast<double>(ToUnixMillis(at) / 1000);
  return out.str();
}

}  // namespace latchkey::courier
