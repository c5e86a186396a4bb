// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/view/advice_ways.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "clients/portal/config.h"
#include "clients/portal/place.h"

namespace latchkey::portal {
namespace {

// What is open when the service named nothing, as when it could not be reached.
std::vector<v1::WayOn> UsualWays(v1::RefusalReason reason, Task task) {
  switch (reason) {
    case v1::REFUSAL_REASON_PASSWORD_UNSUITABLE:
      return {};
    case v1::REFUSAL_REASON_USED:
      if (task == Task::kStop) return {};
      return {v1::WAY_ON_SIGN_IN, v1::WAY_ON_RECOVER_BY_MESSAGE};
    case v1::REFUSAL_REASON_EXPIRED:
      if (task == Task::kStop) return {};
      return {v1::WAY_ON_RECOVER_BY_MESSAGE};
    case v1::REFUSAL_REASON_RESTING:
    case v1::REFUSAL_REASON_WRONG:
      if (task == Task::kSignIn) return {v1::WAY_ON_RECOVER_BY_MESSAGE};
      if (task == Task::kLink) return {v1::WAY_ON_ENTER_CODE, v1::WAY_ON_RECOVER_BY_MESSAGE};
      if (task == Task::kStop) return {};
      return {v1::WAY_ON_OPEN_LINK, v1::WAY_ON_RECOVER_BY_MESSAGE};
    default:
      return {};
  }
}

class Ways {
 public:
  Ways(const client::Refused& refused, Task task, const Audience& audience)
      : refused_(refused), task_(task), audience_(audience) {}

  void Add(v1::WayOn way) {
    if (std::find(added_.begin(), added_.end(), way) != added_.end()) return;
    added_.push_back(way);
    switch (way) {
      case v1::WAY_ON_WAIT:
        return;  // told above, with its end; the list is for who need not wait
      case v1::WAY_ON_RECOVER_BY_MESSAGE:
        if (IsPastMessages()) return;
        return Put(Mark("Get a message with a link and a code"),
                   PathOf(IsToUnlock() ? Place::kStartUnlock : Place::kStart));
      case v1::WAY_ON_ENTER_CODE:
        return Put(Mark("Type the code from the message"), PathOf(Place::kCode));
      case v1::WAY_ON_OPEN_LINK:
        return Put(Mark("Open the link in the message instead of typing the code"), "");
      case v1::WAY_ON_PHONE:
        if (audience_.phone.empty()) return;
        return Put(
            audience_.catalog.Say(audience_.language, Mark("Call us: {1}"), {audience_.phone}),
            "tel:" + Dialled(audience_.phone));
      case v1::WAY_ON_BRANCH:
        return Put(Mark("Visit a branch: we help you on the spot"),
                   std::string(PathOf(Place::kHelp)) + "#branch");
      case v1::WAY_ON_SIGN_IN:
        return Put(Mark("Sign in"), PathOf(Place::kSignIn));
      default:
        return;  // a way that a newer service knows and this page does not
    }
  }

  std::vector<Way> Take() { return std::move(ways_); }

 private:
  bool Rests() const { return refused_.reason() == v1::REFUSAL_REASON_RESTING; }
  // Another message leads back to what rests.
  bool IsPastMessages() const {
    return Rests() && (task_ == Task::kPassword || task_ == Task::kUnlock);
  }
  // Who waits for a rest to end has no need of a new password.
  bool IsToUnlock() const {
    return task_ == Task::kUnlock ||
           (task_ == Task::kSignIn && Rests() && !IsShortPause(refused_, audience_.now));
  }
  void Put(const char* english, std::string_view href) {
    Put(audience_.catalog.Say(audience_.language, english), href);
  }
  void Put(std::string text, std::string_view href) {
    ways_.push_back({std::move(text), std::string(href)});
  }
  const client::Refused& refused_;
  const Task task_;
  const Audience& audience_;
  std::vector<v1::WayOn> added_;
  std::vector<Way> ways_;
};

}  // namespace

std::vector<Way> WaysFor(const client::Refused& refused, Task task, const Audience& audience) {
  const v1::Refusal& refusal = refused.refusal;
  Ways ways(refused, task, audience);
  for (int way : refusal.ways_on()) ways.Add(static_cast<v1::WayOn>(way));
  if (refusal.ways_on_size() == 0) {
    for (v1::WayOn way : UsualWays(refused.reason(), task)) ways.Add(way);
  }
  // A new password is simply typed again; beside everything else stand the ways that never close.
  if (refused.reason() != v1::REFUSAL_REASON_PASSWORD_UNSUITABLE) {
    ways.Add(v1::WAY_ON_PHONE);
    ways.Add(v1::WAY_ON_BRANCH);
  }
  return ways.Take();
}

}  // namespace latchkey::portal
