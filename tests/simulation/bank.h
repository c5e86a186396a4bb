// SPDX-License-Identifier: Apache-2.0
// The simulated bank: some nodes on one ledger and one hot state, the model beside them, and the
// one way in which a use case is called.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/assist/assist.h"
#include "services/cases/cases.h"
#include "services/courier/courier.h"
#include "services/recovery/recovery.h"
#include "services/signin/sign_in.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/doors.h"
#include "tests/simulation/model.h"
#include "tests/simulation/post.h"
#include "tests/simulation/trace.h"

namespace latchkey::simulation {

// One process of the service.
struct Node {
  Node(int number, const std::filesystem::path& folder, Clock& clock, Random& random,
       const crypto::KeyRing& keys, LedgerDoor& ledger, HotDoor& hot_state, Post& post,
       const courier::Renderer& renderer);

  const int number;
  IdMaker ids;
  ledger::StoreContext store;
  signin::GuessGate gate;
  signin::HashSlots slots;
  signin::SignIn sign_in;
  cases::Cases cases;
  assist::Assist assist;
  proof::Blocklist blocklist;
  recovery::Spool spool;
  recovery::Parts parts;
  courier::Courier courier;
  bool busy = false;  // a use case is under way
};

class Bank;

// Which answers are right: a set of reasons, and success.
using May = uint32_t;
constexpr May kOk = 1u << 31;
constexpr May Bit(Reason reason) { return 1u << static_cast<unsigned>(reason); }
constexpr May kDead = Bit(Reason::kExpired) | Bit(Reason::kUsed) | Bit(Reason::kStopped);
constexpr May kAnything = ~0u;

template <typename R>
struct Called {
  R result;
  bool faulty = false;       // an operation failed on the way
  bool interrupted = false;  // another node acted in between
  bool lost = false;         // the node died: nobody got the answer
  May may = 0;
  int64_t tries_taken = 0;
  TimePoint tries_at{};
  int64_t hashes = 0;
  bool told() const { return result.ok() && !lost; }
};

struct Request {
  std::string_view who, what;
  std::string details = {};
  ModelGuess* guess = nullptr;
  // Other nodes act no earlier than before this operation: what the use case has read before
  // decides what the model compares with.
  int64_t between_from = 2;
  // And before one of so many from there on: what is done after that the model would learn too late
  // for the other's step.
  uint64_t between_span = 6;
  // What has to be whole or not at all, or kept whatever is away, fails more often than the rest.
  bool is_deed = false;
  // Who comes in between, if somebody does; then nothing fails.
  std::function<void(Bank&)> rival = {};
};

class Bank {
 public:
  Bank(const RunOptions& options, uint64_t number, const std::filesystem::path& folder,
       Trace& trace, const courier::Renderer& renderer);
  ~Bank();

  // One actor does one thing.
  void Step();
  // All of these must hold now; the expensive ones. Signs a checkpoint.
  void CheckEverything();
  // The whole journal with its checkpoints, from the first entry on.
  void CheckJournal();

  // Calls a use case on some node under some faults. `predict` says which answers are right as
  // things are; it is asked before and, when another node acted in between, after it too.
  template <typename Predict, typename Use>
  auto Call(Request request, Predict&& predict, Use&& use);
  // The answer must be one of those that are right.
  template <typename R>
  void Judge(std::string_view law, const Called<R>& called);

  TimePoint now() { return clock_.Now(); }
  Dice& dice() { return dice_; }
  Model& model() { return model_; }
  Post& post() { return post_; }
  Trace& trace() { return trace_; }
  const crypto::KeyRing& keys() const { return keys_; }
  size_t nodes() const { return nodes_.size(); }
  // Time passes, and mail that has arrived is in its mailbox.
  void Wait(Millis by);
  // While it lives, nothing fails.
  class Calm;
  // The next call goes to this node.
  void UseNode(size_t number) { next_node_ = static_cast<int>(number); }
  // Whether this is a step within a step.
  bool within() const { return depth_ > 0; }
  std::string_view outer() const { return depth_ > 0 ? outer_ : std::string_view(); }
  std::string Key() { return dice_.Bytes(16); }
  std::string NewPassword();
  [[noreturn]] void Broken(std::string_view law, const std::string& what);

  // A look into the ledger, past all doors: what an account is now.
  struct Facts {
    int64_t state = 0, epoch = 0, lane_epoch = 0, failures = 0, newest_message = 0, entries = 0;
    bool disabled = false;
  };
  Facts Look(const Customer& customer);
  // Whether this is what the verifier in the ledger was made of.
  bool PasswordIs(const Customer& customer, const std::string& password);
  // How many messages to this customer came after one; a look at those and no others.
  int64_t MessagesAfter(const Customer& customer, int64_t message);
  // Until when the ledger takes a handle; zero: it does not know it.
  TimePoint EndOfHandle(const std::string& handle);
  bool KnowsHandle(const std::string& handle) { return EndOfHandle(handle) != TimePoint{}; }
  // Whom a request that the ledger has was for, as it was typed.
  std::string NameIn(const Bytes& request_key);
  // The one number that a statement finds; 0 when it finds none.
  template <typename... Values>
  int64_t Number(ledger::Sql sql, const Values&... values) {
    auto found =
        ledger_.inner().Query([&](ledger::Transaction& tx) { return tx.Run(sql, values...); });
    LATCHKEY_CHECK(found.ok());
    return found->empty() ? 0 : found->front().Int(0);
  }
  ledger::Ledger& inner_ledger() { return ledger_.inner(); }

 private:
  friend class Calm;
  void Receive();
  void Sort(Customer& customer, const std::string& address, Mail mail);
  void AddPeople();
  int AddCustomer(const std::string& login, const std::string& number, size_t mails, bool strong);
  void AddOfficer(const std::string& login, int own, bool crooked);
  Node& FreeNode();
  void Restart(Node& node);
  Plan NewPlan(const Request& request);
  void ActBetween();
  void Weather();
  void PassTime();
  void CheckLog();

  const RunOptions options_;
  Trace& trace_;
  Dice dice_;
  const std::filesystem::path folder_;
  ManualClock clock_;
  Secrets secrets_;
  WatchedRandom random_;
  crypto::KeyRing keys_;
  Doors doors_;
  LedgerDoor ledger_;
  std::unique_ptr<ledger::Ledger> hot_ledger_;  // of a bank whose lanes are on SQL
  HotDoor hot_state_;
  Post post_;
  const courier::Renderer& renderer_;
  std::vector<std::unique_ptr<Node>> nodes_;
  Model model_;
  std::string log_;
  int calm_ = 0;
  int next_node_ = -1;
  int depth_ = 0;
  std::string_view outer_;            // who acts in the step that this one is within
  std::function<void(Bank&)> rival_;  // of that step
  int64_t passwords_ = 0;
};

// Nothing fails, and nobody comes in between.
class Bank::Calm {
 public:
  explicit Calm(Bank& bank);
  ~Calm();

 private:
  Bank& bank_;
  bool ledger_away_, hot_state_away_;
};

std::string_view NameOf(Reason reason);
std::string NamesOf(May may);

template <typename Predict, typename Use>
auto Bank::Call(Request request, Predict&& predict, Use&& use) {
  using R = decltype(use(std::declval<Node&>()));
  clock_.Advance(Millis(1));
  trace_.Begin(now(), request.who, request.what, std::move(request.details));
  Node& node = FreeNode();
  const Plan outer = std::exchange(doors_.plan, NewPlan(request));
  const May before = predict();
  const int64_t hashes = node.slots.hashes();
  node.busy = true;
  if (depth_ == 0) outer_ = request.who;
  if (depth_ == 0) rival_ = std::move(request.rival);
  ++depth_;
  Called<R> called{.result = use(node)};
  --depth_;
  node.busy = false;
  const Plan plan = std::exchange(doors_.plan, outer);
  called.hashes = node.slots.hashes() - hashes;
  called.tries_taken = plan.tries_taken;
  called.tries_at = plan.tries_at;
  called.faulty = plan.failed || doors_.ledger_away || doors_.hot_state_away;
  called.interrupted = plan.interrupted;
  called.lost = plan.failed && plan.dies;
  called.may = before | (called.interrupted ? predict() : 0) |
               (called.faulty ? Bit(Reason::kUnavailable) : 0);
  if (called.lost) Restart(node);
  std::string answer(called.result.ok() ? "ok" : NameOf(called.result.reason()));
  if (called.lost) answer = "(died)";
  if (called.faulty) answer += " [fault]";
  trace_.Answer(answer);
  CheckLog();
  return called;
}

template <typename R>
void Bank::Judge(std::string_view law, const Called<R>& called) {
  if (called.lost) return;
  const May got = called.result.ok() ? kOk : Bit(called.result.reason());
  if ((called.may & got) != 0) return;
  Broken(law, "answered " + NamesOf(got) + ", not one of: " + NamesOf(called.may) +
                  (called.result.ok() ? "" : " (" + called.result.failure().detail + ")"));
}

}  // namespace latchkey::simulation
