// SPDX-License-Identifier: Apache-2.0
#include "services/base/utc_text.h"

#include <ctime>

namespace latchkey {

std::string UtcText(TimePoint time) {
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  const size_t size = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%SZ", &utc);
  return {text, size};
}

}  // namespace latchkey
