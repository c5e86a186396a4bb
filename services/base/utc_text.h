// SPDX-License-Identifier: Apache-2.0
// A moment for people who run or audit a bank, wherever they are.
#pragma once

#include <string>

#include "services/base/clock.h"

namespace latchkey {

// "2026-11-24 08:15:00Z".
std::string UtcText(TimePoint time);

}  // namespace latchkey
