// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/sessions.h"
#include "tests/simulation/calls.h"

namespace latchkey::simulation {

using Gate = ModelGuess::Gate;

namespace {

constexpr Millis kLongest = hours(12);

bool IsAlive(Bank& bank, const BankSession& session) {
  const Customer& owner = bank.model().Of(session.owner);
  const TimePoint now = bank.now();
  return !session.ended && !owner.frozen && session.made_at > owner.secured_at &&
         now < session.idle_expires_at && now < session.expires_at;
}

// Sign-ins from known devices lately, this one too. In a minute the budget is full again.
size_t CountFromDevices(Bank& bank, Customer& customer) {
  std::deque<TimePoint>& lately = customer.from_devices;
  lately.push_back(bank.now());
  while (lately.front() + minutes(2) < bank.now()) lately.pop_front();
  return lately.size();
}

void NoteDisabled(Bank& bank, Customer& customer, bool disabled) {
  if (disabled && !customer.disabled) {
    MayMissRest(customer, bank.now());
    ++customer.disablings;
    ++customer.guessed_out;
  }
  customer.disabled = disabled;
}

// What the count of failures in a row must be now. After a fault or an interruption it is looked
// up, and only its bounds are known.
void CountFailure(Bank& bank, Customer& customer, const Called<Result<signin::SignedIn>>& called) {
  if (!customer.known) return;
  if (!called.faulty && !called.interrupted) {
    customer.failures = called.result.ok() ? 0 : customer.failures + 1;
    NoteDisabled(bank, customer,
                 customer.disabled || customer.failures >= ledger::kFailuresThatDisable);
    return;
  }
  const Bank::Facts facts = bank.Look(customer);
  // Within another step that one's own guess may be counted already.
  if (!called.interrupted && !bank.within() && facts.failures > customer.failures + 1)
    bank.Broken("Law 4", "one guess was counted more than once");
  customer.failures = facts.failures;
  NoteDisabled(bank, customer, facts.disabled);
}

// Laws 6, 9, R03: of the rest that this guess began, its owner hears once a day.
void NoteRest(Bank& bank, Customer& customer, const ModelGuess& guess,
              const Called<Result<signin::SignedIn>>& called) {
  const bool began = guess.gate == Gate::kCounted && guess.rests_until != TimePoint{} &&
                     guess.rests_until - guess.counted_at >= kToldRest;
  if (!customer.known || !began) return;
  const int64_t day = DayOf(bank.now());
  const bool answered = !called.faulty && !called.interrupted && !called.result.ok() &&
                        called.result.reason() == Reason::kWrong;
  // One that was kept earlier on that day may have ended untold, while the account was frozen or
  // its password disabled.
  if (answered && !customer.frozen && !customer.disabled && DayOf(guess.counted_at) == day &&
      !customer.perhaps_told_of_rest.contains(day)) {
    customer.told_of_rest.insert(day);
    return;
  }
  for (const int64_t perhaps : {DayOf(guess.counted_at), day}) {
    if (!customer.told_of_rest.contains(perhaps)) customer.perhaps_told_of_rest.insert(perhaps);
  }
}

void KeepSession(Bank& bank, const SignInBy& by, const signin::SignedIn& made) {
  Customer& customer = by.customer;
  const TimePoint made_at = made.expires_at - kLongest;
  // A reset that came in between must have kept this session from being made (Law 1).
  if (made_at > customer.secured_at && by.password != customer.password)
    bank.Broken("Law 1", "a session was opened with a password that a reset had replaced");
  const std::string token(made.session_token.Reveal());
  bank.model().bank_sessions.emplace(token, BankSession{.owner = customer.index,
                                                        .made_at = made_at,
                                                        .idle_expires_at = made.idle_expires_at,
                                                        .expires_at = made.expires_at});
  KeepFew(customer.sessions, token);
  if (made.device_token.empty()) {
    Device& device = bank.model().devices[by.device];
    device.seen_at = std::max(device.seen_at, made_at);
    return;
  }
  const std::string device(made.device_token.Reveal());
  bank.model().devices.emplace(
      device, Device{.owner = customer.index, .made_at = made_at, .seen_at = made_at});
  customer.device = device;
}

// Who came in between has set another password. The ledger knows the order: a session that was
// opened after that was opened with a password that opens nothing any more (Law 1).
void CheckOrder(Bank& bank, const Customer& customer) {
  const auto last = [&](model::Event event) {
    return bank.Number("SELECT MAX(seq) FROM journal WHERE account_id = $1 AND kind = $2",
                       customer.id, event);
  };
  if (last(model::Event::kSignedIn) > last(model::Event::kPasswordReset))
    bank.Broken("Law 1", "a session was opened after its password had been replaced");
}

}  // namespace

model::Source From(const std::string& address, model::Channel channel) {
  return {.channel = channel, .address = address, .language = "en"};
}

std::shared_ptr<LaneSet> LanesOf(Bank& bank, Customer& customer, const std::string& name) {
  if (customer.known) return customer.lanes;
  auto& set = bank.model().strangers["name " + name];
  if (set == nullptr) set = std::make_shared<LaneSet>();
  return set;
}

Device* UseDevice(Bank& bank, const Customer& customer, const std::string& token,
                  ModelGuess& guess) {
  const auto found = bank.model().devices.find(token);
  if (found == bank.model().devices.end() || found->second.owner != customer.index ||
      found->second.made_at <= customer.devices_since)
    return nullptr;
  Device& device = found->second;
  guess.device = token;
  guess.device_is_older = device.seen_at < customer.password_set_at;
  guess.device_is_doubtful = device.doubtful;
  const bool may_have_made_room = customer.devices_made > ledger::kDevicesOfAnAccount;
  if (!device.doubtful && !may_have_made_room) return &device;
  const auto kept = bank.inner_ledger().Query([&](ledger::Transaction& tx) {
    return ledger::FindDevice(tx, bank.keys(), customer.id, Secret(token), TimePoint{});
  });
  guess.device_is_older = kept->is_older;
  if (!kept->digest.empty()) return &device;
  if (!may_have_made_room) bank.Broken("Law 5", "a device is not known any more");
  guess.device.clear();
  return nullptr;
}

void SignIn(Bank& bank, const SignInBy& by) {
  Customer& customer = by.customer;
  ModelGuess guess{.set = LanesOf(bank, customer, by.name),
                   .kind = signin::SecretKind::kPassword,
                   .source = by.address,
                   .device = {},
                   .value = by.password};
  Device* device = UseDevice(bank, customer, by.device, guess);
  auto predict = [&]() -> May {
    const bool right = customer.known && !customer.frozen && !customer.disabled &&
                       customer.failures + 1 < ledger::kFailuresThatDisable &&
                       by.password == customer.password;
    return right ? kOk : Bit(Reason::kWrong);
  };
  auto called = bank.Call(
      {.who = by.who,
       .what = "SignIn",
       .details = by.name + " " + by.password,
       .guess = &guess,
       .rival = by.rival},
      predict, [&](Node& node) {
        return node.sign_in.SignInByPassword({.identifier = by.name,
                                              .password = Secret(by.password),
                                              .source = From(by.address),
                                              .device_token = Secret(by.device),
                                              .deadline = bank.now() + std::chrono::seconds(10)});
      });
  const May away = called.faulty ? Bit(Reason::kUnavailable) : 0;
  // What was decided at the gate decides the answer; a known device rests for the sign-ins from
  // its account's devices only (Law 5).
  const bool may_rest = device == nullptr || CountFromDevices(bank, customer) > 10;
  if (guess.gate == Gate::kNotReached) called.may = away | (may_rest ? Bit(Reason::kResting) : 0);
  if (guess.gate == Gate::kRests) called.may = away | Bit(Reason::kResting);
  if (guess.gate == Gate::kRepeated) called.may = away | Bit(Reason::kWrong);
  if (guess.gate == Gate::kCounted && called.interrupted) called.may |= Bit(Reason::kBusy);
  bank.Judge("Law 1", called);
  const int64_t hashes = guess.gate == Gate::kCounted ? 1 : 0;
  if (called.hashes > hashes || (called.hashes < hashes && !called.faulty))
    bank.Broken("Law 4", std::to_string(called.hashes) + " passwords were compared, not " +
                             std::to_string(hashes));
  if (guess.gate == Gate::kCounted && !guess.settled && !called.faulty && !called.interrupted &&
      by.password != customer.password)
    bank.Broken("Law 5", "a wrong password was not remembered: typed again, it counts again");
  if (guess.gate == Gate::kCounted) CountFailure(bank, customer, called);
  NoteRest(bank, customer, guess, called);
  if (device != nullptr && (called.faulty || called.interrupted)) device->doubtful = true;
  if (device == nullptr && (called.faulty || called.interrupted || called.result.ok()))
    ++customer.devices_made;
  if (called.interrupted && called.result.ok() && by.password != customer.password)
    CheckOrder(bank, customer);
  if (called.told()) KeepSession(bank, by, *called.result);
}

void LookAtSession(Bank& bank, std::string_view who, const std::string& token) {
  auto& sessions = bank.model().bank_sessions;
  const auto found = sessions.find(token);
  BankSession* session = found == sessions.end() ? nullptr : &found->second;
  auto called = bank.Call(
      {.who = who, .what = "GetSession"},
      [&]() -> May {
        if (session == nullptr) return Bit(Reason::kExpired);
        if (IsAlive(bank, *session)) return kOk | (session->doubtful ? Bit(Reason::kExpired) : 0);
        BankSession longer = *session;
        longer.idle_expires_at = longer.expires_at;
        longer.ended = false;
        const bool perhaps = session->doubtful && IsAlive(bank, longer);
        return Bit(Reason::kExpired) | (perhaps ? kOk : 0);
      },
      [&](Node& node) { return node.sign_in.GetSession(Secret(token)); });
  bank.Judge("Law 1", called);
  if (session == nullptr) return;
  if (called.faulty || called.interrupted) session->doubtful = true;
  if (!called.told()) return;
  const Customer& owner = bank.model().Of(session->owner);
  if (called.result->account_id != owner.id || called.result->login_name != owner.login)
    bank.Broken("Law 6", "a session shows somebody else's account");
  if (!called.faulty) session->idle_expires_at = called.result->idle_expires_at;
}

void SignOut(Bank& bank, std::string_view who, const std::string& token) {
  auto called = bank.Call(
      {.who = who, .what = "SignOut"}, [] { return kOk; },
      [&](Node& node) { return node.sign_in.SignOut(Secret(token), model::Channel::kWeb); });
  bank.Judge("Law 10", called);
  const auto found = bank.model().bank_sessions.find(token);
  if (found == bank.model().bank_sessions.end()) return;
  if (called.told()) found->second.ended = true;
  if (!called.told()) found->second.doubtful = true;
  if (called.told()) found->second.doubtful = false;
}

}  // namespace latchkey::simulation
