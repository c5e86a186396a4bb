// SPDX-License-Identifier: Apache-2.0
// What customers do at the front door.
#include <gtest/gtest.h>

#include "tests/crash/sweep/use_cases.h"

namespace latchkey::crash {
namespace {

AccountId Anna(House& house) {
  return house.plain
      .Query([&](ledger::Transaction& tx) {
        return ledger::FindAccount(tx, house.keys, {model::IdentifierKind::kLogin, "anna"});
      })
      .value()
      .value();
}

Result<std::string> Enter(House& house, const std::string& name, std::string_view password,
                          const std::string& address = "192.0.2.1") {
  auto entered = house.Enter(name, password, address);
  if (!entered.ok()) return entered.failure();
  return std::string("a session");
}

// {SSHA256} of "seven green lanterns" with the salt "salted": replaced by Argon2id when it is
// first used.
constexpr const char* kImported = "{SSHA256}Ln2ysJXTq7MeTYXMK7BB6kZUhJkeL6WRIr8fNTgfY6BzYWx0ZWQ=";

std::string Elsewhere(int n) { return "198.51.100." + std::to_string(n); }

void GuessFourTimes(House& house, const std::string& name) {
  for (int i = 1; i <= 4; ++i)
    LATCHKEY_CHECK(!house.Enter(name, "not this " + std::to_string(i), Elsewhere(i)).ok());
}

// Law 11: whoever was told that a rest begins may count on the owner's being told too.
void IsKeptToBeTold(House& house, const Given&, const Trial& trial) {
  if (trial.refused == Reason::kWrong) {
    EXPECT_NE(house.Picture().find("intakes waiting: 1"), std::string::npos);
  }
}

void HaveFailures(House& house, AccountId account, int64_t failures) {
  LATCHKEY_CHECK(
      house.plain
          .Transact([&](ledger::Transaction& tx) -> Done {
            LATCHKEY_ASSIGN(auto password,
                            ledger::FindAuthenticator(tx, house.keys, account,
                                                      model::AuthenticatorKind::kPassword));
            for (int64_t i = 0; i < failures; ++i)
              LATCHKEY_TRY(ledger::CountAuthenticatorFailure(tx, password->id, house.clock.Now()));
            return {};
          })
          .ok());
}

void HaveSession(House& house, Given& given) {
  given.session = std::string(house.Enter("anna", kPassword)->session_token.Reveal());
}

}  // namespace

void HaveAlmostDisabled(House& house, Given& given) {
  given.account = Anna(house);
  HaveFailures(house, given.account, ledger::kFailuresThatDisable - 1);
}

std::vector<UseCase> SignInCases() {
  return {
      {.name = "SignIn",
       .prepare = [](House&, Given&) {},
       .call = [](House& house, const Given&) { return Enter(house, "anna", kPassword); },
       .repeat = Repeat::kAgain},
      {.name = "SignInImported",
       .prepare = [](House& house, Given&) { house.AddCustomer("bruno", "10000002", kImported); },
       .call = [](House& house, const Given&) { return Enter(house, "bruno", kPassword); },
       .repeat = Repeat::kAgain},
      {.name = "SignInWrong",
       .prepare = [](House& house, Given& given) { given.account = Anna(house); },
       .call = [](House& house, const Given&) { return Enter(house, "anna", "not this one"); },
       .repeat = Repeat::kRefused,
       // Law 4: whatever failed, what was compared stands counted.
       .at_once =
           [](House& house, const Given& given, const Trial& trial) {
             if (trial.compared) {
               EXPECT_GE(house.CountedFailures(given.account, signin::SecretKind::kPassword), 1);
             }
           }},
      {.name = "SignInRest",
       .prepare = [](House& house, Given&) { GuessFourTimes(house, "anna"); },
       .call = [](House& house,
                  const Given&) { return Enter(house, "anna", "not this one", Elsewhere(5)); },
       .repeat = Repeat::kRefused,
       .at_once = IsKeptToBeTold},
      {.name = "SignInRestOfNobody",
       .prepare = [](House& house, Given&) { GuessFourTimes(house, "nobody"); },
       .call = [](House& house,
                  const Given&) { return Enter(house, "nobody", "not this one", Elsewhere(5)); },
       .repeat = Repeat::kRefused,
       .at_once = IsKeptToBeTold},
      {.name = "SignInDisables",
       .prepare = HaveAlmostDisabled,
       .call = [](House& house, const Given&) { return Enter(house, "anna", "not this one"); },
       .repeat = Repeat::kRefused,
       .law =
           [](House& house, const Given&, const Trial&) {
             const std::string picture = house.Picture();
             EXPECT_NE(picture.find("intakes waiting: 1"), std::string::npos)
                 << "it is disabled and nobody is to be told";
           }},
      {.name = "SignInUnknown",
       .prepare = [](House&, Given&) {},
       .call = [](House& house, const Given&) { return Enter(house, "nobody", kPassword); },
       .repeat = Repeat::kRefused},
      {.name = "GetSession",
       .prepare =
           [](House& house, Given& given) {
             HaveSession(house, given);
             house.clock.Advance(std::chrono::minutes(2));  // the idle end moves
           },
       .call = [](House& house, const Given& given) -> Result<std::string> {
         auto view = house.sign_in.GetSession(Secret(given.session));
         if (!view.ok()) return view.failure();
         return view->login_name;
       },
       .repeat = Repeat::kAgain},
      {.name = "SignOut",
       .prepare = HaveSession,
       .call = [](House& house, const Given& given) -> Result<std::string> {
         Done out = house.sign_in.SignOut(Secret(given.session), model::Channel::kWeb);
         if (!out.ok()) return out.failure();
         return std::string("out");
       },
       .law =
           [](House& house, const Given& given, const Trial&) {
             EXPECT_FALSE(house.sign_in.GetSession(Secret(given.session)).ok());
           }},
  };
}

}  // namespace latchkey::crash
