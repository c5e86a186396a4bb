// SPDX-License-Identifier: Apache-2.0
// What goes on beside the calls.
#include <gtest/gtest.h>

#include <map>

#include "services/courier/templates.h"
#include "services/ledger/journal.h"
#include "services/ledger/sql/checkpoint_line.h"
#include "tests/crash/sweep/use_cases.h"

namespace latchkey::crash {
namespace {

template <typename Count>
Result<std::string> Counted(Count count) {
  if (!count.ok()) return count.failure();
  return std::string("done");
}

// Law 11: at least once, under one id, the same to the last byte.
void ArrivedUnderOneId(House& house, size_t messages) {
  std::map<MessageId, std::string> texts;
  for (const auto& [id, text] : house.channel.arrived()) {
    const auto known = texts.emplace(id, text).first;
    EXPECT_EQ(known->second, text);
  }
  EXPECT_EQ(texts.size(), messages);
}

// What waits is worked on, again after the lease of whoever failed.
UseCase Drain(std::string name, std::function<void(House&, Given&)> prepare,
              std::function<void(House&, const Given&, const Trial&)> law = {}) {
  return {.name = std::move(name),
          .prepare = std::move(prepare),
          .call = [](House& house,
                     const Given&) { return Counted(recovery::DrainIntakes(house.parts)); },
          .repeat = Repeat::kWorker,
          .retry_after = std::chrono::seconds(31),
          .law = std::move(law)};
}

}  // namespace

std::vector<UseCase> WorkerCases() {
  return {
      Drain("DrainIntakes", [](House& house, Given&) { LATCHKEY_CHECK(house.Ask("anna").ok()); }),
      Drain("DrainUnknown", [](House& house, Given&) { LATCHKEY_CHECK(house.Ask("nobody").ok()); }),
      Drain("DrainCallBack",
            [](House& house, Given&) {
              LATCHKEY_CHECK(
                  recovery::AskForPerson(house.parts, {.customer_number = "10000001",
                                                       .source = house.From(),
                                                       .idempotency_key = house.random.Take(16)})
                      .ok());
            }),
      Drain(
          "DrainResting",
          [](House& house, Given&) {
            for (int i = 1; i <= 5; ++i)
              LATCHKEY_CHECK(!house
                                  .Enter("anna", "not this " + std::to_string(i),
                                         "198.51.100." + std::to_string(i))
                                  .ok());
          },
          [](House& house, const Given&, const Trial&) {
            EXPECT_NE(house.Picture().find("message passwords_resting 1: 2"), std::string::npos);
          }),
      Drain(
          "DrainDisabled",
          [](House& house, Given& given) {
            HaveAlmostDisabled(house, given);
            LATCHKEY_CHECK(!house.Enter("anna", "not this one").ok());
          },
          [](House& house, const Given&, const Trial&) {
            const std::string notice = "message " + std::string(courier::kPasswordDisabledNotice);
            EXPECT_NE(house.Picture().find(notice + " 1: 2"), std::string::npos);
          }),
      // Law 10: the owner of a frozen account who asks is told the way on, whatever failed at
      // first.
      Drain(
          "DrainFrozen",
          [](House& house, Given& given) {
            HaveFreezeLink(house, given);
            LATCHKEY_CHECK(Freeze(house, given).ok());
            house.TakeMessages();
            LATCHKEY_CHECK(house.Ask("anna").ok());
          },
          [](House& house, const Given&, const Trial&) {
            const std::string hint = "message " + std::string(courier::kStoppedAccountHint);
            EXPECT_NE(house.Picture().find(hint + " 1: 1"), std::string::npos);
          }),
      {.name = "FlushUnknownNames",
       .prepare =
           [](House& house, Given&) {
             LATCHKEY_CHECK(!house.Enter("nobody", kPassword).ok());
             house.clock.Advance(std::chrono::hours(2));
           },
       .call = [](House& house,
                  const Given&) { return Counted(house.sign_in.FlushUnknownNames()); },
       .repeat = Repeat::kWorker},
      {.name = "DrainSpool",
       .prepare =
           [](House& house, Given&) {
             house.ledger.GoAway(true);
             LATCHKEY_CHECK(house.Ask("anna").ok() && house.Ask("10000001").ok());
             house.ledger.GoAway(false);
           },
       .call = [](House& house,
                  const Given&) { return Counted(recovery::DrainSpool(house.parts)); },
       .repeat = Repeat::kWorker},
      {.name = "Sweep",
       .prepare =
           [](House& house, Given&) {
             LATCHKEY_CHECK(house.Ask("anna").ok() && house.Ask("nobody").ok());
             house.Drain();
             house.TakeMessages();
             house.clock.Advance(std::chrono::hours(24 * 9));
           },
       .call = [](House& house, const Given&) { return Counted(recovery::Sweep(house.parts)); },
       .repeat = Repeat::kWorker},
      {.name = "SweepSignIn",
       .prepare =
           [](House& house, Given&) {
             LATCHKEY_CHECK(house.Enter("anna", kPassword).ok());
             house.clock.Advance(std::chrono::hours(24));
           },
       .call = [](House& house, const Given&) { return Counted(house.sign_in.Sweep()); },
       .repeat = Repeat::kWorker},
      {.name = "WriteCheckpoint",
       .prepare = [](House& house, Given&) { house.clock.Advance(Millis(60'000)); },
       .call =
           [](House& house, const Given&) {
             const TimePoint now = house.clock.Now();
             return Counted(ledger::WriteCheckpoint(house.ledger, house.keys,
                                                    house.folder / "checkpoints", now, now));
           },
       .repeat = Repeat::kWorker,
       // A line that the ledger has and a crash kept out of the file is put there by the next call.
       .law =
           [](House& house, const Given&, const Trial&) {
             EXPECT_NE(ledger::LastLine(house.folder / "checkpoints").value(), "");
           }},
      {.name = "Courier",
       .prepare =
           [](House& house, Given&) {
             LATCHKEY_CHECK(house.Ask("anna").ok());
             house.Drain();
           },
       .call = [](House& house, const Given&) { return Counted(house.courier.RunOnce()); },
       .repeat = Repeat::kWorker,
       .retry_after = std::chrono::minutes(20),
       .law = [](House& house, const Given&, const Trial&) { ArrivedUnderOneId(house, 1); }},
  };
}

}  // namespace latchkey::crash
