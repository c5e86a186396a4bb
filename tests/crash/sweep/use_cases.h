// SPDX-License-Identifier: Apache-2.0
// The list of use cases: what has to be there, the call, and what it must come to when it is sent
// again.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/crash/sweep/house.h"

namespace latchkey::crash {

// What preparing leaves for the call, secrets as bytes.
struct Given {
  AccountId account;
  model::Staff staff;
  std::string handle, link, code, session, freeze, token, reference, key;
};

// What the same call does when it comes again, with everything well.
enum class Repeat {
  kSameAnswer,  // one effect, one answer
  kOnce,        // one success, ever; without one, the secret is used up or still good
  kAgain,       // it may be done as often as one likes
  kRefused,     // a wrong guess: refused, and counted each time it was compared
  kWorker,      // a step of a worker: what was not done is done then, what was done is not
};

// What one trial came to.
struct Trial {
  std::optional<std::string> first, second;  // answers; absent: refused
  std::optional<Reason> refused;             // why, at first
  bool compared = false;                     // a hash was computed
  int64_t stage = 0;                         // how many commits of a clean run stood afterwards
};

struct UseCase {
  std::string name;
  std::function<void(House&, Given&)> prepare;
  std::function<Result<std::string>(House&, const Given&)> call;
  Repeat repeat = Repeat::kSameAnswer;
  Millis retry_after{0};  // of workers: leases and pauses end
  // What must hold before anything else happens: counts.
  std::function<void(House&, const Given&, const Trial&)> at_once = {};
  // What else must hold in the end.
  std::function<void(House&, const Given&, const Trial&)> law = {};
};

// A password that was set a moment ago, and the "this was not me" of its notice.
void HaveFreezeLink(House& house, Given& given);
Result<std::string> Freeze(House& house, const Given& given);

// Guesses at anna's password until one more disables it.
void HaveAlmostDisabled(House& house, Given& given);

std::vector<UseCase> RecoveryCases();
std::vector<UseCase> SignInCases();
std::vector<UseCase> BranchCases();
std::vector<UseCase> WorkerCases();

}  // namespace latchkey::crash
