// SPDX-License-Identifier: Apache-2.0
#include "services/proof/rule_pack.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace latchkey::proof {
namespace {

using model::Channel;
using model::Evidence;
using model::EvidenceKind;
using model::Intent;
using std::chrono::days;
using std::chrono::minutes;

const TimePoint kNow = FromUnixMillis(1'800'000'000'000);

struct Piece {
  EvidenceKind kind;
  bool settled = true;
  Millis fresh_for = minutes(10);
  Channel channel = Channel::kWeb;
};

std::vector<Evidence> Given(const std::vector<Piece>& pieces) {
  std::vector<Evidence> evidence;
  for (const Piece& piece : pieces) {
    evidence.push_back({.id = {},
                        .account_id = AccountId{1},
                        .recovery_id = RecoveryId{2},
                        .case_id = {},
                        .kind = piece.kind,
                        .contact_id = ContactId{static_cast<int64_t>(evidence.size()) + 1},
                        .contact_settled = piece.settled,
                        .channel = piece.channel,
                        .staff_id = {},
                        .at = kNow,
                        .fresh_until = kNow + piece.fresh_for});
  }
  return evidence;
}

constexpr auto kCode = EvidenceKind::kIssuedCode;
constexpr auto kDocument = EvidenceKind::kDocumentInspected;
constexpr auto kAssisted = EvidenceKind::kAssistedToken;
constexpr auto kSaved = EvidenceKind::kSavedCode;

struct Case {
  const char* what;
  const char* pack;
  Intent intent;
  std::vector<Piece> pieces;
  bool enough;
};

// Law 7: strength is arithmetic.
TEST(RulePacks, DecideByTheTable) {
  const std::vector<Case> table = {
      {"nothing", "standard", Intent::kReset, {}, false},
      {"one code", "standard", Intent::kReset, {{kCode}}, true},
      {"a saved code", "standard", Intent::kReset, {{kSaved}}, true},
      {"a document alone resets nothing", "standard", Intent::kReset, {{kDocument}}, false},
      {"a document unlocks", "standard", Intent::kUnlock, {{kDocument}}, true},
      {"an assisted token is no key", "standard", Intent::kReset, {{kAssisted}}, false},
      {"nor is it one for unlocking", "standard", Intent::kUnlock, {{kAssisted}}, false},
      {"a code through a new contact", "standard", Intent::kReset, {{kCode, false}}, false},
      {"nor does that one unlock", "standard", Intent::kUnlock, {{kCode, false}}, false},
      {"a stale code", "standard", Intent::kReset, {{kCode, true, Millis(0)}}, false},
      {"fresh to the last moment", "standard", Intent::kReset, {{kCode, true, Millis(1)}}, true},
      {"one code where two proofs are asked", "strong", Intent::kReset, {{kCode}}, false},
      {"two codes are one method",
       "strong",
       Intent::kReset,
       {{kCode}, {kCode, true, minutes(10), Channel::kPhone}},
       false},
      {"code and document", "strong", Intent::kReset, {{kCode}, {kDocument}}, false},
      {"code, document and token",
       "strong",
       Intent::kReset,
       {{kCode}, {kDocument}, {kAssisted}},
       true},
      {"the same, with a new contact",
       "strong",
       Intent::kReset,
       {{kCode, false}, {kDocument}, {kAssisted}},
       false},
      {"the same, with a stale document",
       "strong",
       Intent::kReset,
       {{kCode}, {kDocument, true, Millis(0)}, {kAssisted}},
       false},
      {"code and saved code are different methods",
       "strong",
       Intent::kReset,
       {{kCode}, {kSaved}},
       true},
      {"a typing error in a pack's name weakens nothing",
       "standrad",
       Intent::kReset,
       {{kCode}},
       false},
  };
  for (const Case& row : table) {
    const Decision decision = Decide(PackNamed(row.pack), row.intent, Given(row.pieces), kNow);
    EXPECT_EQ(decision.enough, row.enough) << row.what;
    EXPECT_EQ(decision.missing.empty(), row.enough) << row.what;
  }
}

TEST(RulePacks, NameWhatIsMissingForTheNearestWay) {
  const Decision decision =
      Decide(PackNamed("strong"), Intent::kReset, Given({{kCode}, {kDocument}}), kNow);
  EXPECT_EQ(decision.missing, Combination{kAssisted});
}

// Attacks A06, S07: a contact that was just added receives no recovery that counts.
TEST(RulePacks, SettleAContactOnlyAfterTheHold) {
  const RulePack& pack = PackNamed("standard");
  const TimePoint account_made_at = kNow - days(400);
  model::Contact contact;
  contact.added_at = kNow - days(7);
  EXPECT_TRUE(IsSettled(contact, account_made_at, pack, kNow));
  contact.added_at += Millis(1);
  EXPECT_FALSE(IsSettled(contact, account_made_at, pack, kNow));
  contact.added_at = account_made_at;
  contact.removed_at = kNow - days(1);
  EXPECT_FALSE(IsSettled(contact, account_made_at, pack, kNow)) << "a removed contact is none";
}

TEST(RulePacks, TakeContactsThatCameWithTheAccountAsSettled) {
  model::Contact contact;
  contact.added_at = kNow;
  EXPECT_TRUE(IsSettled(contact, kNow, PackNamed("standard"), kNow));
}

// Fails without: `==` in IsSettled, which was `<=` (seen).
TEST(RulePacks, HoldAContactThatWasYoungWhenItWasImportedA06) {
  const RulePack& pack = PackNamed("standard");
  const TimePoint imported_at = kNow;
  model::Contact contact;
  contact.added_at = imported_at - days(1);
  EXPECT_FALSE(IsSettled(contact, imported_at, pack, imported_at));
  EXPECT_FALSE(IsSettled(contact, imported_at, pack, contact.added_at + days(7) - Millis(1)));
  EXPECT_TRUE(IsSettled(contact, imported_at, pack, contact.added_at + days(7)));
}

}  // namespace
}  // namespace latchkey::proof
