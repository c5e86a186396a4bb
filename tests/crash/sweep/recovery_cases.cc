// SPDX-License-Identifier: Apache-2.0
// What customers do to come back in.
#include <gtest/gtest.h>

#include "crypto/token.h"
#include "services/courier/templates.h"
#include "services/ledger/tokens.h"
#include "tests/crash/sweep/use_cases.h"

namespace latchkey::crash {
namespace {

std::string ValueOf(const ledger::LeasedMessage& message, std::string_view name) {
  const auto found = message.values.find(std::string(name));
  return found == message.values.end() ? std::string() : found->second;
}

std::string TokenIn(const ledger::LeasedMessage& message, std::string_view name) {
  return crypto::FromBase64Url(ValueOf(message, name)).value_or("");
}

Result<std::string> ReferenceOf(Result<recovery::Proof> proof) {
  if (!proof.ok()) return proof.failure();
  return proof->reference;
}

std::string WrongDigits(const std::string& digits) {
  std::string wrong = digits;
  wrong[0] = wrong[0] == '1' ? '2' : '1';
  return wrong;
}

void HaveMail(House& house, Given& given, model::Intent intent = model::Intent::kReset) {
  given.handle = std::string(house.Ask("anna", intent)->handle.Reveal());
  house.Drain();
  const auto message = house.TakeMessages().at(0);
  given.link = TokenIn(message, courier::kLinkToken);
  given.code = ValueOf(message, courier::kCode);
  given.account = message.account_id;
  given.key = house.random.Take(16);
}

void HaveSession(House& house, Given& given, model::Intent intent) {
  HaveMail(house, given, intent);
  given.session = std::string(
      recovery::OpenLink(house.parts, Secret(given.link), house.From())->session.Reveal());
}

Result<std::string> SetPassword(House& house, const Given& given) {
  return recovery::SetPassword(house.parts, {.session = Secret(given.session),
                                             .new_password = Secret(kNewPassword),
                                             .idempotency_key = given.key,
                                             .source = house.From(),
                                             .deadline = house.clock.Now() + Millis(10'000)});
}

Result<std::string> SubmitCode(House& house, const Given& given, const std::string& code) {
  auto proof = recovery::SubmitCode(house.parts, {.handle = Secret(given.handle),
                                                  .identifier = {},
                                                  .code = Secret(code),
                                                  .idempotency_key = given.key,
                                                  .source = house.From(),
                                                  .device_token = {}});
  if (!proof.ok()) return proof.failure();
  return std::string(proof->session.Reveal());
}

Result<std::string> Redeem(House& house, const Given& given, const std::string& token) {
  auto begun = recovery::RedeemAssisted(house.parts, {.customer_number = "10000001",
                                                      .token = Secret(token),
                                                      .idempotency_key = given.key,
                                                      .source = house.From(),
                                                      .device_token = {}});
  if (!begun.ok()) return begun.failure();
  return std::string(begun->handle.Reveal());
}

// As IssueToken leaves it.
void HaveBranchToken(House& house, Given& given) {
  given.token = "123456789012";
  given.key = house.random.Take(16);
  given.account = house.plain
                      .Query([&](ledger::Transaction& tx) {
                        return ledger::FindAccount(
                            tx, house.keys, {model::IdentifierKind::kCustomerNumber, "10000001"});
                      })
                      .value()
                      .value();
  LATCHKEY_CHECK(house.plain
                     .Transact([&](ledger::Transaction& tx) {
                       return ledger::InsertToken(
                           tx, house.store,
                           {.purpose = model::TokenPurpose::kAssisted,
                            .account_id = given.account,
                            .case_id = CaseId{7},
                            .security_epoch = 1,
                            .expires_at = house.clock.Now() + std::chrono::hours(1)},
                           Secret(given.token));
                     })
                     .ok());
}

// And came home with it, where the code of the message that followed was read.
void HaveAssistedCode(House& house, Given& given) {
  HaveBranchToken(house, given);
  given.handle = Redeem(house, given, given.token).value();
  given.code = ValueOf(house.TakeMessages().at(0), courier::kCode);
  given.key = house.random.Take(16);
}

// Although its tries are counted each time, and so the picture is not the same (Law 4).
void SameAnswer(House&, const Given&, const Trial& trial) {
  if (trial.first) {
    EXPECT_EQ(trial.first, trial.second);
  }
}

// Law 3: a code that is used up leaves the link of its message.
void SameSessionAndLinkIsGood(House& house, const Given& given, const Trial& trial) {
  SameAnswer(house, given, trial);
  EXPECT_TRUE(recovery::OpenLink(house.parts, Secret(given.link), house.From()).ok());
}

// Law 4.
void CountedIfTriesWereTaken(House& house, const Given& given, const Trial& trial) {
  if (trial.stage > 0) {
    EXPECT_GE(house.CountedFailures(given.account, signin::SecretKind::kRecoveryCode), 1);
  }
}

// Laws 1 and 5: what was acknowledged signs in, and nothing else does.
void NewPasswordIsInForce(House& house, const Given&, const Trial&) {
  EXPECT_TRUE(house.Enter("anna", kNewPassword, "192.0.2.7").ok());
  EXPECT_FALSE(house.Enter("anna", kPassword, "192.0.2.8").ok());
}

}  // namespace

void HaveFreezeLink(House& house, Given& given) {
  HaveSession(house, given, model::Intent::kReset);
  LATCHKEY_CHECK(SetPassword(house, given).ok());
  given.freeze = TokenIn(house.TakeMessages().at(0), courier::kFreezeToken);
}

Result<std::string> Freeze(House& house, const Given& given) {
  return recovery::Freeze(
      house.parts, {.link_token = Secret(given.freeze), .session = {}, .source = house.From()});
}

std::vector<UseCase> RecoveryCases() {
  return {
      {.name = "Begin",
       .prepare = [](House& house, Given& given) { given.key = house.random.Take(16); },
       .call = [](House& house, const Given& given) -> Result<std::string> {
         auto begun = recovery::Begin(house.parts, {.identifier = "anna",
                                                    .intent = model::Intent::kReset,
                                                    .source = house.From(),
                                                    .idempotency_key = given.key});
         if (!begun.ok()) return begun.failure();
         return std::string(begun->handle.Reveal());
       },
       // Law 11: the handle that was answered is the one whose code works.
       .law =
           [](House& house, const Given&, const Trial& trial) {
             house.clock.Advance(std::chrono::minutes(3));
             while (recovery::DrainSpool(house.parts).value() > 0) {
             }
             house.Drain();
             const auto mail = house.TakeMessages();
             ASSERT_EQ(mail.size(), 1u);
             Given given;
             given.handle = *trial.second;
             EXPECT_TRUE(SubmitCode(house, given, ValueOf(mail[0], courier::kCode)).ok());
           }},
      {.name = "AskForPerson",
       .prepare = [](House& house, Given& given) { given.key = house.random.Take(16); },
       .call = [](House& house, const Given& given) -> Result<std::string> {
         Done asked = recovery::AskForPerson(
             house.parts,
             {.customer_number = "10000001", .source = house.From(), .idempotency_key = given.key});
         if (!asked.ok()) return asked.failure();
         return std::string("asked");
       }},
      {.name = "OpenLink",
       .prepare = [](House& house, Given& given) { HaveMail(house, given); },
       .call =
           [](House& house, const Given& given) {
             return ReferenceOf(recovery::OpenLink(house.parts, Secret(given.link), house.From()));
           },
       .repeat = Repeat::kAgain},
      {.name = "SubmitCode",
       .prepare = [](House& house, Given& given) { HaveMail(house, given); },
       .call = [](House& house,
                  const Given& given) { return SubmitCode(house, given, given.code); },
       .repeat = Repeat::kAgain,
       .law = SameSessionAndLinkIsGood},
      {.name = "SubmitCodeWrong",
       .prepare = [](House& house, Given& given) { HaveMail(house, given); },
       .call = [](House& house,
                  const Given& given) { return SubmitCode(house, given, WrongDigits(given.code)); },
       .repeat = Repeat::kRefused,
       .at_once = CountedIfTriesWereTaken},
      {.name = "RedeemAssisted",
       .prepare = HaveBranchToken,
       .call = [](House& house, const Given& given) { return Redeem(house, given, given.token); },
       .repeat = Repeat::kAgain,
       .law = SameAnswer},
      {.name = "RedeemAssistedWrong",
       .prepare = HaveBranchToken,
       .call = [](House& house,
                  const Given& given) { return Redeem(house, given, WrongDigits(given.token)); },
       .repeat = Repeat::kRefused},
      {.name = "SubmitCodeAfterToken",
       .prepare = HaveAssistedCode,
       .call = [](House& house,
                  const Given& given) { return SubmitCode(house, given, given.code); },
       .repeat = Repeat::kAgain,
       .law = SameAnswer},
      {.name = "GetRecovery",
       .prepare = [](House& house,
                     Given& given) { HaveSession(house, given, model::Intent::kReset); },
       .call =
           [](House& house, const Given& given) {
             return ReferenceOf(recovery::GetRecovery(house.parts, Secret(given.session)));
           },
       .repeat = Repeat::kAgain},
      {.name = "SendLink",
       .prepare = [](House& house,
                     Given& given) { HaveSession(house, given, model::Intent::kReset); },
       .call = [](House& house, const Given& given) -> Result<std::string> {
         auto sent = recovery::SendLink(house.parts, {.session = Secret(given.session),
                                                      .idempotency_key = given.key,
                                                      .source = house.From()});
         if (!sent.ok()) return sent.failure();
         return sent->reference + (sent->queued ? " queued" : " withheld");
       }},
      {.name = "SetPassword",
       .prepare = [](House& house,
                     Given& given) { HaveSession(house, given, model::Intent::kReset); },
       .call = SetPassword,
       .law = NewPasswordIsInForce},
      {.name = "SetPasswordAfterToken",
       .prepare =
           [](House& house, Given& given) {
             HaveAssistedCode(house, given);
             given.session = SubmitCode(house, given, given.code).value();
             given.key = house.random.Take(16);
           },
       .call = SetPassword,
       .law = NewPasswordIsInForce},
      {.name = "Unlock",
       .prepare = [](House& house,
                     Given& given) { HaveSession(house, given, model::Intent::kUnlock); },
       .call =
           [](House& house, const Given& given) {
             return recovery::Unlock(house.parts, {.session = Secret(given.session),
                                                   .idempotency_key = given.key,
                                                   .source = house.From()});
           }},
      {.name = "Freeze", .prepare = HaveFreezeLink, .call = Freeze},
      {.name = "FreezeBySession",
       .prepare = [](House& house,
                     Given& given) { HaveSession(house, given, model::Intent::kReset); },
       .call =
           [](House& house, const Given& given) {
             return recovery::Freeze(
                 house.parts,
                 {.link_token = {}, .session = Secret(given.session), .source = house.From()});
           },
       .repeat = Repeat::kOnce},
  };
}

}  // namespace latchkey::crash
