// SPDX-License-Identifier: Apache-2.0
// The workers of the nodes, one batch at a time.
#include "tests/simulation/calls.h"

namespace latchkey::simulation {
namespace {

template <typename Use>
int64_t Batch(Bank& bank, std::string_view what, Use&& use) {
  auto called = bank.Call(
      {.who = "worker", .what = what, .between_from = 1}, [] { return kOk; },
      std::forward<Use>(use));
  bank.Judge("Law 11", called);
  return called.told() ? static_cast<int64_t>(*called.result) : 0;
}

int64_t Drain(Bank& bank) {
  return Batch(bank, "DrainIntakes", [](Node& n) { return recovery::DrainIntakes(n.parts); });
}
int64_t DrainSpool(Bank& bank) {
  return Batch(bank, "DrainSpool", [](Node& n) { return recovery::DrainSpool(n.parts); });
}
int64_t Carry(Bank& bank) {
  return Batch(bank, "Courier", [](Node& n) { return n.courier.RunOnce(); });
}
int64_t Sweep(Bank& bank) {
  return Batch(bank, "Sweep", [](Node& n) { return recovery::Sweep(n.parts); });
}
int64_t SweepSessions(Bank& bank) {
  return Batch(bank, "SweepSessions", [](Node& n) { return n.sign_in.Sweep(); });
}

}  // namespace

void Work(Bank& bank) {
  switch (bank.dice().Below(20)) {
    case 0:
      Sweep(bank);
      return;
    case 1:
      SweepSessions(bank);
      return;
    case 2:
    case 3:
      DrainSpool(bank);
      return;
    case 4:
    case 5:
    case 6:
    case 7:
    case 8:
    case 9:
      Drain(bank);
      return;
    default:
      Carry(bank);
      return;
  }
}

void WorkAll(Bank& bank) {
  for (size_t i = 0; i < 3 * bank.nodes(); ++i) DrainSpool(bank);
  while (Drain(bank) > 0) {
  }
  while (Carry(bank) > 0) {
  }
  bank.Wait(Millis(1));
}

}  // namespace latchkey::simulation
