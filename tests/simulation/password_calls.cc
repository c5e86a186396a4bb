// SPDX-License-Identifier: Apache-2.0
// What a proof is for: a new password, unlocking, stopping. Each is one transaction: after it, and
// after every answer that was lost, the account is as before or all of it is done (Law 2).
#include <algorithm>

#include "tests/simulation/calls.h"

namespace latchkey::simulation {
namespace {

RecoverySession* SessionOf(Bank& bank, const std::string& token) {
  auto& sessions = bank.model().recovery_sessions;
  const auto found = sessions.find(token);
  return found == sessions.end() ? nullptr : &found->second;
}

bool Stands(Bank& bank, const RecoverySession& session) {
  return bank.model().Stands(session.owner, session.made_at, session.expires_at, bank.now());
}

// Of a session of last week nothing is known any more.
May IfKnown(Bank& bank, const RecoverySession& session, May then) {
  const bool long_dead = bank.now() >= session.expires_at + kDeadIsKept;
  return then | (long_dead ? Bit(Reason::kExpired) : 0);
}

// An answer that this very request got before, while it is kept.
const Acknowledged* Earlier(Bank& bank, const std::unordered_map<std::string, Acknowledged>& kept,
                            const std::string& key) {
  const auto found = kept.find(key);
  if (found == kept.end() || bank.now() >= found->second.at + kAnswerIsKept) return nullptr;
  return &found->second;
}

May ForPassword(Bank& bank, const PasswordBy& by, const RecoverySession* session) {
  if (session == nullptr) return Bit(Reason::kExpired);
  const Acknowledged* earlier = Earlier(bank, bank.model().set_passwords, by.key);
  if (earlier != nullptr) {
    const bool same = earlier->session == by.session && earlier->password == by.password;
    // Too many repetitions in one recovery rest.
    const May rests = OffersLately(bank, session->reference) >= 20 ? Bit(Reason::kResting) : 0;
    return IfKnown(bank, *session, rests | (same ? kOk : Bit(Reason::kConflict)));
  }
  if (!Stands(bank, *session)) return kDead;
  const Customer& owner = bank.model().Of(session->owner);
  // Too many offers in one recovery rest.
  if (owner.strong && session->case_id == 0) return Bit(Reason::kMoreProof);
  May may = by.password.starts_with(Secrets::kMark) && by.password != owner.password
                ? kOk
                : Bit(Reason::kPasswordUnsuitable);
  if (owner.strong) may |= Bit(Reason::kMoreProof);
  return may | (OffersLately(bank, session->reference) >= 10 ? Bit(Reason::kResting) : 0);
}

}  // namespace

// Whether the deed was done, as the ledger shows it. Half of it breaks Law 2.
bool WasDone(Bank& bank, const Customer& customer, const Bank::Facts& before, const Moved& moved,
             bool interrupted) {
  const Bank::Facts after = bank.Look(customer);
  const int64_t messages = bank.MessagesAfter(customer, before.newest_message);
  const bool done = moved.epoch > 0        ? after.epoch != before.epoch
                    : moved.lane_epoch > 0 ? after.lane_epoch != before.lane_epoch
                                           : after.state != before.state;
  if (interrupted) return done;
  const auto expected = [&](int64_t by) { return done ? by : 0; };
  if (after.epoch - before.epoch != expected(moved.epoch) ||
      after.lane_epoch - before.lane_epoch != expected(moved.lane_epoch) ||
      messages != expected(moved.messages) ||
      (done && moved.state != 0 ? after.state != moved.state : after.state != before.state) ||
      (done && after.entries == before.entries)) {
    bank.Broken("Law 2", "epoch " + std::to_string(after.epoch - before.epoch) + ", lanes " +
                             std::to_string(after.lane_epoch - before.lane_epoch) + ", messages " +
                             std::to_string(messages) + ", entries " +
                             std::to_string(after.entries - before.entries) +
                             " moved together; a deed of this kind moves " +
                             std::to_string(moved.epoch) + ", " + std::to_string(moved.lane_epoch) +
                             ", " + std::to_string(moved.messages) + ", at least 1, or nothing");
  }
  return done;
}

int64_t Addresses(const Customer& customer) { return static_cast<int64_t>(customer.mails.size()); }

int64_t OffersLately(Bank& bank, const std::string& reference) {
  auto& offers = bank.model().offers[reference];
  std::erase_if(offers, [&](TimePoint at) { return at + minutes(30) < bank.now(); });
  return static_cast<int64_t>(offers.size());
}

void MayMissRest(Customer& customer, TimePoint now) {
  for (const int64_t day : {DayOf(now) - 1, DayOf(now)}) {
    if (customer.told_of_rest.erase(day) > 0) customer.perhaps_told_of_rest.insert(day);
  }
}

void Apply(Bank& bank, Customer& customer, Deed deed) {
  const TimePoint now = bank.now();
  customer.killed_at = now;
  switch (deed) {
    case Deed::kReset:
      ++customer.resets;
      customer.secured_at = now;
      customer.password_set_at = now;
      customer.disabled = false;
      customer.failures = 0;
      customer.lanes = std::make_shared<LaneSet>();
      return;
    case Deed::kUnlock:
      ++customer.unlocks;
      if (!customer.disabled && !customer.strong) customer.failures = 0;
      customer.lanes = std::make_shared<LaneSet>();
      return;
    case Deed::kFreeze:
      ++customer.freezes;
      customer.frozen = true;
      customer.secured_at = customer.frozen_at = customer.devices_since = now;
      MayMissRest(customer, now);
      return;
  }
}

void SetPassword(Bank& bank, const PasswordBy& by) {
  RecoverySession* session = SessionOf(bank, by.session);
  Customer* owner = session == nullptr ? nullptr : &bank.model().Of(session->owner);
  const Bank::Facts before = owner == nullptr ? Bank::Facts{} : bank.Look(*owner);
  auto called = bank.Call(
      {.who = by.who,
       .what = "SetPassword",
       .details = (owner == nullptr ? "no session" : owner->login) + " " + by.password,
       .is_deed = true},
      [&] { return ForPassword(bank, by, session); },
      [&](Node& node) {
        return recovery::SetPassword(node.parts,
                                     {.session = Secret(by.session),
                                      .new_password = Secret(by.password),
                                      .idempotency_key = by.key,
                                      .source = From("192.0.2.9"),
                                      .deadline = bank.now() + std::chrono::seconds(10)});
      });
  if (session != nullptr) bank.model().offers[session->reference].push_back(bank.now());
  bank.Judge("Law 3", called);
  if (owner == nullptr) return;
  const Acknowledged* earlier = Earlier(bank, bank.model().set_passwords, by.key);
  if (called.told() && earlier != nullptr && earlier->reference != *called.result)
    bank.Broken("Law 11", "the same request got another answer when it came again");
  const bool done =
      WasDone(bank, *owner, before, {.epoch = 1, .lane_epoch = 1, .messages = Addresses(*owner)},
              called.interrupted) &&
      (!called.interrupted || bank.PasswordIs(*owner, by.password)) &&
      by.password != owner->password;
  if (done) {
    KeepFew(owner->older, owner->password);
    owner->password = by.password;
    Apply(bank, *owner, Deed::kReset);
    bank.model().set_passwords[by.key] = {.session = by.session,
                                          .password = by.password,
                                          .reference = session->reference,
                                          .at = bank.now()};
  }
  if (called.told() && owner->password != by.password && earlier == nullptr)
    bank.Broken("Law 11", "a new password was acknowledged and is not there");
  if (done && !bank.PasswordIs(*owner, by.password))
    bank.Broken("Law 1", "the verifier is not that of the new password");
  if (done && called.told() && !called.interrupted) ProbePassword(bank, *owner);
}

namespace {

// Whoever has used fewer than five in the time in which five come again has one left.
bool HaveUsedUnlocks(Customer& customer, TimePoint now) {
  auto& asked = customer.asked_to_unlock;
  std::erase_if(asked, [&](TimePoint at) { return at + minutes(151) < now; });
  asked.push_back(now);
  return asked.size() > 5;
}

// Where a password needs more than a message, one that unlocks leaves the hundred in a row (SP
// 800-63B-4, 3.2.2). What was shown in a branch may have gone stale by now.
void CheckFailuresAfterUnlock(Bank& bank, Customer& owner, const RecoverySession& session) {
  if (!owner.strong || session.case_id == 0) return;
  const int64_t failures = bank.Look(owner).failures;
  if (failures != 0 && failures != owner.failures)
    bank.Broken("Law 4", "an unlock left " + std::to_string(failures) + " failures in a row");
  owner.failures = failures;
}

}  // namespace

void Unlock(Bank& bank, std::string_view who, const std::string& token, const std::string& key) {
  RecoverySession* session = SessionOf(bank, token);
  Customer* owner = session == nullptr ? nullptr : &bank.model().Of(session->owner);
  const Bank::Facts before = owner == nullptr ? Bank::Facts{} : bank.Look(*owner);
  const bool used = owner != nullptr && HaveUsedUnlocks(*owner, bank.now());
  auto& kept = bank.model().unlocks;
  auto called = bank.Call(
      {.who = who,
       .what = "Unlock",
       .details = owner == nullptr ? "no session" : owner->login,
       .is_deed = true},
      [&]() -> May {
        if (session == nullptr) return Bit(Reason::kExpired);
        if (const Acknowledged* earlier = Earlier(bank, kept, key))
          return IfKnown(bank, *session, earlier->session == token ? kOk : Bit(Reason::kConflict));
        if (!Stands(bank, *session)) return kDead;
        if (owner->disabled) return Bit(Reason::kMoreProof);
        return kOk | (used ? Bit(Reason::kResting) : 0);
      },
      [&](Node& node) {
        return recovery::Unlock(
            node.parts,
            {.session = Secret(token), .idempotency_key = key, .source = From("192.0.2.9")});
      });
  bank.Judge("Law 3", called);
  if (owner == nullptr) return;
  const Acknowledged* earlier = Earlier(bank, kept, key);
  if (called.told() && earlier != nullptr && earlier->reference != *called.result)
    bank.Broken("Law 11", "the same request got another answer when it came again");
  const bool answered = earlier != nullptr;
  const bool done =
      WasDone(bank, *owner, before, {.epoch = 0, .lane_epoch = 1, .messages = Addresses(*owner)},
              called.interrupted) &&
      (!called.interrupted || (called.result.ok() && !answered));
  if (!done) return;
  Apply(bank, *owner, Deed::kUnlock);
  CheckFailuresAfterUnlock(bank, *owner, *session);
  CheckUnlocks(bank, owner->unlocked_by_proof);
  owner->unlocked_with = key;
  kept[key] = {.session = token, .password = {}, .reference = session->reference, .at = bank.now()};
}

namespace {

template <typename Predict>
void Freeze(Bank& bank, Request request, Customer* owner, Predict&& predict,
            recovery::FreezeRequest proof) {
  const Bank::Facts before = owner == nullptr ? Bank::Facts{} : bank.Look(*owner);
  auto called = bank.Call(std::move(request), predict,
                          [&](Node& node) { return recovery::Freeze(node.parts, proof); });
  bank.Judge("Law 9", called);
  if (owner == nullptr) return;
  const bool done = WasDone(bank, *owner, before,
                            {.epoch = 1,
                             .lane_epoch = 0,
                             .messages = Addresses(*owner),
                             .state = static_cast<int64_t>(model::AccountState::kFrozen)},
                            called.interrupted);
  if (done && !owner->frozen &&
      bank.Look(*owner).state == static_cast<int64_t>(model::AccountState::kFrozen))
    Apply(bank, *owner, Deed::kFreeze);
  if (called.told() && !owner->frozen)
    bank.Broken("Law 9", "a freeze was acknowledged and the account is not frozen");
}

}  // namespace

void FreezeByLink(Bank& bank, std::string_view who, const std::string& token) {
  auto& links = bank.model().freeze_links;
  const auto found = links.find(token);
  const Link* link = found == links.end() ? nullptr : &found->second;
  Customer* owner = link == nullptr ? nullptr : &bank.model().Of(link->owner);
  auto predict = [&]() -> May {
    if (link == nullptr) return Bit(Reason::kWrong);
    if (bank.now() >= link->made_at + kFreezeLinkLives)
      return Bit(Reason::kExpired) | Bit(Reason::kWrong);
    // Law 9: an attacker's second reset does not take the first notice's button away.
    if (link->made_at > owner->frozen_at || owner->frozen) return kOk;
    return Bit(Reason::kUsed);
  };
  Freeze(bank,
         {.who = who,
          .what = "FreezeByLink",
          .details = owner == nullptr ? "" : owner->login,
          .is_deed = true},
         owner, predict, {.link_token = Secret(token), .session = {}, .source = From("192.0.2.9")});
}

void FreezeBySession(Bank& bank, std::string_view who, const std::string& token) {
  RecoverySession* session = SessionOf(bank, token);
  Customer* owner = session == nullptr ? nullptr : &bank.model().Of(session->owner);
  auto predict = [&]() -> May {
    if (session == nullptr) return Bit(Reason::kExpired);
    return Stands(bank, *session) ? kOk : kDead;
  };
  Freeze(bank,
         {.who = who,
          .what = "FreezeBySession",
          .details = owner == nullptr ? "" : owner->login,
          .is_deed = true},
         owner, predict, {.link_token = {}, .session = Secret(token), .source = From("192.0.2.9")});
}

}  // namespace latchkey::simulation
