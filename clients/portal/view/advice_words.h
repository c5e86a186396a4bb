// SPDX-License-Identifier: Apache-2.0
// What is said of a refusal: advice without its ways on.
#pragma once

#include "clients/common/refusal.h"
#include "clients/portal/view/advice.h"

namespace latchkey::portal {

// Both as they stand in the catalogs, in English.
struct Words {
  const char* title;
  const char* text;
};

// They may hold {1}, {2} and {3}: when and in which zone a rest ends, and in how many seconds; or
// {1}: how many characters a password must have.
Words WordsFor(const client::Refused& refused, Task task, TimePoint now);

}  // namespace latchkey::portal
