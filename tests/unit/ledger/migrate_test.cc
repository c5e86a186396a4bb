// SPDX-License-Identifier: Apache-2.0
// Cutting migrations, which text is storable, and the forms of checkpoint lines.
#include "services/ledger/migrate.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "crypto/random.h"
#include "services/ledger/schema/schema.h"
#include "services/ledger/sql/checkpoint_line.h"

namespace latchkey::ledger {
namespace {

TEST(SplitStatements, CutsAtSemicolonsThatEndALineAndDropsComments) {
  auto statements = SplitStatements(
      "-- a; comment;\nCREATE TABLE a (\n  b TEXT, -- not here;\n  c BIGINT\n);\n\nDROP TABLE d;  "
      "\nLAST");
  ASSERT_EQ(statements.size(), 3u);
  EXPECT_EQ(statements[0], "CREATE TABLE a (\n  b TEXT,\n  c BIGINT\n)");
  EXPECT_EQ(statements[1], "DROP TABLE d");
  EXPECT_EQ(statements[2], "LAST\n");
}

TEST(ReplaceWord, TouchesWholeWordsOnly) {
  EXPECT_EQ(ReplaceWord("TEXT aTEXT TEXT_ (TEXT) TEXT", "TEXT", "X"), "X aTEXT TEXT_ (X) X");
}

TEST(Migrations, HaveGrowingVersionsAndStatements) {
  std::set<int64_t> versions;
  for (const Migration& migration : Migrations()) {
    EXPECT_TRUE(versions.empty() || migration.version > *versions.rbegin());
    versions.insert(migration.version);
    EXPECT_FALSE(SplitStatements(migration.sql).empty());
  }
  EXPECT_EQ(*versions.begin(), 1);
  EXPECT_TRUE(CheckSchemaVersion(*versions.rbegin()).ok());
  EXPECT_FALSE(CheckSchemaVersion(*versions.rbegin() + 1).ok());
}

TEST(IsStorableText, IsUtf8WithoutNul) {
  for (const char* text : {"", "a", "\u00e9", "\U0010FFFF", "\u202e"}) {
    EXPECT_TRUE(IsStorableText(text)) << text;
  }
  for (const std::string& text :
       {std::string(1, '\0'), std::string("\xff"), std::string("\xc0\x80"),
        std::string("\xed\xa0\x80"), std::string("\xf4\x90\x80\x80"), std::string("a\xe2\x82")}) {
    EXPECT_FALSE(IsStorableText(text));
  }
}

struct CheckpointLine : ::testing::Test {
  CheckpointLine() : keys((crypto::Start(), crypto::KeyRing::Generate(random))) {}
  crypto::SystemRandom random;
  crypto::KeyRing keys;
  Checkpoint checkpoint{.number = 7,
                        .at = FromUnixMillis(1'800'000'000'000),
                        .first_id = 11,
                        .last_id = 99,
                        .count = 12,
                        .digest = Bytes(std::string(32, 'd')),
                        .previous = DigestOfLine("the line before")};
};

TEST_F(CheckpointLine, ComesBackAsItWasSigned) {
  auto read = ReadLine(SignLine(checkpoint, keys), keys);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->number, 7);
  EXPECT_EQ(read->at, checkpoint.at);
  EXPECT_EQ(read->first_id, 11);
  EXPECT_EQ(read->last_id, 99);
  EXPECT_EQ(read->count, 12);
  EXPECT_EQ(read->digest, checkpoint.digest);
  EXPECT_EQ(read->previous, checkpoint.previous);
}

TEST_F(CheckpointLine, IsRefusedWithAnyByteChangedOrCutAnywhere) {  // D07
  std::string line = SignLine(checkpoint, keys);
  for (size_t at = 0; at < line.size(); ++at) {
    for (char other : {'0', 'A', ' ', '\0'}) {
      std::string altered = line;
      if (altered[at] == other) continue;
      altered[at] = other;
      EXPECT_FALSE(ReadLine(altered, keys).has_value()) << at;
    }
    EXPECT_FALSE(ReadLine(line.substr(0, at), keys).has_value()) << at;
  }
  EXPECT_FALSE(ReadLine(line + " ", keys).has_value());
}

TEST_F(CheckpointLine, StaysReadableAfterTheKeyIsRotated) {
  std::string before = SignLine(checkpoint, keys);
  ASSERT_TRUE(keys.Rotate(crypto::KeyUse::kCheckpoint, random).ok());
  EXPECT_TRUE(ReadLine(before, keys).has_value());
  EXPECT_TRUE(ReadLine(SignLine(checkpoint, keys), keys).has_value());
  EXPECT_FALSE(ReadLine(before, crypto::KeyRing::Generate(random)).has_value());
}

}  // namespace
}  // namespace latchkey::ledger
