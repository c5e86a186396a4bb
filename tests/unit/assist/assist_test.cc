// SPDX-License-Identifier: Apache-2.0
#include "services/assist/assist.h"

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "services/ledger/tokens.h"
#include "tests/contract/ledger/redate.h"
#include "tests/unit/assist/desk.h"

namespace latchkey::assist {
namespace {

TEST_F(AssistTest, FindsByExactNumberWithAReason) {
  const auto view = Find(tessa_);
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(view->timeline.front().text, "forgot password");
  EXPECT_EQ(view->timeline.front().by, "Tessa Teller");
  EXPECT_EQ(Find(tessa_, "10000009").reason(), Reason::kNotFound);
  EXPECT_EQ(Find(tessa_, "Ada").reason(), Reason::kMalformed);
  EXPECT_EQ(
      assist_
          .FindCustomer(tessa_,
                        {.customer_number = "10000001", .reason = StatedReason::kOther, .note = ""})
          .failure()
          .field,
      "note");
}

TEST_F(AssistTest, Law13_FindingNobodyIsJournaledToo) {
  EXPECT_FALSE(Find(tessa_, "10000009").ok());
  EXPECT_EQ(Journaled({}, model::Event::kStaffViewed), 1);
}

TEST_F(AssistTest, A07_FindingHasAnAllowance) {
  for (int i = 0; i < 60; ++i) EXPECT_EQ(Find(tessa_, "20000000").reason(), Reason::kNotFound);
  EXPECT_EQ(Find(tessa_).reason(), Reason::kResting);
  EXPECT_TRUE(Find(toni_).ok());
}

TEST_F(AssistTest, A03_NobodyServesTheirOwnAccount) {
  const model::Staff ada = AddStaff("ada", "Ada Lovelace", "west", ada_);
  const std::string reference = Prove();
  EXPECT_EQ(Find(ada).reason(), Reason::kOwnAccount);
  EXPECT_EQ(assist_.RecordInspection(ada, Once(reference), {.number_tail = "4711"}).reason(),
            Reason::kOwnAccount);
  EXPECT_EQ(assist_.SendCode(ada, Once(reference), 1).reason(), Reason::kOwnAccount);
  EXPECT_EQ(assist_.CheckCode(ada, Terminal("west"), Once(reference), Secret("12345678")).reason(),
            Reason::kOwnAccount);
  EXPECT_EQ(assist_.IssueToken(ada, Once(reference)).reason(), Reason::kOwnAccount);
  EXPECT_EQ(assist_.Unlock(ada, Once(reference)).reason(), Reason::kOwnAccount);
  EXPECT_EQ(assist_.LiftFreeze(ada, Once(reference)).reason(), Reason::kOwnAccount);

  for (int i = 0; i < 60; ++i) EXPECT_TRUE(assist_.JournalOwnAccount(ada).ok());
  EXPECT_EQ(assist_.JournalOwnAccount(ada).reason(), Reason::kResting);
  EXPECT_EQ(Journal(ada_).front().entry.details, "refused: own account");
  EXPECT_EQ(Journal(ada_).front().entry.staff_id, ada.id);
}

TEST_F(AssistTest, A01_WithoutProofNothingOpens) {
  const std::string reference = Find(tessa_)->facts.reference;
  EXPECT_EQ(assist_.IssueToken(tessa_, Once(reference)).reason(), Reason::kMoreProof);
  EXPECT_EQ(assist_.Unlock(tessa_, Once(reference)).reason(), Reason::kMoreProof);
  EXPECT_EQ(assist_.LiftFreeze(tessa_, Once(reference)).reason(), Reason::kMoreProof);
  ASSERT_TRUE(assist_.RecordInspection(tessa_, Once(reference), {.number_tail = "4711"}).ok());
  EXPECT_EQ(assist_.IssueToken(tessa_, Once(reference)).reason(), Reason::kMoreProof);
  EXPECT_TRUE(assist_.Unlock(tessa_, Once(reference)).ok());
}

TEST_F(AssistTest, A04_TheTellerLearnsNothingButTheInertToken) {
  const std::string reference = Prove();
  const auto issued = assist_.IssueToken(tessa_, Once(reference));
  ASSERT_TRUE(issued.ok());
  EXPECT_TRUE(crypto::IsCode(issued->digits.Reveal(), crypto::kAssistedDigits));
  EXPECT_EQ(issued->expires_at, clock_.Now() + std::chrono::hours(24));
  // Nothing that anybody could use stands in what staff see, nor in the journal.
  for (const auto& entry : issued->updated.timeline) {
    EXPECT_EQ(entry.text.find(issued->digits.Reveal()), std::string::npos);
    EXPECT_EQ(entry.text.find("ada@"), std::string::npos);
  }
}

TEST_F(AssistTest, Law9_EveryAddressIsToldOfAToken) {
  const AccountId bob = AddCustomer("Bob", "10000005", {"bob@example.org", "bob@example.net"});
  const std::string reference = Find(tessa_, "10000005")->facts.reference;
  ASSERT_TRUE(assist_.RecordInspection(tessa_, Once(reference), {.number_tail = "4711"}).ok());
  ASSERT_TRUE(assist_.SendCode(tessa_, Once(reference), 2).ok());
  ASSERT_TRUE(assist_.CheckCode(tessa_, Terminal("west"), Once(reference), CodeFromPost()).ok());
  ASSERT_TRUE(assist_.IssueToken(tessa_, Once(reference)).ok());
  std::set<int64_t> told;
  std::set<std::string> links;
  for (const auto& message : Post()) {
    if (message.template_name != courier::kTokenIssuedNotice) continue;
    EXPECT_EQ(message.account_id, bob);
    told.insert(message.contact_id.value);
    links.insert(message.values.at(std::string(courier::kFreezeToken)));
  }
  EXPECT_EQ(told.size(), 2u);
  EXPECT_EQ(links.size(), 2u);
}

TEST_F(AssistTest, ANewerTokenVoidsTheOlder) {
  const std::string reference = Prove();
  const auto first = assist_.IssueToken(tessa_, Once(reference));
  const auto second = assist_.IssueToken(tessa_, Once(reference));
  ASSERT_TRUE(first.ok() && second.ok());
  const int64_t epoch = Account(ada_).security_epoch;
  const auto live = Write([&](Transaction& tx) {
    return ledger::ReserveTries(tx, keys_,
                                {.account_id = ada_,
                                 .purpose = model::TokenPurpose::kAssisted,
                                 .security_epoch = epoch,
                                 .now = clock_.Now()});
  });
  EXPECT_FALSE(ledger::MatchCode(keys_, live, first->digits));
  EXPECT_TRUE(ledger::MatchCode(keys_, live, second->digits));
}

TEST_F(AssistTest, A07_TokensHaveAnAllowanceForEachPerson) {
  const std::string reference = Prove();
  for (int i = 0; i < 12; ++i) ASSERT_TRUE(assist_.IssueToken(tessa_, Once(reference)).ok()) << i;
  EXPECT_EQ(assist_.IssueToken(tessa_, Once(reference)).reason(), Reason::kResting);
  // A colleague goes on from the same case, with the proofs given (Law 15).
  ASSERT_TRUE(Find(toni_).ok());
  EXPECT_TRUE(assist_.IssueToken(toni_, Once(reference)).ok());
}

TEST_F(AssistTest, A05_ProofsGoStale) {
  const std::string reference = Prove();
  clock_.Advance(std::chrono::hours(7));
  EXPECT_EQ(assist_.IssueToken(tessa_, Once(reference)).reason(), Reason::kMoreProof);
}

TEST_F(AssistTest, A06_NoCodeGoesToAContactThatWasJustAdded) {
  clock_.Advance(std::chrono::hours(24 * 365));
  ledger::NewAccount account;
  account.name = "Neu";
  account.identifiers = {{model::IdentifierKind::kCustomerNumber, "10000006"}};
  account.contacts = {{model::ContactKind::kEmail, "neu@example.org"},
                      {model::ContactKind::kPhone, "+491512345678"}};
  const AccountId id =
      Write([&](Transaction& tx) { return ledger::InsertAccount(tx, context_, account); });
  clock_.Advance(std::chrono::hours(24 * 365));
  Write([&](Transaction& tx) {
    return testing::RedateContacts(tx, context_, id, clock_.Now(), model::ContactKind::kEmail);
  });
  const auto view = Find(tessa_, "10000006");
  for (const auto& contact : view->contacts) {
    const auto refused =
        assist_.SendCode(tessa_, Once(view->facts.reference), contact.index).reason();
    EXPECT_EQ(refused,
              contact.kind == model::ContactKind::kEmail ? Reason::kMoreProof : Reason::kNotFound);
  }
  EXPECT_EQ(assist_.SendCode(tessa_, Once(view->facts.reference), 0).reason(), Reason::kNotFound);
  EXPECT_EQ(assist_.SendCode(tessa_, Once(view->facts.reference), 9).reason(), Reason::kNotFound);
  EXPECT_TRUE(Post().empty());
}

TEST_F(AssistTest, AnAddressGetsAFewCodesAnHour) {
  const std::string reference = Find(tessa_)->facts.reference;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(assist_.SendCode(tessa_, Once(reference), 1).ok());
  const auto refused = assist_.SendCode(tessa_, Once(reference), 1);
  EXPECT_EQ(refused.reason(), Reason::kResting);
  EXPECT_GT(refused.failure().retry_at, clock_.Now());
  EXPECT_EQ(Post().size(), 3u);
}

TEST_F(AssistTest, Law3_ACodeIsGoodOnce) {
  const std::string reference = Find(tessa_)->facts.reference;
  ASSERT_TRUE(assist_.SendCode(tessa_, Once(reference), 1).ok());
  const Secret code = CodeFromPost();
  EXPECT_TRUE(assist_.CheckCode(tessa_, Terminal("west"), Once(reference), code)->code_checked);
  EXPECT_EQ(assist_.CheckCode(tessa_, Terminal("west"), Once(reference), code).reason(),
            Reason::kWrong);
}

TEST_F(AssistTest, Law3_OfManyTerminalsWithOneCodeOneSucceeds) {
  const std::string reference = Find(tessa_)->facts.reference;
  ASSERT_TRUE(assist_.SendCode(tessa_, Once(reference), 1).ok());
  const Secret code = CodeFromPost();
  std::atomic<int> right = 0;
  std::vector<std::thread> terminals;
  for (int i = 0; i < 4; ++i) {
    terminals.emplace_back([&, i, act = Once(reference)] {
      right += assist_.CheckCode(tessa_, Terminal("west", std::to_string(i)), act, code).ok();
    });
  }
  for (std::thread& terminal : terminals) terminal.join();
  EXPECT_EQ(right, 1);
  EXPECT_EQ(Journaled(ada_, model::Event::kProofGiven), 1);
}

TEST_F(AssistTest, Law4_CodesAreCountedOnTheAccountAndRest) {
  const std::string reference = Find(tessa_)->facts.reference;
  ASSERT_TRUE(assist_.SendCode(tessa_, Once(reference), 1).ok());
  const Secret code = CodeFromPost();
  const int last = code.Reveal().back() - '0';
  for (int i = 1; i <= 5; ++i) {
    std::string wrong(code.Reveal());
    wrong.back() = static_cast<char>('0' + (last + i) % 10);
    EXPECT_EQ(assist_.CheckCode(tessa_, Terminal("west"), Once(reference), Secret(wrong)).reason(),
              Reason::kWrong);
  }
  EXPECT_EQ(assist_.CheckCode(tessa_, Terminal("west"), Once(reference), code).reason(),
            Reason::kResting);
  // A fresh code refreshes no budget, nor does another terminal.
  ASSERT_TRUE(assist_.SendCode(tessa_, Once(reference), 1).ok());
  EXPECT_EQ(
      assist_.CheckCode(tessa_, Terminal("west", "two"), Once(reference), CodeFromPost()).reason(),
      Reason::kResting);
  EXPECT_EQ(Journaled(ada_, model::Event::kProofFailed), 5);
}

TEST_F(AssistTest, ACodeIsTooOldAfterAQuarterOfAnHour) {
  const std::string reference = Find(tessa_)->facts.reference;
  ASSERT_TRUE(assist_.SendCode(tessa_, Once(reference), 1).ok());
  const Secret code = CodeFromPost();
  clock_.Advance(std::chrono::minutes(15));
  EXPECT_EQ(assist_.CheckCode(tessa_, Terminal("west"), Once(reference), code).reason(),
            Reason::kWrong);
}

TEST_F(AssistTest, UnlockingForgetsEveryLaneAndKeepsThePassword) {
  const std::string reference = Find(tessa_)->facts.reference;
  const model::Account before = Account(ada_);
  for (int i = 0; i < 5; ++i) {
    (void)gate_.Try(
        {.subject = signin::Subject::Customer(before), .source = "192.0.2." + std::to_string(i)},
        Secret("wrong" + std::to_string(i)),
        [](const signin::Counted&) -> Result<signin::Verdict> { return signin::Verdict::Wrong(); });
  }
  ASSERT_TRUE(assist_.RecordInspection(tessa_, Once(reference), {.number_tail = "4711"}).ok());
  const auto view = assist_.Unlock(tessa_, Once(reference));
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(ToUnixMillis(view->resting_until), 0);
  EXPECT_EQ(Account(ada_).lane_epoch, before.lane_epoch + 1);
  EXPECT_EQ(Account(ada_).security_epoch, before.security_epoch);
  EXPECT_EQ(Journaled(ada_, model::Event::kUnlocked), 1);
  EXPECT_EQ(Post().front().template_name, courier::kUnlockedNotice);
}

TEST_F(AssistTest, AFreezeIsLiftedOnlyByProofsFromAfterIt) {
  const std::string reference = Prove();
  clock_.Advance(Millis(1));
  Freeze(ada_);
  EXPECT_EQ(assist_.LiftFreeze(tessa_, Once(reference)).reason(), Reason::kMoreProof);
  EXPECT_EQ(assist_.IssueToken(tessa_, Once(reference)).reason(), Reason::kStopped);
  EXPECT_EQ(assist_.Unlock(tessa_, Once(reference)).reason(), Reason::kStopped);
  Prove();
  const auto view = assist_.LiftFreeze(tessa_, Once(reference));
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(view->account_state, model::AccountState::kActive);
  EXPECT_EQ(ToUnixMillis(view->facts.waiting_since), 0);
  EXPECT_TRUE(assist_.LiftFreeze(tessa_, Once(reference)).ok());
  EXPECT_EQ(Journaled(ada_, model::Event::kFreezeLifted), 1);
}

TEST_F(AssistTest, APasswordFromShortlyBeforeTheFreezeIsDisowned) {
  auto set_password = [&] {
    Write([&](Transaction& tx) {
      return ledger::PutVerifier(tx, context_, ada_,
                                 {.verifier = "no matter which", .set_at = context_.clock.Now()});
    });
  };
  auto is_disabled_by_freeze_and_lift = [&](Millis frozen_for = Millis(1)) {
    clock_.Advance(std::chrono::hours(1));
    Freeze(ada_);
    clock_.Advance(frozen_for);
    EXPECT_TRUE(assist_.LiftFreeze(tessa_, Once(Prove())).ok());
    const auto password = Write([&](Transaction& tx) {
      return ledger::FindAuthenticator(tx, context_.keys, ada_,
                                       model::AuthenticatorKind::kPassword);
    });
    return ToUnixMillis(password.value().disabled_at) != 0;
  };
  set_password();
  clock_.Advance(std::chrono::hours(24 * 31));
  EXPECT_FALSE(is_disabled_by_freeze_and_lift()) << "an old one is the owner's";
  set_password();
  EXPECT_TRUE(is_disabled_by_freeze_and_lift());
  EXPECT_EQ(Journaled(ada_, model::Event::kPasswordDisabled), 1);
  set_password();
  EXPECT_TRUE(is_disabled_by_freeze_and_lift(std::chrono::days(40)))
      << "however late the owner comes to the branch";
  EXPECT_EQ(Find(tessa_)->password_state, model::PasswordState::kDisabled);
  set_password();
  clock_.Advance(std::chrono::hours(24 * 31));
  EXPECT_FALSE(is_disabled_by_freeze_and_lift()) << "a new one is good again";
}

TEST_F(AssistTest, A07_UnlocksHaveAnAllowanceForEachAccount) {
  const std::string reference = Prove();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(assist_.Unlock(tessa_, Once(reference)).ok()) << i;
  EXPECT_EQ(assist_.Unlock(tessa_, Once(reference)).reason(), Reason::kResting);
}

TEST_F(AssistTest, ADocumentLeavesFourCharactersAndNoMore) {
  const std::string reference = Find(tessa_)->facts.reference;
  for (std::string_view tail : {"471", "47110", "47-1", "é11", ""}) {
    EXPECT_EQ(assist_.RecordInspection(tessa_, Once(reference), {.number_tail = tail}).reason(),
              Reason::kMalformed)
        << tail;
  }
  const auto view = assist_.RecordInspection(
      tessa_, Once(reference), {.kind = DocumentKind::kDrivingLicence, .number_tail = "47ab"});
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(view->timeline.front().text, "driving licence, number ends in 47AB (forgot password)");
}

TEST_F(AssistTest, Law8_EveryActHasAPersonACaseAndAnEntry) {
  const std::string reference = Prove();
  ASSERT_TRUE(assist_.Unlock(tessa_, Once(reference)).ok());
  ASSERT_TRUE(assist_.IssueToken(tessa_, Once(reference)).ok());
  for (model::Event event :
       {model::Event::kStaffViewed, model::Event::kDocumentInspected, model::Event::kProofGiven,
        model::Event::kUnlocked, model::Event::kAssistedTokenIssued}) {
    bool found = false;
    for (const auto& line : Journal(ada_)) {
      if (line.entry.event != event) continue;
      found = true;
      EXPECT_EQ(line.entry.staff_id, tessa_.id);
      EXPECT_TRUE(line.entry.case_id);
      EXPECT_NE(line.entry.details.find("forgot password"), std::string::npos)
          << line.entry.details;
    }
    EXPECT_TRUE(found) << static_cast<int>(event);
  }
}

}  // namespace
}  // namespace latchkey::assist
