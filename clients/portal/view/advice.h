// SPDX-License-Identifier: Apache-2.0
// The one place where a refusal becomes words: what happened, and what can be done now (Law 10).
#pragma once

#include <string>
#include <vector>

#include "clients/common/refusal.h"
#include "clients/portal/view/catalog.h"
#include "services/base/clock.h"

namespace latchkey::portal {

// What the customer was about to do.
enum class Task {
  kSignIn,
  kStart,
  kCode,
  kLink,
  kPassword,
  kUnlock,
  kStop,
  kBranchToken,
  kCallBack,
  kAccount,
};

struct Way {
  std::string text;
  std::string href;  // empty: nothing to follow
};

struct Advice {
  std::string title;
  std::string text;
  std::vector<Way> ways;  // empty only where the form itself is the way on
  unsigned status = 400;
  long retry_after_seconds = 0;  // 0: none
};

// Whom the words are for, and what they need to know of the bank.
struct Audience {
  const Catalog& catalog;
  const std::string& language;
  std::string phone;  // empty: the bank has none
  TimePoint now;
};

// Whether it is over before it is worth going another way: then it is told by the second.
bool IsShortPause(const client::Refused& refused, TimePoint now);

Advice AdviceFor(const client::Refused& refused, Task task, const Audience& audience);

}  // namespace latchkey::portal
