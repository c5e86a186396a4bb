// SPDX-License-Identifier: Apache-2.0
// What members of staff do beside a customer.
#include <gtest/gtest.h>

#include "crypto/totp.h"
#include "services/courier/templates.h"
#include "services/ledger/accounts.h"
#include "tests/crash/sweep/use_cases.h"

namespace latchkey::crash {
namespace {

const crypto::Identity kTerminal{
    .bank = "bank.example", .role = crypto::Role::kBranch, .branch = "west", .terminal = "one"};

Result<std::string> ReferenceOf(const Result<cases::View>& view) {
  if (!view.ok()) return view.failure();
  return view->facts.reference;
}

Result<cases::View> Find(House& house, const model::Staff& staff) {
  return house.assist.FindCustomer(
      staff,
      {.customer_number = "10000001", .reason = assist::StatedReason::kForgotPassword, .note = ""});
}

Result<std::string> SignInStaff(House& house) {
  const Secret password(kPassword);
  const Secret totp = crypto::TotpAt(Secret(kTotpKey), house.clock.Now());
  auto in = house.assist.SignIn(kTerminal, {.login = "tessa", .password = password, .totp = totp},
                                house.clock.Now() + Millis(10'000));
  if (!in.ok()) return in.failure();
  return std::string(in->token.Reveal());
}

void HaveTeller(House& house, Given& given) {
  given.staff = house.AddTeller("tessa");
  given.key = house.random.Take(16);
}

// The act that is tried; the repeat is asked for with the same key.
cases::Act TheAct(const Given& given) {
  return {.case_reference = given.reference, .idempotency_key = given.key};
}

// One that only prepares it.
cases::Act AnEarlierAct(const Given& given) {
  return {.case_reference = given.reference, .idempotency_key = "an earlier act's"};
}

void HaveCase(House& house, Given& given) {
  HaveTeller(house, given);
  const auto view = Find(house, given.staff).value();
  given.reference = view.facts.reference;
  given.account = view.facts.account_id;
}

void HaveCode(House& house, Given& given) {
  HaveCase(house, given);
  LATCHKEY_CHECK(
      house.assist.RecordInspection(given.staff, AnEarlierAct(given), {.number_tail = "47AB"})
          .ok());
  LATCHKEY_CHECK(house.assist.SendCode(given.staff, AnEarlierAct(given), 1).ok());
  given.code = house.TakeMessages().at(0).values.at(std::string(courier::kCode));
}

Result<std::string> CheckCode(House& house, const Given& given, const cases::Act& act,
                              const std::string& code) {
  return ReferenceOf(house.assist.CheckCode(given.staff, kTerminal, act, Secret(code)));
}

void HaveBothProofs(House& house, Given& given) {
  HaveCode(house, given);
  LATCHKEY_CHECK(CheckCode(house, given, AnEarlierAct(given), given.code).ok());
}

// A stranger set a password, the owner said so by its notice, and then came with both proofs.
void HaveFrozen(House& house, Given& given) {
  house.clock.Advance(std::chrono::hours(1));
  HaveFreezeLink(house, given);
  LATCHKEY_CHECK(Freeze(house, given).ok());
  house.TakeMessages();
  HaveBothProofs(house, given);
}

}  // namespace

std::vector<UseCase> BranchCases() {
  return {
      {.name = "SignInStaff",
       .prepare = HaveTeller,
       .call = [](House& house, const Given&) { return SignInStaff(house); },
       .repeat = Repeat::kOnce},  // one TOTP, one session
      {.name = "SignInStaffWrong",
       .prepare = HaveTeller,
       .call =
           [](House& house, const Given&) {
             const Secret wrong("not her password");
             const Secret totp = crypto::TotpAt(Secret(kTotpKey), house.clock.Now());
             auto in =
                 house.assist.SignIn(kTerminal, {.login = "tessa", .password = wrong, .totp = totp},
                                     house.clock.Now() + Millis(10'000));
             return in.ok() ? Result<std::string>(std::string("in")) : in.failure();
           },
       .repeat = Repeat::kRefused,
       .at_once =
           [](House& house, const Given& given, const Trial& trial) {
             if (trial.compared) {
               EXPECT_GE(house.gate
                             .Peek(signin::Subject::Staff(given.staff.id),
                                   signin::SecretKind::kStaffPassword)
                             ->failures,
                         1);
             }
           }},
      {.name = "StaffEnter",
       .prepare =
           [](House& house, Given& given) {
             HaveTeller(house, given);
             given.session = SignInStaff(house).value();
           },
       .call = [](House& house, const Given& given) -> Result<std::string> {
         auto staff = house.assist.Enter(kTerminal, Secret(given.session));
         if (!staff.ok()) return staff.failure();
         return staff->login;
       },
       .repeat = Repeat::kAgain},
      {.name = "SignOutStaff",
       .prepare =
           [](House& house, Given& given) {
             HaveTeller(house, given);
             given.session = SignInStaff(house).value();
           },
       .call = [](House& house, const Given& given) -> Result<std::string> {
         Done out = house.assist.SignOut(kTerminal, Secret(given.session));
         if (!out.ok()) return out.failure();
         return std::string("out");
       },
       .law =
           [](House& house, const Given& given, const Trial&) {
             EXPECT_FALSE(house.assist.Enter(kTerminal, Secret(given.session)).ok());
           }},
      {.name = "FindCustomer",
       .prepare = HaveTeller,
       .call = [](House& house,
                  const Given& given) { return ReferenceOf(Find(house, given.staff)); },
       .repeat = Repeat::kAgain},
      {.name = "RecordInspection",
       .prepare = HaveCase,
       .call =
           [](House& house, const Given& given) {
             return ReferenceOf(house.assist.RecordInspection(given.staff, TheAct(given),
                                                              {.number_tail = "47AB"}));
           }},
      {.name = "SendCode",
       .prepare = HaveCase,
       .call =
           [](House& house, const Given& given) {
             return ReferenceOf(house.assist.SendCode(given.staff, TheAct(given), 1));
           }},
      {.name = "CheckCode",
       .prepare = HaveCode,
       .call =
           [](House& house, const Given& given) {
             return CheckCode(house, given, TheAct(given), given.code);
           },
       .repeat = Repeat::kAgain,  // counted each time that it was compared
       // Law 2: used up and proof given are one.
       .law =
           [](House& house, const Given& given, const Trial& trial) {
             EXPECT_TRUE(house.cases.Get(given.staff, given.reference)->code_checked);
             EXPECT_EQ(trial.first.value_or(*trial.second), *trial.second);
           }},
      {.name = "CheckCodeWrong",
       .prepare = HaveCode,
       .call =
           [](House& house, const Given& given) {
             return CheckCode(house, given, TheAct(given),
                              given.code == "11111111" ? "22222222" : "11111111");
           },
       .repeat = Repeat::kRefused,
       .at_once =
           [](House& house, const Given& given, const Trial& trial) {
             if (trial.stage > 0) {
               EXPECT_GE(house.CountedFailures(given.account, signin::SecretKind::kBranchCode), 1);
             }
           }},
      {.name = "IssueToken",
       .prepare = HaveBothProofs,
       .call = [](House& house, const Given& given) -> Result<std::string> {
         auto issued = house.assist.IssueToken(given.staff, TheAct(given));
         if (!issued.ok()) return issued.failure();
         return std::string(issued->digits.Reveal());
       }},
      {.name = "UnlockAccount",
       .prepare = HaveBothProofs,
       .call =
           [](House& house, const Given& given) {
             return ReferenceOf(house.assist.Unlock(given.staff, TheAct(given)));
           }},
      {.name = "LiftFreeze",
       .prepare = HaveFrozen,
       .call =
           [](House& house, const Given& given) {
             return ReferenceOf(house.assist.LiftFreeze(given.staff, TheAct(given)));
           },
       // What was set shortly before the freeze is not trusted when it is lifted.
       .law =
           [](House& house, const Given&, const Trial&) {
             EXPECT_FALSE(house.Enter("anna", kNewPassword, "192.0.2.7").ok());
           }},
      {.name = "AddNote",
       .prepare = HaveCase,
       .call =
           [](House& house, const Given& given) {
             return ReferenceOf(house.cases.AddNote(given.staff, TheAct(given), "called back"));
           }},
      {.name = "GetCase",
       .prepare = HaveCase,
       .call =
           [](House& house, const Given& given) {
             return ReferenceOf(house.cases.Get(given.staff, given.reference));
           },
       .repeat = Repeat::kAgain},
      {.name = "ListWaiting",
       .prepare = HaveTeller,
       .call = [](House& house, const Given& given) -> Result<std::string> {
         auto waiting = house.cases.ListWaiting(given.staff);
         if (!waiting.ok()) return waiting.failure();
         return std::to_string(waiting->cases.size());
       }},
  };
}

}  // namespace latchkey::crash
