// SPDX-License-Identifier: Apache-2.0
// The workers of the nodes, one batch at a time.
#include <algorithm>
#include <set>
#include <string>

#include "services/ledger/intakes.h"
#include "tests/simulation/calls.h"

namespace latchkey::simulation {
namespace {

constexpr int64_t kMessagesPerHour = 3;

template <typename Use>
auto Batch(Bank& bank, std::string_view what, Use&& use) {
  auto called = bank.Call(
      {.who = "worker", .what = what, .between_from = 1}, [] { return kOk; },
      std::forward<Use>(use));
  bank.Judge("Law 11", called);
  return called;
}

template <typename R>
int64_t HowMany(const Called<R>& called) {
  return called.told() ? static_cast<int64_t>(*called.result) : 0;
}

void DrainSpool(Bank& bank) {
  Batch(bank, "DrainSpool", [](Node& n) { return recovery::DrainSpool(n.parts); });
}

// A request is forgotten a day after it was worked on. What a node could not know to be in the
// ledger, and kept in its spool, is worked on once more when it gets there that late.
void Sweep(Bank& bank) {
  Batch(bank, "Sweep", [](Node& n) { return recovery::Sweep(n.parts); });
  Model& model = bank.model();
  std::erase_if(model.spooled, [&](const std::string& key) {
    if (bank.Number("SELECT COUNT(*) FROM intakes WHERE request_key = $1",
                    ledger::RequestKey("Begin", key)) > 0)
      return false;
    if (std::none_of(model.asked.begin(), model.asked.end(),
                     [&](const Asked& each) { return each.key == key; }))
      model.asked.push_back({.key = key});
    return true;
  });
}
void SweepSessions(Bank& bank) {
  Batch(bank, "SweepSessions", [](Node& n) { return n.sign_in.Sweep(); });
}

// Whom the requests named that were worked on since the last look.
std::vector<std::string> TakeEnded(Bank& bank) {
  std::vector<std::string> named;
  std::set<std::string> taken;  // two that are one intake in the end are one
  std::erase_if(bank.model().asked, [&](const Asked& each) {
    const Bytes request = ledger::RequestKey("Begin", each.key);
    if (bank.Number("SELECT done_at FROM intakes WHERE request_key = $1 AND id <> $2", request,
                    each.earlier) == 0)
      return false;
    if (taken.insert(each.key).second) named.push_back(bank.NameIn(request));
    return true;
  });
  return named;
}

bool Has(const Customer& customer, const std::string& name) {
  return name == customer.login || name == customer.number || name == customer.mails.front();
}

int64_t NewestMessage(Bank& bank) { return bank.Number("SELECT MAX(id) FROM outbox"); }

// Law 11: a request that was worked on has brought its message, and none brings two. Only where
// many were sent within the hour may it have brought none.
void CheckAnswers(Bank& bank, const std::vector<std::string>& named, int64_t newest) {
  if (named.empty() && NewestMessage(bank) == newest) return;
  for (const auto& customer : bank.model().customers) {
    if (!customer->known) continue;
    const int64_t asked = std::count_if(
        named.begin(), named.end(), [&](const std::string& name) { return Has(*customer, name); });
    const int64_t sent = bank.MessagesAfter(*customer, newest);
    int64_t least = 0;
    if (asked > 0 && !customer->frozen) {
      const int64_t lately = bank.Number(
          "SELECT COUNT(*) FROM tokens WHERE account_id = $1 AND purpose = $2"
          " AND expires_at > $3 AND case_id IS NULL AND made_at > $3",
          customer->id, model::TokenPurpose::kRecoveryCode, bank.now() - hours(1));
      least = std::min(asked, kMessagesPerHour - (lately - sent));
    }
    if (sent > asked || sent < least)
      bank.Broken("Law 11", std::to_string(asked) + " requests for " + customer->login +
                                " were worked on and brought " + std::to_string(sent) +
                                " messages");
  }
}

}  // namespace

int64_t Drain(Bank& bank) {
  // What the worker has ended that this one came in between is not of this one.
  if (bank.within()) static_cast<void>(TakeEnded(bank));
  const int64_t newest = NewestMessage(bank);
  const auto called =
      Batch(bank, "DrainIntakes", [](Node& n) { return recovery::DrainIntakes(n.parts); });
  const std::vector<std::string> named = TakeEnded(bank);
  if (!called.interrupted) CheckAnswers(bank, named, newest);
  return HowMany(called);
}

int64_t Carry(Bank& bank) {
  const size_t since = bank.post().Taken();
  const auto called = Batch(bank, "Courier", [](Node& n) { return n.courier.RunOnce(); });
  bank.post().Settle(since, called.result.ok() && !called.faulty);
  return HowMany(called);
}

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
