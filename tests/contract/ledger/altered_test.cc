// SPDX-License-Identifier: Apache-2.0
// Rows that somebody edited who can write to the database and has no key: each counts as absent, on
// every engine (attack D07). Links, codes and sessions: services/recovery's and the attacks' tests.
#include <string>
#include <utility>

#include "crypto/totp.h"
#include "services/ledger/recoveries.h"
#include "services/ledger/staff.h"
#include "tests/contract/ledger/engines.h"

namespace latchkey::testing {
namespace {

using ledger::Transaction;
using model::AuthenticatorKind;
struct Edit {
  ledger::Sql edit, undo;
};

constexpr Millis kHour = std::chrono::hours(1);
constexpr AuthenticatorKind kPassword = AuthenticatorKind::kPassword;
constexpr const char* kTerminal = "spiffe://bank.example/latchkey/branch/west/one";

template <typename F>
auto Do(LedgerWorld& world, F&& work) {
  auto result = world.ledger->Transact(std::forward<F>(work));
  EXPECT_TRUE(result.ok()) << result.failure().detail;
  return std::move(result).value();
}
void Write(LedgerWorld& world, ledger::Sql edit) {
  const int64_t changed = Do(world, [&](Transaction& tx) -> Result<int64_t> {
    LATCHKEY_ASSIGN(const auto rows, tx.Run(edit));
    return rows.changed;
  });
  EXPECT_GT(changed, 0) << edit.text();
}
std::string VerifierOf(LedgerWorld& world, AccountId id, AuthenticatorKind kind = kPassword) {
  const auto found = Do(
      world, [&](Transaction& tx) { return ledger::FindAuthenticator(tx, world.keys, id, kind); });
  return found ? found->verifier : "none";
}

// Fails without: account and kind in BoundTo (services/ledger/sql/credentials.cc), seen.
TEST_P(LedgerContract, TakesNoVerifierThatWasMovedOrMade) {
  LedgerWorld world(GetParam());
  const AccountId ada = world.AddAccount("ada"), bob = world.AddAccount("bob");
  const Edit edits[] = {
      // Bob's own, so that his password would open Ada's account.
      {"UPDATE authenticators SET account_id = -account_id",
       "UPDATE authenticators SET account_id = -account_id"},
      {"UPDATE authenticators SET kind = 2", "UPDATE authenticators SET kind = 1"},
  };
  for (const auto& [edit, undo] : edits) {
    Write(world, edit);
    for (const AccountId id : {ada, bob, AccountId{-ada.value}})
      for (const auto kind : {kPassword, AuthenticatorKind::kTotp})
        EXPECT_EQ(VerifierOf(world, id, kind), "none") << edit.text();
    Write(world, undo);
    EXPECT_EQ(VerifierOf(world, ada), "$v$ada");
  }
  Do(world, [&](Transaction& tx) {
    return tx.Run(
        "UPDATE authenticators SET verifier_sealed = (SELECT b.verifier_sealed"
        " FROM authenticators b WHERE b.account_id = $1) WHERE account_id = $2",
        bob, ada);
  });
  EXPECT_EQ(VerifierOf(world, ada), "none");
  Do(world, [&](Transaction& tx) {
    return tx.Run("UPDATE authenticators SET verifier_sealed = $1",
                  Bytes(std::string("$argon2id$v=19$")));
  });
  EXPECT_EQ(VerifierOf(world, ada), "none");
  Do(world, [&](Transaction& tx) -> Result<bool> {
    LATCHKEY_TRY(ledger::PutVerifier(tx, world.context, ada,
                                     {.verifier = "$new", .set_at = world.context.clock.Now()}));
    return true;
  });
  EXPECT_EQ(VerifierOf(world, ada), "$new") << "a reset puts a new one in its place";
}

// Law 7. Fails without: kind, date, pack in services/ledger/sql/sealed_fields.h (seen for each).
TEST_P(LedgerContract, ReckonsNoProofFromAContactOrAnAccountThatWasEdited) {
  LedgerWorld world(GetParam());
  const AccountId ada = world.AddAccount("ada");
  const auto readable = [&] {
    const auto found = world.ledger->Query(
        [&](Transaction& tx) { return ledger::LoadContacts(tx, world.keys, ada); });
    return found.ok() && found->size() == 1;
  };
  ASSERT_TRUE(readable());
  const Edit edits[] = {
      {"UPDATE contacts SET added_at = added_at - 1",
       "UPDATE contacts SET added_at = added_at + 1"},
      {"UPDATE contacts SET kind = 3 - kind", "UPDATE contacts SET kind = 3 - kind"},
      {"UPDATE accounts SET pack = pack || 'x'",
       "UPDATE accounts SET pack = substr(pack, 1, length(pack) - 1)"},
      {"UPDATE accounts SET made_at = made_at - 1", "UPDATE accounts SET made_at = made_at + 1"},
  };
  for (const auto& [edit, undo] : edits) {
    Write(world, edit);
    EXPECT_FALSE(readable()) << edit.text();
    Write(world, undo);
    EXPECT_TRUE(readable());
  }
}

// Fails without: IsGenuine in LoadEvidence (seen for every column).
TEST_P(LedgerContract, TakesNoEvidenceThatWasEdited) {
  LedgerWorld world(GetParam());
  const AccountId ada = world.AddAccount("ada");
  const model::Evidence given{.id = {},
                              .account_id = ada,
                              .security_epoch = 1,
                              .recovery_id = {5},
                              .case_id = {6},
                              .kind = model::EvidenceKind::kIssuedCode,
                              .contact_id = {7},
                              .contact_settled = false,
                              .channel = model::Channel::kWeb,
                              .staff_id = {8},
                              .at = world.clock.Now(),
                              .fresh_until = world.clock.Now() + kHour};
  Do(world, [&](Transaction& tx) -> Result<bool> {
    LATCHKEY_TRY(ledger::InsertEvidence(tx, world.context, given));
    return true;
  });
  const auto found = [&](AccountId account, int64_t epoch = 1) {
    size_t pieces = 0;
    for (const ledger::EvidenceScope& scope :
         {ledger::EvidenceScope{
              .account_id = account, .security_epoch = epoch, .recovery_id = {5}, .case_id = {}},
          ledger::EvidenceScope{
              .account_id = account, .security_epoch = epoch, .recovery_id = {}, .case_id = {6}}}) {
      pieces += Do(world, [&](Transaction& tx) {
                  return ledger::LoadEvidence(tx, world.keys, scope, world.clock.Now());
                }).size();
    }
    return pieces;
  };
  EXPECT_EQ(found(ada), 2u);
  EXPECT_EQ(found(ada, 2), 0u) << "a reset or a freeze came after it";
  const Edit edits[] = {
      {"UPDATE evidence SET id = id + 1", "UPDATE evidence SET id = id - 1"},
      {"UPDATE evidence SET account_id = account_id + 1",
       "UPDATE evidence SET account_id = account_id - 1"},
      {"UPDATE evidence SET security_epoch = 2", "UPDATE evidence SET security_epoch = 1"},
      {"UPDATE evidence SET recovery_id = NULL", "UPDATE evidence SET recovery_id = 5"},
      {"UPDATE evidence SET case_id = NULL", "UPDATE evidence SET case_id = 6"},
      {"UPDATE evidence SET kind = 2", "UPDATE evidence SET kind = 1"},
      {"UPDATE evidence SET contact_id = 9", "UPDATE evidence SET contact_id = 7"},
      {"UPDATE evidence SET contact_settled = 1", "UPDATE evidence SET contact_settled = 0"},
      {"UPDATE evidence SET channel = channel + 1", "UPDATE evidence SET channel = channel - 1"},
      {"UPDATE evidence SET staff_id = 9", "UPDATE evidence SET staff_id = 8"},
      {"UPDATE evidence SET at = at + 1", "UPDATE evidence SET at = at - 1"},
      {"UPDATE evidence SET fresh_until = fresh_until + 1",
       "UPDATE evidence SET fresh_until = fresh_until - 1"},
  };
  for (const auto& [edit, undo] : edits) {
    Write(world, edit);
    EXPECT_EQ(found(ada) + found(ada, 2) + found(AccountId{ada.value + 1}), 0u) << edit.text();
    Write(world, undo);
    EXPECT_EQ(found(ada), 2u) << undo.text();
  }
}

class Desk {
 public:
  explicit Desk(LedgerWorld& world) : world_(world), session_(world.random.Take(32)) {
    id_ = Do(world_, [&](Transaction& tx) {
      return ledger::InsertStaff(tx, world_.context,
                                 {.login = "tessa",
                                  .name = "Tessa",
                                  .branch = "west",
                                  .verifier = "$v$tessa",
                                  .totp_key = Secret(world_.random.Take(crypto::kTotpKeyBytes)),
                                  .own_account_id = {7}});
    });
    Do(world_, [&](Transaction& tx) -> Result<bool> {
      const TimePoint now = world_.clock.Now();
      LATCHKEY_TRY(ledger::InsertStaffSession(
          tx, world_.context, session_, id_, kTerminal,
          {.idle_expires_at = now + kHour, .expires_at = now + 2 * kHour}));
      return true;
    });
  }
  StaffId id() const { return id_; }
  // Whether the session still is somebody's, at the terminal.
  bool SessionLives(const std::string& terminal = kTerminal) {
    return Do(world_,
              [&](Transaction& tx) {
                return ledger::TouchStaffSession(tx, world_.context, session_, terminal,
                                                 world_.clock.Now() + kHour);
              })
        .has_value();
  }
  // What a sign-in as `login` would compare with.
  std::string VerifierOf(const std::string& login = "tessa") {
    const auto found =
        Do(world_, [&](Transaction& tx) { return ledger::FindStaff(tx, world_.keys, login); });
    return found ? found->verifier : "none";
  }

 private:
  LedgerWorld& world_;
  Secret session_;
  StaffId id_;
};

// Fails without: BoundTo's fields, one by one (seen for own_account_id).
TEST_P(LedgerContract, TakesNobodyOfTheStaffWhoWasEdited) {
  LedgerWorld world(GetParam());
  Desk desk(world);
  EXPECT_TRUE(desk.SessionLives());
  const Edit edits[] = {
      {"UPDATE staff SET own_account_id = NULL", "UPDATE staff SET own_account_id = 7"},
      {"UPDATE staff SET branch = 'east'", "UPDATE staff SET branch = 'west'"},
      {"UPDATE staff SET name = 'Somebody'", "UPDATE staff SET name = 'Tessa'"},
      {"UPDATE staff SET login = 'theo'", "UPDATE staff SET login = 'tessa'"},
  };
  for (const auto& [edit, undo] : edits) {
    Write(world, edit);
    EXPECT_EQ(desk.VerifierOf(), "none") << edit.text();
    EXPECT_EQ(desk.VerifierOf("theo"), "none") << edit.text();
    EXPECT_FALSE(desk.SessionLives()) << edit.text();
    Write(world, undo);
    EXPECT_EQ(desk.VerifierOf(), "$v$tessa") << undo.text();
    EXPECT_TRUE(desk.SessionLives()) << undo.text();
  }
}

// A service that was not restarted after a rotation: no alarm, and no "wrong" for who is right.
// Seen to fail with such credentials taken for altered ones (the answer was "nobody").
TEST_P(LedgerContract, CallsNobodyAlteredWhoseKeyItLacks) {
  LedgerWorld world(GetParam());
  Desk desk(world);
  ASSERT_TRUE(world.keys.Rotate(crypto::KeyUse::kField, world.random).ok());
  ASSERT_TRUE(world.keys.Remove(crypto::KeyUse::kField, 1).ok());
  const auto found = world.ledger->Query(
      [&](Transaction& tx) { return ledger::FindStaff(tx, world.keys, "tessa"); });
  ASSERT_FALSE(found.ok()) << "nobody";
  EXPECT_EQ(found.reason(), Reason::kInternal);
  EXPECT_NE(found.failure().detail.find("field key version 1"), std::string::npos);
}

// Fails without: the credentials' end in DisableStaff (seen).
TEST_P(LedgerContract, BringsNobodyBackWhoWasDisabled) {
  LedgerWorld world(GetParam());
  Desk desk(world);
  Do(world, [&](Transaction& tx) -> Result<bool> {
    LATCHKEY_TRY(ledger::DisableStaff(tx, world.context, desk.id()));
    return true;
  });
  EXPECT_EQ(desk.VerifierOf(), "");
  Write(world, "UPDATE staff SET disabled_at = NULL");
  EXPECT_EQ(desk.VerifierOf(), "");
  EXPECT_FALSE(desk.SessionLives());
}

// Fails without: SessionMac's comparison (seen for the terminal).
TEST_P(LedgerContract, TakesNoSessionOfStaffThatWasEdited) {
  LedgerWorld world(GetParam());
  Desk desk(world);
  const Edit edits[] = {
      {"UPDATE staff_sessions SET staff_id = staff_id + 1",
       "UPDATE staff_sessions SET staff_id = staff_id - 1"},
      {"UPDATE staff_sessions SET made_at = made_at + 1",
       "UPDATE staff_sessions SET made_at = made_at - 1"},
      {"UPDATE staff_sessions SET expires_at = expires_at + 1",
       "UPDATE staff_sessions SET expires_at = expires_at - 1"},
      {"UPDATE staff_sessions SET terminal = terminal || '/two'",
       "UPDATE staff_sessions SET terminal = 'spiffe://bank.example/latchkey/branch/west/one'"},
  };
  for (const auto& [edit, undo] : edits) {
    Write(world, edit);
    EXPECT_FALSE(desk.SessionLives()) << edit.text();
    EXPECT_FALSE(desk.SessionLives(std::string(kTerminal) + "/two")) << edit.text();
    Write(world, undo);
    EXPECT_TRUE(desk.SessionLives()) << undo.text();
  }
}

}  // namespace
}  // namespace latchkey::testing
