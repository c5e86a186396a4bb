// SPDX-License-Identifier: Apache-2.0
// What members of staff may do beside a customer, and what they never may (Law 8).
#include <algorithm>

#include "crypto/totp.h"
#include "tests/simulation/calls.h"

namespace latchkey::simulation {
namespace {

using Gate = ModelGuess::Gate;

constexpr Millis kLookLasts = hours(8);
constexpr Millis kIdle = minutes(10);

const crypto::Identity& Terminal() {
  static const crypto::Identity terminal{
      .bank = "bank.example", .role = crypto::Role::kBranch, .branch = "west", .terminal = "one"};
  return terminal;
}

May IfSignedIn(Bank& bank, const Officer& officer, May then) {
  const bool alive = bank.now() < officer.idle_expires_at && bank.now() < officer.expires_at;
  if (officer.doubtful) return then | Bit(Reason::kExpired);
  return alive ? then : Bit(Reason::kExpired);
}

void Touch(Bank& bank, Officer& officer, bool known) {
  if (!known) officer.doubtful = true;
  if (known) officer.idle_expires_at = std::min(bank.now() + kIdle, officer.expires_at);
}

int64_t Entries(Bank& bank, const Customer& customer) {
  return bank.Number("SELECT seq FROM chains WHERE account_id = $1", customer.id);
}

bool IsOpen(Bank& bank, const CaseFile& file) {
  return bank.Number("SELECT COUNT(*) FROM cases WHERE id = $1 AND closed_at IS NULL", file.id) > 0;
}

// Nobody acts on their own account, on a closed case, or without a reason stated today. The reason
// is sought among the last two hundred entries of the account.
May IfAttended(Bank& bank, const Officer& officer, const CaseFile& file, May then) {
  if (officer.own == file.owner) return IfSignedIn(bank, officer, Bit(Reason::kOwnAccount));
  if (!IsOpen(bank, file)) return IfSignedIn(bank, officer, Bit(Reason::kNotFound));
  const TimePoint now = bank.now();
  const auto looked = file.looked.find(officer.index);
  const auto perhaps = officer.perhaps_looked.find(file.owner);
  bool may = perhaps != officer.perhaps_looked.end() && now < perhaps->second + kLookLasts;
  if (looked != file.looked.end()) {
    const CaseFile::Look& look = looked->second;
    const int64_t entries = Entries(bank, bank.model().Of(file.owner)) - look.entries;
    if (now < look.at + kLookLasts - minutes(1) && entries < 150)
      return IfSignedIn(bank, officer, then);
    may = may || now < look.at + kLookLasts;
  }
  return IfSignedIn(bank, officer, Bit(Reason::kNotFound) | (may ? then : 0));
}

// What was proved about the customer in this case. Perhaps: by a link or code in their own
// recovery, which counts while that recovery lives.
struct Presence {
  bool document = false, code = false, perhaps = false;
};
Presence PresenceIn(Bank& bank, const CaseFile& file) {
  const Customer& customer = bank.model().Of(file.owner);
  const auto fresh = [&](TimePoint at) {
    return at > customer.secured_at && bank.now() < at + kProofIsFresh;
  };
  return {.document = fresh(file.inspected_at),
          .code = fresh(file.said_at),
          .perhaps = fresh(customer.proved_at) || fresh(file.perhaps_at)};
}

May IfProved(const Presence& presence, bool both, May then) {
  const bool enough =
      both ? presence.document && presence.code : presence.document || presence.code;
  const bool perhaps = presence.perhaps;
  if (enough) return then;
  return Bit(Reason::kMoreProof) | (perhaps ? then : 0);
}

// Enters with the officer's session, then acts.
template <typename Act>
auto Enter(Node& node, const Officer& officer, Act&& act)
    -> decltype(act(std::declval<const model::Staff&>())) {
  LATCHKEY_ASSIGN(const model::Staff person,
                  node.assist.Enter(Terminal(), Secret(officer.session)));
  return act(person);
}

template <typename Do>
auto EnterFor(Bank& bank, Node& node, const Officer& officer, const CaseFile& file, Do&& act) {
  const std::string key = bank.Key();
  return Enter(node, officer, [&](const model::Staff& person) {
    return act(person, cases::Act{file.reference, key});
  });
}

template <typename R>
void AfterEntering(Bank& bank, Officer& officer, const Called<R>& called) {
  const bool entered = called.result.ok() || called.result.reason() != Reason::kExpired;
  Touch(bank, officer, entered && !called.faulty && !called.interrupted);
}

int64_t CountTokens(Bank& bank, const Customer& owner) {
  return bank.Number("SELECT COUNT(*) FROM tokens WHERE account_id = $1 AND purpose = $2", owner.id,
                     model::TokenPurpose::kAssisted);
}

Customer& OwnerOf(Bank& bank, const CaseFile& file) { return bank.model().Of(file.owner); }

std::string Details(Bank& bank, const Officer& officer, const CaseFile& file) {
  return officer.login + " for " + OwnerOf(bank, file).login;
}

}  // namespace

void StaffSignIn(Bank& bank, Officer& officer, bool right) {
  if (bank.within()) return;  // of two codes of the same minute one would be refused
  bank.Wait(minutes(1));      // the last code may have been used
  const std::string password = right ? officer.password : bank.NewPassword();
  const std::string totp(crypto::TotpAt(Secret(officer.totp_key), bank.now() + Millis(1)).Reveal());
  ModelGuess guess{.set = officer.lanes,
                   .kind = signin::SecretKind::kStaffPassword,
                   .source = "terminal",
                   .device = {},
                   .value = password + totp};
  const Secret given_password(password), given_totp(totp);
  auto called = bank.Call(
      {.who = "teller", .what = "StaffSignIn", .details = officer.login, .guess = &guess},
      [&]() -> May { return right ? kOk : Bit(Reason::kWrong); },
      [&](Node& node) {
        return node.assist.SignIn(
            Terminal(), {.login = officer.login, .password = given_password, .totp = given_totp},
            bank.now() + std::chrono::seconds(10));
      });
  const May away = called.faulty ? Bit(Reason::kUnavailable) : 0;
  if (guess.gate == Gate::kNotReached) called.may = away;
  if (guess.gate == Gate::kRests) called.may = away | Bit(Reason::kResting);
  if (guess.gate == Gate::kRepeated) called.may = away | Bit(Reason::kWrong);
  bank.Judge("Law 8", called);
  if (!called.told()) return;
  officer.session = called.result->token.Reveal();
  officer.idle_expires_at = called.result->idle_expires_at;
  officer.expires_at = officer.idle_expires_at - kIdle + hours(8);
  officer.doubtful = false;
}

void FindCustomer(Bank& bank, Officer& officer, const Customer& customer) {
  auto called = bank.Call(
      {.who = "teller", .what = "FindCustomer", .details = officer.login + " " + customer.login},
      [&]() -> May {
        const May found = !customer.known                 ? Bit(Reason::kNotFound)
                          : officer.own == customer.index ? Bit(Reason::kOwnAccount)
                                                          : kOk;
        return IfSignedIn(bank, officer, found | Bit(Reason::kResting));
      },
      [&](Node& node) {
        return Enter(node, officer, [&](const model::Staff& person) {
          return node.assist.FindCustomer(person, {.customer_number = customer.number,
                                                   .reason = assist::StatedReason::kForgotPassword,
                                                   .note = ""});
        });
      });
  bank.Judge("Law 8", called);
  AfterEntering(bank, officer, called);
  if (called.faulty || called.interrupted) officer.perhaps_looked[customer.index] = bank.now();
  if (!called.told()) return;
  const model::Case& facts = called.result->facts;
  auto& cases = bank.model().cases;
  auto file = std::find_if(cases.begin(), cases.end(),
                           [&](const CaseFile& one) { return one.id == facts.id.value; });
  if (file == cases.end()) {
    cases.push_back({.owner = customer.index,
                     .id = facts.id.value,
                     .reference = facts.reference,
                     .looked = {}});
    file = std::prev(cases.end());
  }
  file->looked[officer.index] = {.at = bank.now(), .entries = Entries(bank, customer)};
}

void GetCase(Bank& bank, Officer& officer, CaseFile& file) {
  auto called = bank.Call(
      {.who = "teller", .what = "GetCase", .details = Details(bank, officer, file)},
      [&]() -> May {
        return IfSignedIn(bank, officer,
                          officer.own == file.owner ? Bit(Reason::kOwnAccount) : kOk);
      },
      [&](Node& node) {
        return Enter(node, officer, [&](const model::Staff& person) {
          return node.cases.Get(person, file.reference);
        });
      });
  bank.Judge("Law 15", called);
  AfterEntering(bank, officer, called);
  // A look keeps a reason that was stated, and makes one only of a case that waits for somebody.
  officer.perhaps_looked[file.owner] = bank.now();
}

void Inspect(Bank& bank, Officer& officer, CaseFile& file) {
  auto called = bank.Call(
      {.who = "teller", .what = "Inspect", .details = Details(bank, officer, file)},
      [&] { return IfAttended(bank, officer, file, kOk); },
      [&](Node& node) {
        return EnterFor(bank, node, officer, file, [&](const auto& person, const auto& act) {
          return node.assist.RecordInspection(person, act, {.number_tail = "47AB"});
        });
      });
  bank.Judge("Law 8", called);
  AfterEntering(bank, officer, called);
  if (called.faulty || called.interrupted) file.perhaps_at = bank.now();
  if (called.told() && !called.interrupted) file.inspected_at = bank.now();
}

void SendCode(Bank& bank, Officer& officer, CaseFile& file, uint32_t contact) {
  auto called = bank.Call(
      {.who = "teller", .what = "SendCode", .details = Details(bank, officer, file)},
      [&]() -> May {
        const bool there = contact <= OwnerOf(bank, file).mails.size();
        return IfAttended(bank, officer, file,
                          there ? kOk | Bit(Reason::kResting) : Bit(Reason::kNotFound));
      },
      [&](Node& node) {
        return EnterFor(bank, node, officer, file, [&](const auto& person, const auto& act) {
          return node.assist.SendCode(person, act, contact);
        });
      });
  bank.Judge("Law 8", called);
  AfterEntering(bank, officer, called);
}

void CheckCode(Bank& bank, Officer& officer, CaseFile& file, const std::string& digits) {
  Model& model = bank.model();
  Customer& owner = OwnerOf(bank, file);
  const size_t who = static_cast<size_t>(file.owner);
  ModelGuess guess{.set = owner.lanes,
                   .kind = signin::SecretKind::kBranchCode,
                   .source = "terminal",
                   .device = {},
                   .value = file.reference + digits};
  auto find = [&]() -> Code* {
    for (Code& code : model.branch_codes[who]) {
      const auto tries =
          std::count_if(model.branch_tries[who].begin(), model.branch_tries[who].end(),
                        [&](const Try& one) { return one.at > code.made_at; });
      // Codes for a teller end with an unlock and a reset, and a freeze; not while it lasts.
      if (code.digits == digits && !code.used && code.case_id == file.id && tries < kTries &&
          code.made_at > owner.killed_at && bank.now() < code.expires_at)
        return &code;
    }
    return nullptr;
  };
  auto called = bank.Call(
      {.who = "teller",
       .what = "CheckCode",
       .details = Details(bank, officer, file) + " " + digits,
       .guess = &guess,
       .between_from = 4},
      [&]() -> May {
        Code* code = find();
        const May compared = code == nullptr ? Bit(Reason::kWrong)
                                             : kOk | (code->doubtful ? Bit(Reason::kWrong) : 0);
        return IfAttended(bank, officer, file, compared);
      },
      [&](Node& node) {
        return EnterFor(bank, node, officer, file, [&](const auto& person, const auto& act) {
          return node.assist.CheckCode(person, Terminal(), act, Secret(digits));
        });
      });
  const May away = called.faulty ? Bit(Reason::kUnavailable) : 0;
  if (guess.gate == Gate::kNotReached) called.may &= ~(kOk | Bit(Reason::kWrong));
  if (guess.gate == Gate::kRests) called.may = away | Bit(Reason::kResting);
  if (guess.gate == Gate::kRepeated) called.may = away | Bit(Reason::kWrong);
  bank.Judge("Law 4", called);
  AfterEntering(bank, officer, called);
  if (called.tries_taken > (guess.gate == Gate::kCounted ? 1 : 0))
    bank.Broken("Law 4", "branch codes were compared with a guess that was not counted");
  Code* code = find();
  if (called.tries_taken > 0) {
    model.branch_tries[who].push_back({.at = called.tries_at});
    if (model.branch_tries[who].size() > 200) model.branch_tries[who].pop_front();
  }
  if (code == nullptr) return;
  if (called.faulty) code->doubtful = true;
  if (called.faulty || called.interrupted) file.perhaps_at = bank.now();
  if (!called.told()) return;
  code->used = true;
  if (!called.interrupted) file.said_at = bank.now();
}

void IssueToken(Bank& bank, Officer& officer, CaseFile& file) {
  Customer& owner = OwnerOf(bank, file);
  const size_t who = static_cast<size_t>(file.owner);
  const int64_t newest = bank.Look(owner).newest_message;
  const int64_t issued = CountTokens(bank, owner);
  auto called = bank.Call(
      {.who = "teller",
       .what = "IssueToken",
       .details = Details(bank, officer, file),
       .between_span = 3,
       .is_deed = true},
      [&]() -> May {
        const May then = owner.frozen
                             ? Bit(Reason::kStopped)
                             : IfProved(PresenceIn(bank, file), true, kOk | Bit(Reason::kResting));
        return IfAttended(bank, officer, file, then);
      },
      [&](Node& node) {
        return EnterFor(bank, node, officer, file, [&](const auto& person, const auto& act) {
          return node.assist.IssueToken(person, act);
        });
      });
  bank.Judge("Law 8", called);
  AfterEntering(bank, officer, called);
  const int64_t now_issued = std::max<int64_t>(CountTokens(bank, owner) - issued, 0);
  owner.issues += now_issued;
  if (now_issued > 0) {
    for (Code& token : bank.model().tokens[who]) token.used = true;
    if (!called.interrupted && bank.MessagesAfter(owner, newest) != Addresses(owner))
      bank.Broken("Law 9", "a token was issued and not everybody was told");
  }
  if (!called.told()) return;
  const std::string digits(called.result->digits.Reveal());
  bank.model().tokens[who].push_back({.digits = digits,
                                      .made_at = called.result->expires_at - hours(24),
                                      .expires_at = called.result->expires_at,
                                      .of_case = file.id});
  owner.branch_tokens.push_back(digits);
  if (owner.branch_tokens.size() > 4) owner.branch_tokens.pop_front();
}

void UnlockInBranch(Bank& bank, Officer& officer, CaseFile& file) {
  Customer& owner = OwnerOf(bank, file);
  const Bank::Facts before = bank.Look(owner);
  auto called = bank.Call(
      {.who = "teller",
       .what = "UnlockInBranch",
       .details = Details(bank, officer, file),
       .between_span = 3,
       .is_deed = true},
      [&]() -> May {
        const May then = owner.frozen
                             ? Bit(Reason::kStopped)
                             : IfProved(PresenceIn(bank, file), false, kOk | Bit(Reason::kResting));
        return IfAttended(bank, officer, file, then);
      },
      [&](Node& node) {
        return EnterFor(bank, node, officer, file, [&](const auto& person, const auto& act) {
          return node.assist.Unlock(person, act);
        });
      });
  bank.Judge("Law 8", called);
  AfterEntering(bank, officer, called);
  const bool done = WasDone(bank, owner, before, {.lane_epoch = 1, .messages = Addresses(owner)},
                            called.interrupted);
  if (called.interrupted ? !called.result.ok() : !done) return;
  ++owner.unlocks;
  CheckUnlocks(bank, owner.unlocked_in_branch);
  owner.lanes = std::make_shared<LaneSet>();
  if (!owner.disabled) owner.failures = 0;
}

void LiftFreeze(Bank& bank, Officer& officer, CaseFile& file) {
  Customer& owner = OwnerOf(bank, file);
  const Bank::Facts before = bank.Look(owner);
  auto called = bank.Call(
      {.who = "teller",
       .what = "LiftFreeze",
       .details = Details(bank, officer, file),
       .between_span = 1,
       .is_deed = true},
      [&] { return IfAttended(bank, officer, file, IfProved(PresenceIn(bank, file), true, kOk)); },
      [&](Node& node) {
        return EnterFor(bank, node, officer, file, [&](const auto& person, const auto& act) {
          return node.assist.LiftFreeze(person, act);
        });
      });
  bank.Judge("Law 8", called);
  AfterEntering(bank, officer, called);
  static_cast<void>(WasDone(
      bank, owner, before,
      {.messages = Addresses(owner), .state = static_cast<int64_t>(model::AccountState::kActive)},
      called.interrupted));
  const bool lifted =
      owner.frozen && bank.Look(owner).state == static_cast<int64_t>(model::AccountState::kActive);
  if (!lifted) return;
  owner.frozen = false;
  ++owner.lifts;
  const bool late = owner.password_set_at != TimePoint{} &&
                    owner.password_set_at + kFreezeLinkLives > owner.frozen_at;
  if (late && !owner.disabled) {
    ++owner.disablings;
    MayMissRest(owner, bank.now());
  }
  owner.disabled = owner.disabled || late;
}

}  // namespace latchkey::simulation
