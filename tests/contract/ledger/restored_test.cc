// SPDX-License-Identifier: Apache-2.0
// A ledger that was put back from an older copy, on every engine.
#include "services/ledger/restored.h"

#include <string>
#include <vector>

#include "crypto/token.h"
#include "services/ledger/beside.h"
#include "services/ledger/recoveries.h"
#include "services/ledger/sessions.h"
#include "services/ledger/tokens.h"
#include "tests/contract/ledger/journal_world.h"

namespace latchkey::testing {
namespace {

using ledger::Transaction;
using model::TokenPurpose;

struct RestoredWorld : JournalWorld {
  using JournalWorld::JournalWorld;

  template <typename F>
  auto Run(F&& work) {
    auto result = ledger->Transact(std::forward<F>(work));
    LATCHKEY_CHECK(result.ok());
    if constexpr (!std::is_void_v<typename decltype(result)::Value>)
      return std::move(result).value();
  }
  Secret AddToken(AccountId account, TokenPurpose purpose) {
    Secret secret = crypto::NewToken(random);
    Run([&](Transaction& tx) {
      return ledger::InsertToken(tx, context,
                                 {.purpose = purpose,
                                  .account_id = account,
                                  .security_epoch = 1,
                                  .expires_at = clock.Now() + std::chrono::hours(1)},
                                 secret);
    });
    return secret;
  }
  bool IsUsed(const Secret& secret, TokenPurpose purpose) {
    const auto found =
        Run([&](Transaction& tx) { return ledger::FindToken(tx, keys, purpose, secret); });
    return ToUnixMillis(found.token->used_at) != 0;
  }
  int64_t EpochOf(AccountId account) {
    return Run([&](Transaction& tx) { return ledger::LoadAccount(tx, account); }).security_epoch;
  }
  // Two accounts at a time, as the command does it with more.
  int64_t EndAll(bool passwords_too = false) {
    int64_t accounts = 0;
    for (ledger::Ending ending{
             .after = {}, .lived_at = clock.Now(), .limit = 2, .passwords_too = passwords_too};
         ;) {
      const auto ended =
          Run([&](Transaction& tx) { return ledger::EndWhatLived(tx, context, ending); });
      if (!ended.last) return accounts;
      accounts += ended.accounts;
      ending.after = ended.last;
    }
  }
  int64_t Entries(AccountId account, model::Event event) {
    return static_cast<int64_t>(Run([&](Transaction& tx) {
                                  return ledger::LoadRecent(tx, keys, account, 100, event);
                                }).size());
  }
};

// Seen to fail without each of the first three questions in EndWhatLived.
TEST_P(LedgerContract, EndsWhateverMayHaveBeenUsedSinceTheCopy) {
  RestoredWorld world(GetParam());
  const AccountId linked = world.AddAccount("l"), signed_in = world.AddAccount("s"),
                  proven = world.AddAccount("p"), freezer = world.AddAccount("f");
  const Secret link = world.AddToken(linked, TokenPurpose::kRecoveryLink);
  const Secret freeze = world.AddToken(freezer, TokenPurpose::kFreezeLink);
  const Secret session = crypto::NewToken(world.random);
  const TimePoint later = world.clock.Now() + std::chrono::hours(1);
  world.Run([&](Transaction& tx) {
    return ledger::InsertSession(tx, world.keys, session,
                                 {.account_id = signed_in,
                                  .security_epoch = 1,
                                  .made_at = world.clock.Now(),
                                  .idle_expires_at = later,
                                  .expires_at = later});
  });
  world.Run([&](Transaction& tx) -> Done {
    return ledger::InsertEvidence(tx, world.context,
                                  {.id = {},
                                   .account_id = proven,
                                   .security_epoch = 1,
                                   .recovery_id = {},
                                   .case_id = {},
                                   .kind = model::EvidenceKind::kIssuedCode,
                                   .contact_id = {},
                                   .contact_settled = true,
                                   .channel = model::Channel::kWeb,
                                   .staff_id = {},
                                   .at = world.clock.Now(),
                                   .fresh_until = later});
  });

  EXPECT_EQ(world.EndAll(), 3);
  EXPECT_TRUE(world.IsUsed(link, TokenPurpose::kRecoveryLink));
  EXPECT_FALSE(world.IsUsed(freeze, TokenPurpose::kFreezeLink)) << "what stops things stays";
  EXPECT_FALSE(world.Run([&](Transaction& tx) {
    return ledger::FindSession(tx, world.keys, session, world.clock.Now());
  }));
  for (const AccountId id : {linked, signed_in, proven}) {
    EXPECT_EQ(world.EpochOf(id), 2);
    EXPECT_EQ(world.Entries(id, model::Event::kRestored), 1);
  }
  EXPECT_EQ(world.EpochOf(world.ada), 1) << "nothing was open there";
  EXPECT_EQ(world.EndAll(), 0) << "again: changes nothing";
  EXPECT_FALSE(world.Verify().first_fault);
}

// Seen to fail without the question for passwords.
TEST_P(LedgerContract, EndsPasswordsWhenThatIsAsked) {
  RestoredWorld world(GetParam());
  const auto put = [&] {
    world.Run([&](Transaction& tx) {
      return ledger::PutVerifier(tx, world.context, world.ada,
                                 {.verifier = "verifier", .set_at = world.clock.Now()});
    });
  };
  const auto in_use = [&] {
    return model::StateOf(world.Run([&](Transaction& tx) {
             return ledger::FindAuthenticator(tx, world.keys, world.ada,
                                              model::AuthenticatorKind::kPassword);
           })) == model::PasswordState::kInUse;
  };
  EXPECT_EQ(world.EndAll(), 0);
  EXPECT_TRUE(in_use());
  EXPECT_EQ(world.EndAll(/*passwords_too=*/true), 2) << "Ada's and Eve's";
  EXPECT_FALSE(in_use());
  EXPECT_EQ(world.Entries(world.ada, model::Event::kPasswordDisabled), 1);
  EXPECT_EQ(world.EndAll(/*passwords_too=*/true), 0);
  put();
  EXPECT_TRUE(in_use()) << "a new one is as good as any";
}

// As the ledger was at its first checkpoint: what came later is gone, the file knows of it.
void PutBackAnOlderCopy(RestoredWorld& world) {
  world.Tamper("DELETE FROM checkpoints WHERE number = $1", 2);
  world.Tamper("DELETE FROM journal WHERE seq > $1", 3);
  world.Tamper(
      "UPDATE chains SET seq = $1, head = (SELECT digest FROM journal j"
      " WHERE j.account_id = chains.account_id AND j.seq = $1) WHERE seq > $1",
      3);
}

// Seen to fail with the file left as it is: nothing more was signed; and with the journal's end
// taken for the copy's: a run that was cut short could not be repeated.
TEST_P(LedgerContract, SignsOnFromWhatTheCopyHas) {
  RestoredWorld world(GetParam());
  const auto find = [&] {
    return ledger::FindLostStretches(*world.ledger, world.keys, world.file);
  };
  const std::vector<std::string> lines = world.Lines();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_FALSE(find().value()) << "the ledger has all of it";
  PutBackAnOlderCopy(world);
  EXPECT_FALSE(ledger::CheckNotOlder(*world.ledger, world.keys, world.file).ok());
  world.Put(
      {.account_id = world.ada, .event = model::Event::kRestored});  // a run that was cut short
  const auto found = find();
  ASSERT_TRUE(found.ok()) << found.failure().detail;
  const auto& lost = *found;
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->count, 1);
  EXPECT_EQ(lost->newest, 2);
  const auto kept = ledger::SetAside(*lost, world.file).value();
  EXPECT_EQ(world.Lines(), std::vector<std::string>{lines[0]});
  EXPECT_TRUE(ledger::CheckNotOlder(*world.ledger, world.keys, world.file).ok());
  world.Put({.account_id = world.ada, .event = model::Event::kNote});
  EXPECT_GT(world.Checkpoint(), 0);
  EXPECT_FALSE(world.Verify().first_fault);

  // The file of a node that was not told: the ledger has gone on, and the two part at line 2.
  std::filesystem::copy_file(kept, world.file, std::filesystem::copy_options::overwrite_existing);
  EXPECT_FALSE(ledger::CheckNotOlder(*world.ledger, world.keys, world.file).ok());
  EXPECT_NE(find().failure().detail.find("on another node"), std::string::npos);
  EXPECT_EQ(world.Lines(), lines);
}

// Somebody takes signed checkpoints away to be told that the rest is whole. Seen to fail without
// CheckStretch.
TEST_P(LedgerContract, TakesNoAlteredLedgerForAnOlderCopy) {
  RestoredWorld world(GetParam());
  const std::vector<std::string> lines = world.Lines();
  world.Tamper("DELETE FROM checkpoints WHERE number >= $1", 1);
  world.Tamper("DELETE FROM journal WHERE account_id = $1", world.eve);
  world.Tamper("DELETE FROM chains WHERE account_id = $1", world.eve);
  const auto found = ledger::FindLostStretches(*world.ledger, world.keys, world.file);
  ASSERT_FALSE(found.ok());
  EXPECT_NE(found.failure().detail.find("it was altered"), std::string::npos);
  EXPECT_EQ(world.Lines(), lines);
}

TEST_P(LedgerContract, LeavesCheckpointsOfAnotherLedgerAlone) {
  RestoredWorld world(GetParam());
  const auto find = [&] {
    return ledger::FindLostStretches(*world.ledger, world.keys, world.file);
  };
  const std::vector<std::string> lines = world.Lines();
  PutBackAnOlderCopy(world);
  world.Tamper("UPDATE checkpoints SET line = 'another' WHERE number = $1", 1);
  EXPECT_FALSE(find().ok());
  world.WriteLines({lines[0], "latchkey-checkpoint-1 altered"});
  EXPECT_FALSE(find().ok());
  world.WriteLines({lines[1]});
  EXPECT_FALSE(find().ok()) << "a line is missing";
  world.WriteLines({});
  EXPECT_FALSE(find().value()) << "a lost file shows nothing";
}

}  // namespace
}  // namespace latchkey::testing
