// SPDX-License-Identifier: Apache-2.0
// Accounts and what hangs on them, on every engine.
#include <atomic>
#include <thread>
#include <vector>

#include "services/ledger/accounts.h"
#include "services/ledger/journal.h"
#include "tests/contract/ledger/engines.h"

namespace latchkey::testing {
namespace {

using ledger::Rows;
using ledger::Transaction;
using model::AccountState;
using model::AuthenticatorKind;
using model::ContactKind;
using model::Identifier;
using model::IdentifierKind;

// Runs one store function in a transaction of its own.
template <typename F>
auto InTransaction(LedgerWorld& world, F&& work) {
  auto result = world.ledger->Transact(std::forward<F>(work));
  EXPECT_TRUE(result.ok()) << result.failure().detail;
  return result;
}

model::Authenticator Password(LedgerWorld& world, AccountId id) {
  return *InTransaction(world, [&](Transaction& tx) {
            return ledger::FindAuthenticator(tx, world.keys, id, AuthenticatorKind::kPassword);
          }).value();
}

TEST_P(LedgerContract, FindsAnAccountByItsIdentifierOnly) {
  LedgerWorld world(GetParam());
  AccountId id = world.AddAccount("ada");
  auto find = [&](const Identifier& identifier) {
    return *InTransaction(
        world, [&](Transaction& tx) { return ledger::FindAccount(tx, world.keys, identifier); });
  };
  EXPECT_EQ(find({IdentifierKind::kLogin, "ada"}), id);
  EXPECT_EQ(find({IdentifierKind::kLogin, "Ada"}), std::nullopt);
  EXPECT_EQ(find({IdentifierKind::kEmail, "ada"}), std::nullopt);
  EXPECT_EQ(find({IdentifierKind::kLogin, ""}), std::nullopt);
  EXPECT_EQ(find({IdentifierKind::kLogin, "' OR 1=1 --"}), std::nullopt);  // I01
}

// For a name that nobody has, somebody: the work must be about an account (E03).
// Fails without: the comparison of the digests (seen), or the first behind the last (seen).
TEST_P(LedgerContract, FindsAnAccountNearAName) {
  LedgerWorld world(GetParam());
  auto find = [&](const std::string& login) {
    const Identifier identifier{IdentifierKind::kLogin, login};
    return *InTransaction(world, [&](Transaction& tx) {
      return ledger::FindNearestAccount(tx, world.keys, identifier);
    });
  };
  EXPECT_FALSE(find("ada").id) << "an empty bank";
  const std::vector<AccountId> all{world.AddAccount("ada"), world.AddAccount("bob")};
  EXPECT_EQ(find("ada").id, all[0]);
  EXPECT_TRUE(find("ada").is_named);
  for (int i = 0; i < 100; ++i) {  // of three ways, one is behind the last
    const auto nearest = find("nobody" + std::to_string(i));
    EXPECT_FALSE(nearest.is_named);
    EXPECT_EQ(std::count(all.begin(), all.end(), nearest.id), 1);
  }
}

// Seen to fail without the first behind the last.
TEST_P(LedgerContract, LendsAVerifierToEveryName) {
  LedgerWorld world(GetParam());
  world.AddAccount("ada");
  world.AddAccount("bob");
  for (int i = 0; i < 100; ++i) {  // of three ways, one is behind the last
    const Identifier identifier{IdentifierKind::kLogin, "nobody" + std::to_string(i)};
    EXPECT_FALSE(InTransaction(world, [&](Transaction& tx) {
                   return ledger::BorrowVerifier(tx, world.keys, identifier);
                 })->empty());
  }
}

TEST_P(LedgerContract, LetsNoTwoAccountsShareAnIdentifier) {  // K07
  LedgerWorld world(GetParam());
  std::atomic<int> added = 0;
  std::vector<std::thread> threads;
  for (int n = 0; n < 8; ++n) {
    threads.emplace_back([&] {
      auto result = world.ledger->Transact([&](Transaction& tx) {
        return ledger::InsertAccount(
            tx, world.context, {.name = "Ada", .identifiers = {{IdentifierKind::kLogin, "ada"}}});
      });
      if (result.ok()) {
        ++added;
      } else {
        EXPECT_EQ(result.reason(), Reason::kConflict);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(added, 1);
  auto accounts = InTransaction(world, [](Transaction& tx) -> Result<int64_t> {
    LATCHKEY_ASSIGN(Rows rows, tx.Run("SELECT COUNT(*) FROM accounts"));
    return rows.front().Int(0);
  });
  EXPECT_EQ(*accounts, 1);  // Law 2: the losers left nothing
}

TEST_P(LedgerContract, OpensWhatItSealed) {
  LedgerWorld world(GetParam());
  AccountId id = world.AddAccount("ada");
  (void)InTransaction(world, [&](Transaction& tx) -> Done {
    EXPECT_EQ(ledger::LoadName(tx, world.keys, id).value(), "Ada ada");
    auto identifiers = ledger::LoadIdentifiers(tx, world.keys, id).value();
    EXPECT_EQ(identifiers.size(), 1u);
    EXPECT_EQ(identifiers.at(0), (Identifier{IdentifierKind::kLogin, "ada"}));
    auto contacts = ledger::LoadContacts(tx, world.keys, id).value();
    EXPECT_EQ(contacts.size(), 1u);
    EXPECT_EQ(contacts.at(0).address, "ada@example.org");
    EXPECT_EQ(contacts.at(0).kind, ContactKind::kEmail);
    EXPECT_EQ(contacts.at(0).added_at, world.clock.Now());
    return {};
  });
}

TEST_P(LedgerContract, KeepsNoNameOrAddressInClear) {  // Law 12
  LedgerWorld world(GetParam());
  world.AddAccount("ada");
  (void)InTransaction(world, [&](Transaction& tx) -> Done {
    LATCHKEY_ASSIGN(Rows rows, tx.Run("SELECT a.name_sealed, i.digest, i.sealed, c.sealed"
                                      " FROM accounts a, identifiers i, contacts c"));
    for (size_t column = 0; column < 4; ++column) {
      EXPECT_EQ(rows.front().Blob(column).data.find("ada"), std::string::npos);
    }
    return {};
  });
}

TEST_P(LedgerContract, RefusesAFieldThatWasMovedToAnotherRow) {  // D07
  LedgerWorld world(GetParam());
  AccountId ada = world.AddAccount("ada");
  AccountId eve = world.AddAccount("eve");
  auto moved = world.ledger->Transact([&](Transaction& tx) -> Result<std::string> {
    LATCHKEY_TRY(
        tx.Run("UPDATE accounts SET key_sealed = (SELECT key_sealed FROM accounts"
               " WHERE id = $2), name_sealed = (SELECT name_sealed FROM accounts"
               " WHERE id = $2) WHERE id = $1",
               eve, ada));
    return ledger::LoadName(tx, world.keys, eve);
  });
  EXPECT_EQ(moved.reason(), Reason::kInternal);
}

TEST_P(LedgerContract, ShowsReplacedContactsForAWhile) {  // Law 9
  LedgerWorld world(GetParam());
  AccountId id = world.AddAccount("ada");
  TimePoint removed = world.clock.Now();
  (void)InTransaction(world, [&](Transaction& tx) -> Done {
    LATCHKEY_TRY(tx.Run("UPDATE contacts SET removed_at = $1", removed));
    EXPECT_TRUE(ledger::LoadContacts(tx, world.keys, id).value().empty());
    EXPECT_EQ(ledger::LoadContacts(tx, world.keys, id, removed - Millis(1)).value().size(), 1u);
    EXPECT_TRUE(ledger::LoadContacts(tx, world.keys, id, removed).value().empty());
    return {};
  });
}

TEST_P(LedgerContract, ReplacesAVerifierAndForgetsItsFailures) {  // Law 2
  LedgerWorld world(GetParam());
  AccountId id = world.AddAccount("ada");
  AuthenticatorId authenticator = Password(world, id).id;
  for (int n = 1; n <= 100; ++n) {
    auto count = InTransaction(world, [&](Transaction& tx) {
      return ledger::CountAuthenticatorFailure(tx, authenticator, world.clock.Now());
    });
    EXPECT_EQ(*count, n);
    EXPECT_EQ(ToUnixMillis(Password(world, id).disabled_at) != 0, n == 100);  // NIST 3.2.2
  }
  (void)InTransaction(world, [&](Transaction& tx) {
    return ledger::PutVerifier(tx, world.context, id,
                               {.verifier = "$new", .set_at = world.context.clock.Now()});
  });
  model::Authenticator after = Password(world, id);
  EXPECT_EQ(after.verifier, "$new");
  EXPECT_EQ(after.consecutive_failures, 0);
  EXPECT_EQ(ToUnixMillis(after.disabled_at), 0);
  EXPECT_EQ(after.id, authenticator);
}

// As a clock that nobody stops shows it. Fails without: the account's moment for its verifier
// (seen: a password that came with the account looks set since, and a freeze disowns it).
TEST_P(LedgerContract, DatesAPasswordThatCameWithTheAccountLikeTheAccount) {
  class Ticking final : public Clock {
   public:
    TimePoint Now() override { return at_ += Millis(1); }

   private:
    TimePoint at_ = FromUnixMillis(1'800'000'000'000);
  };
  LedgerWorld world(GetParam());
  Ticking clock;
  const ledger::StoreContext context{clock, world.random, world.ids, world.keys};
  const AccountId id = *InTransaction(world, [&](Transaction& tx) {
    return ledger::InsertAccount(
        tx, context,
        {.name = "Ada", .identifiers = {{IdentifierKind::kLogin, "ada"}}, .verifier = "$imported"});
  });
  const model::Account account =
      *InTransaction(world, [&](Transaction& tx) { return ledger::LoadAccount(tx, id); });
  EXPECT_EQ(Password(world, id).changed_at, account.made_at);
}

TEST_P(LedgerContract, NeverLetsAnUpgradeUndoAReset) {  // Law 1
  LedgerWorld world(GetParam());
  AccountId id = world.AddAccount("ada");
  model::Authenticator before = Password(world, id);
  auto upgrade = [&] {
    return *InTransaction(world, [&](Transaction& tx) {
      return ledger::UpgradeVerifier(tx, world.context, before, "$upgraded");
    });
  };
  EXPECT_TRUE(upgrade());
  EXPECT_FALSE(upgrade());
  (void)InTransaction(world, [&](Transaction& tx) {
    return ledger::PutVerifier(tx, world.context, id,
                               {.verifier = "$reset", .set_at = world.context.clock.Now()});
  });
  EXPECT_FALSE(upgrade());
  EXPECT_EQ(Password(world, id).verifier, "$reset");
}

TEST_P(LedgerContract, MovesEpochsAndStatesForOneOfTwo) {  // Law 3
  LedgerWorld world(GetParam());
  AccountId id = world.AddAccount("ada");
  (void)InTransaction(world, [&](Transaction& tx) -> Done {
    EXPECT_TRUE(ledger::AdvanceSecurityEpoch(tx, id, 1).value());
    EXPECT_FALSE(ledger::AdvanceSecurityEpoch(tx, id, 1).value());
    EXPECT_TRUE(ledger::AdvanceLaneEpoch(tx, id).ok());
    EXPECT_TRUE(
        ledger::ChangeAccountState(tx, id, AccountState::kActive, AccountState::kFrozen).value());
    EXPECT_FALSE(
        ledger::ChangeAccountState(tx, id, AccountState::kActive, AccountState::kClosed).value());
    auto account = ledger::LoadAccount(tx, id).value();
    EXPECT_EQ(account.security_epoch, 2);
    EXPECT_EQ(account.lane_epoch, 2);
    EXPECT_EQ(account.state, AccountState::kFrozen);
    EXPECT_EQ(account.pack, "standard");
    return {};
  });
}

// Fails without: the epoch in LiftFreeze (seen).
TEST_P(LedgerContract, LiftsNoFreezeThatCameLaterThanTheProof) {  // Law 3
  LedgerWorld world(GetParam());
  AccountId id = world.AddAccount("ada");
  (void)InTransaction(world, [&](Transaction& tx) -> Done {
    EXPECT_FALSE(ledger::LiftFreeze(tx, id, 1).value()) << "it is not frozen";
    EXPECT_TRUE(
        ledger::ChangeAccountState(tx, id, AccountState::kActive, AccountState::kFrozen).value());
    EXPECT_TRUE(ledger::AdvanceSecurityEpoch(tx, id, 1).value());
    EXPECT_FALSE(ledger::LiftFreeze(tx, id, 1).value());
    EXPECT_EQ(ledger::LoadAccount(tx, id)->state, AccountState::kFrozen);
    EXPECT_TRUE(ledger::LiftFreeze(tx, id, 2).value());
    EXPECT_EQ(ledger::LoadAccount(tx, id)->state, AccountState::kActive);
    return {};
  });
}

TEST_P(LedgerContract, TellsAbsentFromThere) {
  LedgerWorld world(GetParam());
  Done done = world.ledger->Read([&](Transaction& tx) -> Done {
    EXPECT_EQ(ledger::FindAccountById(tx, AccountId{7}).value(), std::nullopt);
    EXPECT_EQ(ledger::LoadAccount(tx, AccountId{7}).reason(), Reason::kInternal);
    EXPECT_EQ(ledger::LoadAccountKey(tx, world.keys, AccountId{7}).reason(), Reason::kInternal);
    return {};
  });
  EXPECT_TRUE(done.ok());
}

TEST_P(LedgerContract, OpensNothingOnceAnAccountIsErased) {  // Law 14
  LedgerWorld world(GetParam());
  AccountId id = world.AddAccount("ada");
  (void)InTransaction(world, [&](Transaction& tx) -> Done {
    LATCHKEY_TRY(ledger::Append(tx, world.context,
                                {.account_id = id, .event = model::Event::kNote, .details = "hi"}));
    LATCHKEY_TRY(tx.Run("UPDATE accounts SET key_sealed = NULL WHERE id = $1", id));
    EXPECT_EQ(ledger::LoadName(tx, world.keys, id).reason(), Reason::kInternal);
    LATCHKEY_TRY(ledger::Append(tx, world.context, {.account_id = id, .details = "more"}));
    auto lines = ledger::LoadRecent(tx, world.keys, id, 10).value();
    EXPECT_EQ(lines.size(), 3u);
    for (const model::JournalLine& line : lines) EXPECT_EQ(line.entry.details, "");
    return {};
  });
  auto report = ledger::VerifyJournal(*world.ledger, world.keys, world.engine.folder() / "cp", {});
  EXPECT_FALSE(report.value().first_fault.has_value());  // the journal still verifies
}

}  // namespace
}  // namespace latchkey::testing
