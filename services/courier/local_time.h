// SPDX-License-Identifier: Apache-2.0
// Times as people read them, in their language and the bank's time zone.
#pragma once

#include <string>

#include "services/base/clock.h"

namespace latchkey::courier {

struct TimeStyle {
  std::string language;  // "de"
  std::string zone;      // "Europe/Berlin"; an unknown one is GMT
  std::string format;    // as of ICU: "dd MMMM yyyy, HH:mm"; vvvv is the zone's name
};
// "05 March 2027, 15:02"
std::string LocalTime(TimePoint at, const TimeStyle& style);

}  // namespace latchkey::courier
