// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/view/advice.h"

#include <algorithm>

#include "clients/portal/view/advice_ways.h"
#include "clients/portal/view/advice_words.h"

namespace latchkey::portal {
namespace {

constexpr Millis kWorthGoingAnotherWay = std::chrono::minutes(2);

Millis PauseOf(const client::Refused& refused, TimePoint now) {
  const int64_t retry_at = refused.refusal.retry_at_unix_ms();
  return retry_at > 0 ? FromUnixMillis(retry_at) - now : Millis(0);
}

unsigned StatusFor(const client::Refused& refused) {
  switch (refused.reason()) {
    case v1::REFUSAL_REASON_RESTING:
      return 429;
    case v1::REFUSAL_REASON_BUSY:
      return 503;
    case v1::REFUSAL_REASON_EXPIRED:
    case v1::REFUSAL_REASON_USED:
    case v1::REFUSAL_REASON_STOPPED:
      return 410;
    case v1::REFUSAL_REASON_CONFLICT:
      return 409;
    case v1::REFUSAL_REASON_NOT_ALLOWED:
    case v1::REFUSAL_REASON_MORE_PROOF:
      return 403;
    default:
      return 422;
  }
}

long SecondsLeft(const client::Refused& refused, const Audience& audience) {
  return std::max<long>(1, (PauseOf(refused, audience.now).count() + 999) / 1000);
}

// {1} and {2}: when a rest or pause ends, and in which zone; {3}: in how many seconds.
std::vector<std::string> TimesOf(const client::Refused& refused, const Audience& audience) {
  const TimePoint until = FromUnixMillis(refused.refusal.retry_at_unix_ms());
  const Catalog& catalog = audience.catalog;
  const std::string zone = catalog.Zone(audience.language, until);
  const bool soon = PauseOf(refused, audience.now) < kWorthGoingAnotherWay;
  return {soon ? catalog.ClockSecond(audience.language, until)
               : catalog.When(audience.language, until, audience.now),
          zone, std::to_string(SecondsLeft(refused, audience))};
}

}  // namespace

bool IsShortPause(const client::Refused& refused, TimePoint now) {
  return refused.reason() == v1::REFUSAL_REASON_RESTING && refused.refusal.retry_at_unix_ms() > 0 &&
         PauseOf(refused, now) < kWorthGoingAnotherWay;
}

Advice AdviceFor(const client::Refused& refused, Task task, const Audience& audience) {
  const v1::Refusal& refusal = refused.refusal;
  const Words words = WordsFor(refused, task, audience.now);
  std::vector<std::string> values;
  if (refusal.retry_at_unix_ms() > 0) {
    values = TimesOf(refused, audience);
  } else if (refusal.password_issue() == v1::PASSWORD_ISSUE_TOO_SHORT) {
    values.push_back(std::to_string(refusal.min_characters()));
  }
  Advice advice;
  advice.title = audience.catalog.Say(audience.language, words.title, values);
  advice.text = audience.catalog.Say(audience.language, words.text, values);
  advice.status = StatusFor(refused);
  if (refusal.retry_at_unix_ms() > 0) advice.retry_after_seconds = SecondsLeft(refused, audience);
  advice.ways = WaysFor(refused, task, audience);
  return advice;
}

}  // namespace latchkey::portal
