// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <latch>
#include <thread>
#include <vector>

#include "services/ledger/cases.h"
#include "tests/contract/ledger/redate.h"
#include "tests/unit/recovery/world.h"

namespace latchkey::recovery {
namespace {

class Drained : public World {
 protected:
  void SetState(AccountId id, model::AccountState to) {
    Run([&](ledger::Transaction& tx) -> Done {
      LATCHKEY_ASSIGN(const bool changed,
                      ledger::ChangeAccountState(tx, id, Load(tx, id).state, to));
      LATCHKEY_CHECK(changed);
      return {};
    });
  }
  static model::Account Load(ledger::Transaction& tx, AccountId id) {
    return ledger::LoadAccount(tx, id).value();
  }
};

TEST_F(Drained, SendsLinkAndCodeInOneMessageToOneContact) {
  ASSERT_TRUE(Ask("anna").ok());
  Drain();
  const auto messages = TakeMessages();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].account_id, anna_);
  EXPECT_EQ(messages[0].template_name, courier::kRecovery);
  EXPECT_TRUE(crypto::IsCode(ValueOf(messages[0], courier::kCode), crypto::kCodeDigits));
  EXPECT_EQ(TokenIn(messages[0], courier::kLinkToken).size(), crypto::kTokenBytes);
  EXPECT_EQ(CountEvents(anna_, model::Event::kRecoveryStarted), 1);
}

// A caller says only after the code what is wanted, and has no page open to type it into.
TEST_F(Drained, SpeaksOfThePhoneToWhoAskedByPhone) {
  ASSERT_TRUE(Begin(parts_, {.identifier = "anna",
                             .intent = model::Intent::kReset,
                             .source = From("", model::Channel::kPhone),
                             .idempotency_key = Key()})
                  .ok());
  Drain();
  const auto messages = TakeMessages();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].template_name, courier::kRecoveryByPhone);
}

// Attacks L01, L02, C05: what was typed chooses among the account's own contacts and is never sent
// to.
TEST_F(Drained, GoesToTheTypedAddressOnlyIfItIsOnFile) {
  const auto contacts =
      ledger_.Query([&](ledger::Transaction& tx) { return ledger::LoadContacts(tx, keys_, anna_); })
          .value();
  ASSERT_EQ(contacts.size(), 2u);
  EXPECT_EQ(AskForMail("anna@example.org").contact_id, contacts[0].id);
  EXPECT_EQ(AskForMail("10000001").contact_id, contacts[0].id) << "the oldest";
  // A contact that is no identifier names nobody.
  ASSERT_TRUE(Ask("anna@second.example").ok());
  ASSERT_TRUE(Ask("anna@example.org.evil.example").ok());
  Drain();
  EXPECT_TRUE(TakeMessages().empty());
}

// Attack A06: a contact that was added lately gets nothing that could open the account.
TEST_F(Drained, PassesOverAContactThatIsNotSettled) {
  Run([&](ledger::Transaction& tx) {
    return testing::RedateContacts(tx, store_, anna_, clock_.Now() + std::chrono::hours(1));
  });
  clock_.Advance(std::chrono::hours(2));
  ASSERT_TRUE(Ask("anna@example.org").ok());
  Drain();
  EXPECT_TRUE(TakeMessages().empty());
  clock_.Advance(std::chrono::days(7));
  AskForMail("anna@example.org");
}

// Fails without: MarkCallBack in SendRecovery.
TEST_F(Drained, HasAPersonCallACustomerWhomNoMessageCanReach) {  // Law 10
  const AccountId paula = Write([&](ledger::Transaction& tx) {
    return ledger::InsertAccount(tx, store_,
                                 {.name = "Paula Phone",
                                  .identifiers = {{model::IdentifierKind::kLogin, "paula"}},
                                  .contacts = {{model::ContactKind::kPhone, "+491701234567"}}});
  });
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Ask("paula").ok());
    Drain();
  }
  EXPECT_TRUE(TakeMessages().empty());
  const auto waiting =
      ledger_.Query([&](ledger::Transaction& tx) { return ledger::ListWaitingCases(tx, 10); });
  ASSERT_EQ(waiting->size(), 1u);
  EXPECT_EQ((*waiting)[0].account_id, paula);
  EXPECT_EQ(CountEvents(paula, model::Event::kCallBackAsked), 1);
}

// Attack R03: three messages an hour to one address, whoever asks and however. Law 5: but never
// none while nothing that was sent works any more, or three requests would shut the owner out.
TEST_F(Drained, SendsThreeMessagesAnHourAtMost) {
  parts_.rules.begins.source.capacity = 100'000;
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(Ask(i % 2 == 0 ? "anna" : "anna@example.org",
                    i % 3 == 0 ? model::Intent::kReset : model::Intent::kUnlock)
                    .ok());
  Drain();
  EXPECT_EQ(TakeMessages().size(), 3u);
  EXPECT_EQ(CountEvents(anna_, model::Event::kRecoveryStarted), 3);
  EXPECT_EQ(CountEvents(anna_, model::Event::kMessageWithheld), 1)
      << "of the 97 that came to nothing";
  clock_.Advance(std::chrono::minutes(29));
  ASSERT_TRUE(Ask("anna").ok());
  Drain();
  EXPECT_TRUE(TakeMessages().empty()) << "the links of those three still work";
  clock_.Advance(std::chrono::minutes(1));
  EXPECT_TRUE(Open(AskForMail("anna").link).ok());
  ASSERT_TRUE(Ask("anna").ok());
  Drain();
  EXPECT_TRUE(TakeMessages().empty()) << "one that works is enough";
  clock_.Advance(std::chrono::minutes(30));
  AskForMail("anna");
  EXPECT_TRUE(PasswordIs(anna_, kOldPassword)) << "a request is inert";
}

// Law 5: whoever reads one mailbox and keeps asking keeps nothing from the owner's other one. Fails
// without: the contact in MayIssueCode (nothing came to the second address).
TEST_F(Drained, CountsTheMessagesOfEachAddressAlone) {
  ledger::NewAccount account;
  account.name = "Dora Dietz";
  account.identifiers = {{model::IdentifierKind::kEmail, "dora@example.org"},
                         {model::IdentifierKind::kEmail, "dora@second.example"}};
  account.contacts = {{model::ContactKind::kEmail, "dora@example.org"},
                      {model::ContactKind::kEmail, "dora@second.example"}};
  account.verifier = Password(anna_).verifier;
  account.pack = "standard";
  Write([&](ledger::Transaction& tx) { return ledger::InsertAccount(tx, store_, account); });
  const auto sent = [&](const char* typed) {
    for (int i = 0; i < 5; ++i) LATCHKEY_CHECK(Ask(typed).ok());
    Drain();
    return TakeMessages().size();
  };
  EXPECT_EQ(sent("dora@example.org"), 3u);
  EXPECT_EQ(sent("dora@second.example"), 3u);
  EXPECT_EQ(sent("dora@example.org"), 0u);
}

// Law 6 outwards, and not a word to anybody but the owner. Attack K09: no token for the dead.
TEST_F(Drained, SendsNothingForStrangersAndClosedAccounts) {
  SetState(bruno_, model::AccountState::kClosed);
  for (const char* name : {"nobody", "nobody@example.org", "12345678", "bruno"})
    ASSERT_TRUE(Ask(name).ok());
  Drain();
  EXPECT_TRUE(TakeMessages().empty());
}

// Law 10: the owner of a frozen account is told the way on, once a day.
TEST_F(Drained, TellsTheOwnerOfAFrozenAccountHowToGoOn) {
  SetState(anna_, model::AccountState::kFrozen);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Ask("anna").ok());
  Drain();
  const auto messages = TakeMessages();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].template_name, courier::kStoppedAccountHint);
  EXPECT_EQ(ValueOf(messages[0], courier::kLinkToken), "");
  EXPECT_EQ(ValueOf(messages[0], courier::kCode), "");
  clock_.Advance(std::chrono::hours(24));
  ASSERT_TRUE(Ask("anna").ok());
  Drain();
  EXPECT_EQ(TakeMessages().size(), 1u) << "the next day";
}

// Decided tension: all links and codes of one recovery are equal, so that slow mail does no harm.
TEST_F(Drained, JoinsTheRecoveryThatIsOpen) {
  const Mail first = AskForMail("anna");
  const Mail second = AskForMail("anna");
  auto by_first = Open(first.link);
  auto by_second = Submit(first.handle, second.code);
  ASSERT_TRUE(by_first.ok() && by_second.ok());
  EXPECT_EQ(by_first->reference, by_second->reference);
  ASSERT_TRUE(Set(by_first->session).ok());
  // …until one is used: then all are dead.
  EXPECT_EQ(ReasonOf(Open(second.link)), Reason::kUsed);
  EXPECT_EQ(ReasonOf(Submit(second.handle, first.code)), Reason::kWrong);
  EXPECT_EQ(ReasonOf(GetRecovery(parts_, by_second->session)), Reason::kUsed);
}

// Law 5: a stranger who keeps a recovery open for days neither makes the owner's message arrive
// dead nor ends the link that it brought. Seen to fail with an end of recoveries at a day's age.
TEST_F(Drained, EndsNoLiveLinkHoweverOldTheRecoveryIs) {
  parts_.rules.messages_per_hour = 100;
  Mail last = AskForMail("anna");
  const std::string reference = Open(last.link)->reference;
  for (int i = 0; i < 2 * 24 * 6; ++i) {
    clock_.Advance(std::chrono::minutes(10));
    Mail next = AskForMail("anna");
    ASSERT_TRUE(Open(last.link).ok()) << i;
    ASSERT_EQ(Open(next.link)->reference, reference) << i;
    last = std::move(next);
  }
}

// Law 11: a worker that dies after its lease began loses nothing and doubles nothing.
TEST_F(Drained, ComesAgainWhenAWorkerDies) {
  ASSERT_TRUE(Ask("anna").ok());
  for (int64_t n = 1;; ++n) {
    ledger_.FailAtStatement(n);
    auto drained = DrainIntakes(parts_);
    const bool went_through = ledger_.statements() < n;
    ledger_.FailAtStatement(0);
    const auto messages = TakeMessages();
    if (went_through) {
      EXPECT_EQ(messages.size(), 1u);
      break;
    }
    ASSERT_TRUE(messages.empty()) << "statement " << n;
    clock_.Advance(parts_.rules.lease);
  }
  Drain();
  EXPECT_TRUE(TakeMessages().empty());
}

// Law 3: a lease that ran out while its worker was busy gives the request to others; one of them
// answers it.
TEST_F(Drained, IsAnsweredOnceByWorkersThatHoldItAtOnce) {
  parts_.rules.lease = Millis(0);
  ASSERT_TRUE(Ask("anna").ok());
  std::latch start(8);
  std::vector<std::thread> workers;
  for (int i = 0; i < 8; ++i) {
    workers.emplace_back([&] {
      start.arrive_and_wait();
      EXPECT_TRUE(DrainIntakes(parts_).ok());
    });
  }
  for (auto& worker : workers) worker.join();
  EXPECT_EQ(TakeMessages().size(), 1u);
}

// Law 13: attempts on names that do not exist are journaled in summary, on the service's own chain.
TEST_F(Drained, SummarisesNamesThatNobodyHas) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(Ask("nobody" + std::to_string(i)).ok());
  Drain();
  EXPECT_EQ(CountEvents(AccountId{}, model::Event::kUnknownNames), 0);
  clock_.Advance(std::chrono::hours(1));
  ASSERT_TRUE(Sweep(parts_).ok());
  EXPECT_EQ(CountEvents(AccountId{}, model::Event::kUnknownNames), 1);
}

// Law 12. Seen to fail with create_directories alone: others could list it.
TEST(SpoolFolder, IsMadeForItsOwnerOnly) {
  const Folder folder;
  crypto::SystemRandom random;
  const crypto::KeyRing keys = crypto::KeyRing::Generate(random);
  const mode_t before = umask(022);
  for (const char* path : {"one/spool", "two/spool/"}) {
    Spool spool({.folder = folder.path() / path}, keys, random);
    EXPECT_TRUE(spool.Claim().ok());
    struct stat made{};
    ASSERT_EQ(stat((folder.path() / path).c_str(), &made), 0);
    EXPECT_EQ(made.st_mode & 0777, 0700u) << path;
  }
  umask(before);
}

}  // namespace
}  // namespace latchkey::recovery
