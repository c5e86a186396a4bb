// SPDX-License-Identifier: Apache-2.0
// People at a terminal and on the telephone, through the real programs' cores and links.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clients/branch/presenter.h"
#include "clients/branch/teller_link.h"
#include "clients/ivr/dialogue.h"
#include "clients/ivr/phone_link.h"
#include "crypto/random.h"
#include "tests/attacks/caller.h"

namespace latchkey::attacks {

// A terminal in a branch: lines in, lines out, as latchkey-branch --plain.
class Desk {
 public:
  Desk(const Caller& terminal, Canaries& canaries, Clock& clock);
  // Types one line at the question that is open; what the screen showed until the next one.
  std::vector<std::string> Type(const std::string& line);
  std::string TypeForText(const std::string& line);
  bool signed_in() const { return presenter_.signed_in(); }

 private:
  void Go(branch::Turn turn);

  Canaries& canaries_;
  const std::string party_;
  crypto::SystemRandom random_;
  branch::TellerLink link_;
  branch::Presenter presenter_;
  std::vector<std::string> shown_;
};

// One call: keys in, prompts out, as latchkey-ivr.
class PhoneCall {
 public:
  PhoneCall(const Caller& gateway, Canaries& canaries, const std::string& from = "");
  // A burst of keys and the pause after it; the names of the prompts that were spoken then, such as
  // "enter-code". `ahead`: keys that come while the service is asked.
  std::vector<std::string> Press(std::string_view keys, std::string_view ahead = {});
  bool ended() const { return dialogue_.ended(); }
  void HangUp() { Go(dialogue_.HangUp()); }
  // All that was spoken so far.
  const std::string& spoken() const { return spoken_; }

 private:
  void Go(ivr::Step step);

  Canaries& canaries_;
  const std::string party_;
  crypto::SystemRandom random_;
  ivr::PhoneLink link_;
  ivr::Dialogue dialogue_;
  std::string spoken_;
  std::vector<std::string> names_;
  std::string ahead_;
};

}  // namespace latchkey::attacks
