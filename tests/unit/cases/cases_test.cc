// SPDX-License-Identifier: Apache-2.0
#include "services/cases/cases.h"

#include <thread>
#include <vector>

#include "services/cases/attend.h"
#include "services/cases/presence.h"
#include "tests/unit/cases/bank.h"

namespace latchkey::cases {
namespace {

using ledger::Transaction;

class CasesTest : public latchkey::testing::Bank {
 protected:
  Result<View> AddNote(const model::Staff& staff, std::string_view reference, std::string_view text,
                       const std::string& key = {}) {
    const std::string sent = key.empty() ? random_.Take(16) : key;
    return cases_.AddNote(staff, {.case_reference = reference, .idempotency_key = sent}, text);
  }
  void Give(AccountId account, CaseId id, model::EvidenceKind kind, bool settled = true) {
    Write([&](Transaction& tx) {
      return ledger::InsertEvidence(
          tx, context_,
          {.id = {},
           .account_id = account,
           .security_epoch = ledger::LoadAccount(tx, account)->security_epoch,
           .recovery_id = {},
           .case_id = id,
           .kind = kind,
           .contact_id = {},
           .contact_settled = settled,
           .channel = model::Channel::kBranch,
           .staff_id = tessa_.id,
           .at = clock_.Now(),
           .fresh_until = clock_.Now() + std::chrono::minutes(30)});
    });
  }
};

TEST_F(CasesTest, TwoWhoOpenACaseAtOnceGetTheSame) {
  std::vector<std::thread> openers;
  std::vector<CaseId> opened(8);
  for (CaseId& id : opened) {
    openers.emplace_back([&] {
      id = ledger_
               ->Transact(
                   [&](Transaction& tx) { return ledger::OpenOrJoinCase(tx, context_, ada_); })
               .value()
               .id;
    });
  }
  for (std::thread& opener : openers) opener.join();
  for (CaseId id : opened) EXPECT_EQ(id, opened.front());
  EXPECT_EQ(Journaled(ada_, model::Event::kCaseOpened), 1);
}

TEST_F(CasesTest, Law15_AnyColleagueSeesTheWholeTimelineWithNames) {
  const model::Case one = LookAt(tessa_, ada_);
  ASSERT_TRUE(AddNote(tessa_, one.reference, "called twice, no answer").ok());
  const auto view = cases_.Get(toni_, one.reference);
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(view->customer_name, "Ada Lovelace");
  EXPECT_EQ(view->customer_number, "10000001");
  ASSERT_GE(view->timeline.size(), 2u);
  EXPECT_EQ(view->timeline[0].event, model::Event::kStaffViewed);
  EXPECT_EQ(view->timeline[0].by, "Toni Tresor");
  EXPECT_EQ(view->timeline[1].text, "called twice, no answer");
  EXPECT_EQ(view->timeline[1].by, "Tessa Teller");
}

TEST_F(CasesTest, A04_ContactsAreMasked) {
  const model::Case one = LookAt(tessa_, ada_);
  const auto view = cases_.Get(tessa_, one.reference);
  ASSERT_TRUE(view.ok());
  ASSERT_EQ(view->contacts.size(), 1u);
  EXPECT_EQ(view->contacts[0].index, 1u);
  EXPECT_TRUE(view->contacts[0].settled);
  EXPECT_EQ(view->contacts[0].masked.find("ada@"), std::string::npos);
}

TEST_F(CasesTest, Law8_NobodySeesTheirOwnCase) {
  const AccountId own = AddCustomer("Olga Own", "10000002", {"olga@example.org"});
  const model::Staff olga = AddStaff("olga", "Olga Own", "west", own);
  const model::Case one = LookAt(tessa_, own);
  EXPECT_EQ(cases_.Get(olga, one.reference).reason(), Reason::kOwnAccount);
  EXPECT_EQ(AddNote(olga, one.reference, "me").reason(), Reason::kOwnAccount);
  Write([&](Transaction& tx) {
    return ledger::MarkWaiting(tx, one.id, model::Event::kCallBackAsked, clock_.Now());
  });
  EXPECT_TRUE(cases_.ListWaiting(olga)->cases.empty());
  EXPECT_EQ(cases_.ListWaiting(tessa_)->cases.size(), 1u);
}

TEST_F(CasesTest, Law8_AnActNeedsAReasonStatedToday) {
  const model::Case one = LookAt(tessa_, ada_);
  EXPECT_EQ(AddNote(toni_, one.reference, "hello").reason(), Reason::kNotFound);
  clock_.Advance(kLookLasts);
  EXPECT_EQ(AddNote(tessa_, one.reference, "hello").reason(), Reason::kNotFound);
}

// Fails without: kNoReason in Attend.
TEST_F(CasesTest, Law8_AReferenceAloneLetsAColleagueSeeButNotAct) {
  const model::Case one = LookAt(tessa_, ada_);
  ASSERT_TRUE(cases_.Get(toni_, one.reference).ok());
  EXPECT_EQ(AddNote(toni_, one.reference, "hello").reason(), Reason::kNotFound);
  ASSERT_TRUE(cases_.Get(toni_, one.reference).ok());
  EXPECT_EQ(AddNote(toni_, one.reference, "hello").reason(), Reason::kNotFound);
  LookAt(toni_, ada_);
  EXPECT_TRUE(AddNote(toni_, one.reference, "hello").ok());
}

TEST_F(CasesTest, ALookIsJournaledOnceInTenMinutes) {
  const model::Case one = LookAt(tessa_, ada_);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(cases_.Get(tessa_, one.reference).ok());
  EXPECT_EQ(Journaled(ada_, model::Event::kStaffViewed), 1);
  clock_.Advance(kSameLook);
  ASSERT_TRUE(cases_.Get(tessa_, one.reference).ok());
  EXPECT_EQ(Journaled(ada_, model::Event::kStaffViewed), 2);
  EXPECT_EQ(Journal(ada_).front().entry.details, "locked");  // the reason goes along
}

TEST_F(CasesTest, AReferenceMayBeWrittenAsItWasHeard) {
  const model::Case one = LookAt(tessa_, ada_);
  std::string heard = one.reference;
  for (char& c : heard) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  EXPECT_TRUE(cases_.Get(tessa_, heard).ok());
  EXPECT_EQ(cases_.Get(tessa_, "not a reference").reason(), Reason::kMalformed);
  EXPECT_EQ(cases_.Get(tessa_, "C-0000-0000").reason(), Reason::kNotFound);
}

TEST_F(CasesTest, ANoteEndsTheWaitForACallButNotForAFreeze) {
  const model::Case one = LookAt(tessa_, ada_);
  Write([&](Transaction& tx) {
    return ledger::MarkWaiting(tx, one.id, model::Event::kCallBackAsked, clock_.Now());
  });
  EXPECT_TRUE(ToUnixMillis(AddNote(tessa_, one.reference, "called")->facts.waiting_since) == 0);
  Freeze(ada_);
  Write([&](Transaction& tx) {
    return ledger::MarkWaiting(tx, one.id, model::Event::kCallBackAsked, clock_.Now());
  });
  const auto view = AddNote(tessa_, one.reference, "called again");
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(view->facts.waiting_for, model::Event::kFrozen);
}

// Law 11, attack P08: the answer was lost, and the same request comes again.
// Fails without: `is_new` in AddNote.
TEST_F(CasesTest, ANoteThatIsSentAgainIsTheSameNoteAlsoWhenTheCaseIsClosedByThen) {
  const model::Case one = LookAt(tessa_, ada_);
  const std::string key = random_.Take(16);
  ASSERT_TRUE(AddNote(tessa_, one.reference, "called", key).ok());
  ASSERT_TRUE(AddNote(tessa_, one.reference, "called", key).ok());
  EXPECT_EQ(Journaled(ada_, model::Event::kNote), 1);
  Write([&](Transaction& tx) {
    return ledger::CloseCaseOf(tx, context_, ada_, {.channel = model::Channel::kWeb});
  });
  const auto view = AddNote(tessa_, one.reference, "called", key);
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(view->facts.id, one.id);
  EXPECT_EQ(AddNote(tessa_, one.reference, "called").reason(), Reason::kNotFound);
}

// Fails without: the person or the text in the digest of IsNew.
TEST_F(CasesTest, AKeyIsGoodForOneNoteOfOnePersonAndShowsNobodyElseTheCase) {
  const model::Case one = LookAt(tessa_, ada_);
  const std::string key = random_.Take(16);
  ASSERT_TRUE(AddNote(tessa_, one.reference, "called", key).ok());
  EXPECT_EQ(AddNote(tessa_, one.reference, "called twice", key).reason(), Reason::kConflict);
  EXPECT_EQ(AddNote(toni_, one.reference, "called", key).reason(), Reason::kConflict);
  EXPECT_EQ(AddNote(toni_, one.reference, "called").reason(), Reason::kNotFound);
  EXPECT_EQ(Journaled(ada_, model::Event::kNote), 1);
  clock_.Advance(kSameLook);
  ASSERT_TRUE(AddNote(tessa_, one.reference, "called", key).ok());
  EXPECT_EQ(Journaled(ada_, model::Event::kNote), 2) << "by then it is another note";
}

// Law 2: a note that was refused leaves its key free.
TEST_F(CasesTest, ARefusedNoteTakesNoKey) {
  const model::Case one = LookAt(tessa_, ada_);
  const std::string key = random_.Take(16);
  ASSERT_EQ(AddNote(toni_, one.reference, "called", key).reason(), Reason::kNotFound);
  LookAt(toni_, ada_);
  EXPECT_TRUE(AddNote(toni_, one.reference, "called again", key).ok());
}

TEST_F(CasesTest, WhoWaitsLongestStandsFirstAndKeepsThePlace) {
  const AccountId second = AddCustomer("Bob", "10000003", {"bob@example.org"});
  const model::Case a = LookAt(tessa_, ada_);
  const model::Case b = LookAt(tessa_, second);
  Write([&](Transaction& tx) {
    return ledger::MarkWaiting(tx, b.id, model::Event::kCallBackAsked, clock_.Now());
  });
  clock_.Advance(std::chrono::minutes(1));
  Write([&](Transaction& tx) {
    return ledger::MarkWaiting(tx, a.id, model::Event::kCallBackAsked, clock_.Now());
  });
  clock_.Advance(std::chrono::minutes(1));
  Write([&](Transaction& tx) {
    return ledger::MarkWaiting(tx, b.id, model::Event::kCallBackAsked, clock_.Now());
  });
  const auto waiting = cases_.ListWaiting(tessa_);
  ASSERT_EQ(waiting->cases.size(), 2u);
  EXPECT_FALSE(waiting->more);
  EXPECT_EQ(waiting->cases[0].id, b.id);
  // Anybody can ask for call backs; they must not bury an owner who said "this was not me".
  Write([&](Transaction& tx) {
    return ledger::MarkWaiting(tx, a.id, model::Event::kFrozen, clock_.Now());
  });
  EXPECT_EQ(cases_.ListWaiting(tessa_)->cases[0].id, a.id);
}

// Anybody can ask for call backs. Fails without: `more` (seen), or the one more that is asked for.
TEST_F(CasesTest, SaysThatMoreWaitThanAreListed) {
  const auto wait = [&](size_t number) {
    const std::string digits = std::to_string(20000000 + number);
    const AccountId id = AddCustomer("Customer " + digits, digits, {digits + "@example.org"});
    const model::Case one = LookAt(tessa_, id);
    Write([&](Transaction& tx) {
      return ledger::MarkWaiting(tx, one.id, model::Event::kCallBackAsked, clock_.Now());
    });
  };
  for (size_t i = 0; i < kLongestWaitingList; ++i) wait(i);
  EXPECT_FALSE(cases_.ListWaiting(tessa_)->more);
  wait(kLongestWaitingList);
  const auto list = cases_.ListWaiting(tessa_);
  EXPECT_EQ(list->cases.size(), kLongestWaitingList);
  EXPECT_TRUE(list->more);
}

TEST_F(CasesTest, AClosedCaseCanBeReadButNotWorkedOn) {
  const model::Case one = LookAt(tessa_, ada_);
  EXPECT_TRUE(Write([&](Transaction& tx) { return ledger::CloseCase(tx, context_, one.id); }));
  EXPECT_TRUE(cases_.Get(tessa_, one.reference).ok());
  EXPECT_EQ(AddNote(tessa_, one.reference, "late").reason(), Reason::kNotFound);
  EXPECT_NE(LookAt(tessa_, ada_).reference, one.reference);
}

TEST_F(CasesTest, ACaseThatWaitsForAPersonIsNotClosed) {
  const model::Case one = LookAt(tessa_, ada_);
  Write([&](Transaction& tx) {
    return ledger::MarkWaiting(tx, one.id, model::Event::kCallBackAsked, clock_.Now());
  });
  EXPECT_FALSE(Write([&](Transaction& tx) { return ledger::CloseCase(tx, context_, one.id); }));
}

TEST_F(CasesTest, ACompletedRecoveryClosesWhateverCaseIsOpen) {
  auto complete = [&] {
    Write([&](Transaction& tx) {
      return ledger::CloseCaseOf(tx, context_, ada_, {.channel = model::Channel::kWeb});
    });
  };
  complete();  // no case: nothing to do
  EXPECT_EQ(Journaled(ada_, model::Event::kCaseClosed), 0);
  const model::Case one = LookAt(tessa_, ada_);
  complete();
  complete();
  EXPECT_EQ(Journaled(ada_, model::Event::kCaseClosed), 1);
  EXPECT_NE(ToUnixMillis(cases_.Read(one.id)->facts.closed_at), 0);
}

TEST_F(CasesTest, ProofsAreFreshForATimeAndEndWithAFreeze) {
  const model::Case one = LookAt(tessa_, ada_);
  Give(ada_, one.id, model::EvidenceKind::kDocumentInspected);
  Give(ada_, one.id, model::EvidenceKind::kIssuedCode);
  auto view = cases_.Read(one.id);
  EXPECT_TRUE(view->document_inspected && view->code_checked && view->may_issue_token);
  clock_.Set(clock_.Now() - std::chrono::seconds(10));  // on a node whose clock is behind
  Freeze(ada_);
  view = cases_.Read(one.id);
  EXPECT_FALSE(view->document_inspected || view->code_checked || view->may_issue_token);
  EXPECT_EQ(view->account_state, model::AccountState::kFrozen);
  Give(ada_, one.id, model::EvidenceKind::kDocumentInspected);
  EXPECT_TRUE(cases_.Read(one.id)->document_inspected);
  clock_.Advance(std::chrono::minutes(31));
  EXPECT_FALSE(cases_.Read(one.id)->document_inspected);
}

TEST_F(CasesTest, A06_ACodeThroughAnUnsettledContactProvesNothing) {
  const model::Case one = LookAt(tessa_, ada_);
  Give(ada_, one.id, model::EvidenceKind::kIssuedCode, /*settled=*/false);
  EXPECT_FALSE(cases_.Read(one.id)->code_checked);
}

TEST_F(CasesTest, NotesAreReadableText) {
  const model::Case one = LookAt(tessa_, ada_);
  const struct {
    std::string_view text;
    bool good;
  } kNotes[] = {{"Grüße, 你好\nsecond line", true},
                {"", false},
                {" \n ", false},
                {"esc \x1b[2J", false},
                {std::string_view("nul \0 byte", 10), false},
                {"bidi \xE2\x80\xAE evil", false},
                {"cut \xC3", false},
                {"overlong \xC0\xAF", false}};
  for (const auto& note : kNotes) {
    EXPECT_EQ(AddNote(tessa_, one.reference, note.text).ok(), note.good) << note.text;
  }
  EXPECT_TRUE(AddNote(tessa_, one.reference, std::string(kLongestNote, 'x')).ok());
  EXPECT_FALSE(AddNote(tessa_, one.reference, std::string(kLongestNote + 1, 'x')).ok());
}

TEST_F(CasesTest, SignInThatRestsIsShown) {
  const model::Case one = LookAt(tessa_, ada_);
  EXPECT_EQ(ToUnixMillis(cases_.Read(one.id)->resting_until), 0);
  const auto account = Write([&](Transaction& tx) { return ledger::LoadAccount(tx, ada_); });
  for (int i = 0; i < 5; ++i) {
    (void)gate_.Try(
        {.subject = signin::Subject::Customer(account), .source = "192.0.2." + std::to_string(i)},
        Secret("wrong" + std::to_string(i)),
        [](const signin::Counted&) -> Result<signin::Verdict> { return signin::Verdict::Wrong(); });
  }
  EXPECT_GT(cases_.Read(one.id)->resting_until, clock_.Now());
}

}  // namespace
}  // namespace latchkey::cases
