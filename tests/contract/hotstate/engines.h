// SPDX-License-Identifier: Apache-2.0
// The engines that the contract of the hot state runs on.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "services/hotstate/hotstate.h"

namespace latchkey::testing {

// A running engine with no lanes in it. `Open` gives another node's view of the same engine.
class HotStateEngine {
 public:
  virtual ~HotStateEngine() = default;
  virtual std::unique_ptr<hotstate::HotState> Open() = 0;
};

struct HotStateEngineKind {
  std::string name;
  std::function<std::unique_ptr<HotStateEngine>()> make;
};
std::vector<HotStateEngineKind> AllHotStateEngines();

}  // namespace latchkey::testing
