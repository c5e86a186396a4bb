// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/doors.h"

#include <cstring>
#include <utility>
#include <variant>

namespace latchkey::simulation {
namespace {

using ledger::Rows;
using ledger::Sql;
using ledger::Transaction;
using ledger::Value;

Failure Away(const char* what) { return Fail(Reason::kUnavailable, what); }

// A wrapper hands statements on as they came.
struct Reach : Transaction {
  using Transaction::Execute;
};

std::string At(TimePoint time) { return std::to_string(ToUnixMillis(time)); }

}  // namespace

Passage Doors::Next() {
  ++plan.operations;
  if (plan.between == plan.operations && act_between) {
    plan.interrupted = true;
    act_between();
  }
  if (plan.failed && plan.dies) return Passage::kFailsBefore;
  if (plan.fail_at != plan.operations) return Passage::kPasses;
  plan.failed = true;
  return plan.after ? Passage::kFailsAfter : Passage::kFailsBefore;
}

class LedgerDoor::Watched final : public Transaction {
 public:
  Watched(LedgerDoor& door, Transaction& inner) : door_(door), inner_(inner) {}
  bool takes_tries() const { return takes_tries_; }

 protected:
  Result<Rows> Execute(Sql sql, const std::vector<Value>& values) override {
    auto [known, fresh] = door_.takes_tries_.try_emplace(sql.text(), false);
    if (fresh) known->second = std::strstr(sql.text(), "tries = tries + 1") != nullptr;
    takes_tries_ = takes_tries_ || known->second;
    for (const Value& value : values) Look(sql, value);
    return (inner_.*(&Reach::Execute))(sql, values);
  }

 private:
  void Look(Sql sql, const Value& value) {
    std::string_view bytes;
    if (const auto* text = std::get_if<std::string>(&value)) bytes = *text;
    if (const auto* blob = std::get_if<Bytes>(&value)) bytes = blob->view();
    if (door_.doors_.secrets().StandsIn(bytes))
      door_.doors_.broken("Law 12", std::string("a secret goes into: ") + sql.text());
  }

  LedgerDoor& door_;
  Transaction& inner_;
  bool takes_tries_ = false;
};

Done LedgerDoor::Enter(bool writes, const ledger::Work& work) {
  const Passage fate = doors_.Next();
  if (doors_.ledger_away) return Away("the ledger is away");
  if (fate == Passage::kFailsBefore) return Away("failed before");
  bool takes_tries = false;
  const ledger::Work watched = [&](Transaction& tx) -> Done {
    Watched through(*this, tx);
    Done done = work(through);
    takes_tries = through.takes_tries();
    return done;
  };
  LATCHKEY_TRY(writes ? inner_->Commit(watched) : inner_->Read(watched));
  if (takes_tries) {
    ++doors_.plan.tries_taken;
    doors_.plan.tries_at = doors_.clock().Now();
  }
  return fate == Passage::kFailsAfter ? Done(Away("the answer is lost")) : Done();
}

Done LedgerDoor::Commit(const ledger::Work& work) { return Enter(true, work); }
Done LedgerDoor::Read(const ledger::Work& work) { return Enter(false, work); }

template <typename F>
auto HotDoor::Enter(F&& verb) -> decltype(verb()) {
  const Passage fate = doors_.Next();
  if (doors_.hot_state_away) return Away("the hot state is away");
  if (fate == Passage::kFailsBefore) return Away("failed before");
  auto result = verb();
  if (fate == Passage::kFailsAfter) return Away("the answer is lost");
  return result;
}

void HotDoor::Compare(const hotstate::Reservation& real, const std::vector<hotstate::Lane>& lanes,
                      TimePoint now) {
  ModelGuess* guess = doors_.plan.guess;
  if (guess == nullptr) return doors_.broken("Law 4", "a guess where the model knows of none");
  if (guess->device_is_doubtful)
    guess->device_is_older = lanes.front().rule.first_rest > std::chrono::minutes(1);
  const std::vector<ModelLane*> expected = guess->Lanes();
  if (lanes.size() != expected.size())
    return doors_.broken("Law 5", "counted in " + std::to_string(lanes.size()) + " lanes, not in " +
                                      std::to_string(expected.size()));
  TimePoint rests{};
  bool repeated = false;
  for (ModelLane* lane : expected) {
    rests = std::max(rests, lane->RestsUntil(now));
    repeated = repeated || lane->Knows(guess->value, now);
  }
  using Gate = ModelGuess::Gate;
  guess->gate = rests != TimePoint{} ? Gate::kRests : repeated ? Gate::kRepeated : Gate::kCounted;
  guess->rests_until = rests;
  guess->counted_at = now;
  if (guess->gate == Gate::kCounted) {
    for (ModelLane* lane : expected) {
      lane->Count(now);
      guess->rests_until = std::max(guess->rests_until, lane->RestsUntil(now));
    }
  }
  const Gate got = !real.granted ? Gate::kRests : real.repeated ? Gate::kRepeated : Gate::kCounted;
  if (got != guess->gate)
    doors_.broken(got == Gate::kRests ? "Law 5" : "Law 4",
                  "a guess was " + std::to_string(static_cast<int>(got)) + ", not " +
                      std::to_string(static_cast<int>(guess->gate)) +
                      " (1 refused, 2 repeated, 3 counted); the model rests until " + At(rests));
  const TimePoint told = real.granted ? real.rests_until : real.retry_at;
  if (got != Gate::kRepeated && told != guess->rests_until)
    doors_.broken("Law 5", "rests until " + At(told) + ", not " + At(guess->rests_until));
}

Result<hotstate::Reservation> HotDoor::Reserve(const std::vector<hotstate::Lane>& lanes,
                                               uint64_t fingerprint, TimePoint now) {
  return Enter([&] {
    auto real = inner_->Reserve(lanes, fingerprint, now);
    if (real.ok()) Compare(*real, lanes, now);
    return real;
  });
}

Done HotDoor::SettleWrong(const std::vector<hotstate::Lane>& lanes, uint64_t fingerprint,
                          TimePoint now) {
  return Enter([&] {
    Done done = inner_->SettleWrong(lanes, fingerprint, now);
    ModelGuess& guess = *doors_.plan.guess;
    guess.settled = true;
    for (ModelLane* lane : guess.Lanes()) lane->RememberWrong(guess.value, now);
    return done;
  });
}

Done HotDoor::SettleRight(const std::vector<hotstate::Lane>& lanes, TimePoint now) {
  return Enter([&] {
    Done done = inner_->SettleRight(lanes, now);
    ModelGuess& guess = *doors_.plan.guess;
    const std::vector<ModelLane*> counted = guess.Lanes();
    ModelLane* subject = &guess.Subject();
    std::erase_if(guess.set->lanes, [&](auto& named) {
      return &named.second == subject ||
             std::find(counted.begin(), counted.end(), &named.second) != counted.end();
    });
    return done;
  });
}

Done HotDoor::Release(const std::vector<hotstate::Lane>& lanes, TimePoint now) {
  return Enter([&] {
    Done done = inner_->Release(lanes, now);
    for (ModelLane* lane : doors_.plan.guess->Lanes()) lane->GiveBack(now);
    return done;
  });
}

Result<hotstate::LaneState> HotDoor::Peek(const hotstate::Lane& lane, TimePoint now) {
  return Enter([&] { return inner_->Peek(lane, now); });
}
Result<hotstate::Spending> HotDoor::Take(const std::vector<hotstate::Budget>& budgets,
                                         TimePoint now) {
  return Enter([&] { return inner_->Take(budgets, now); });
}
Result<int64_t> HotDoor::Sweep(TimePoint now) {
  return Enter([&] { return inner_->Sweep(now); });
}

}  // namespace latchkey::simulation
