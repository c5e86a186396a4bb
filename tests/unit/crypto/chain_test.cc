// SPDX-License-Identifier: Apache-2.0
// Law 13: the journal's chain and its signed checkpoints.
#include "crypto/chain.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/crypto/support.h"

namespace latchkey::crypto {
namespace {

const std::string kPrevious(32, 'p');

ChainedEntry AnEntry() {
  return {.account_id = 1,
          .seq = 2,
          .at_unix_ms = 3,
          .kind = 4,
          .channel = 5,
          .staff_id = 6,
          .case_id = 7,
          .recovery_id = 8,
          .sealed_details = "sealed",
          .previous = kPrevious};
}

// Computed with Python's hmac.
TEST(ChainDigest, IsTheSameForGoodSinceJournalsOutliveReleases) {
  EXPECT_EQ(ChainDigest(KeyFrom(0), AnEntry()).data,
            FromHex("46d53f4ad935970809ca8d1d62c09e6ed56dd72024d2e64225f3e18696ca02a8"));
}

// Attack D07: an edited row.
TEST(ChainDigest, CoversEveryFieldAndTheKeyD07) {
  const std::function<void(ChainedEntry&)> edits[] = {
      [](ChainedEntry& entry) { entry.account_id = 9; },
      [](ChainedEntry& entry) { entry.seq = 9; },
      [](ChainedEntry& entry) { entry.at_unix_ms = 9; },
      [](ChainedEntry& entry) { entry.kind = 9; },
      [](ChainedEntry& entry) { entry.channel = 9; },
      [](ChainedEntry& entry) { entry.staff_id = 9; },
      [](ChainedEntry& entry) { entry.case_id = 9; },
      [](ChainedEntry& entry) { entry.recovery_id = 9; },
      [](ChainedEntry& entry) { entry.sealed_details = "sealeD"; },
      [](ChainedEntry& entry) { entry.previous = "other"; },
      [](ChainedEntry& entry) { std::swap(entry.kind, entry.channel); },
      [](ChainedEntry& entry) { std::swap(entry.sealed_details, entry.previous); }};
  Bytes digest = ChainDigest(KeyFrom(0), AnEntry());
  for (size_t i = 0; i < std::size(edits); ++i) {
    ChainedEntry edited = AnEntry();
    edits[i](edited);
    EXPECT_NE(ChainDigest(KeyFrom(0), edited), digest) << "edit " << i;
  }
  EXPECT_NE(ChainDigest(KeyFrom(1), AnEntry()), digest);
}

// RFC 8032, section 7.1.
TEST(SignCheckpoint, GivesThePublishedEd25519Vectors) {
  struct Vector {
    const char* seed;
    const char* public_key;
    const char* message;
    const char* signature;
  };
  const Vector vectors[] = {
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf"
       "9b46b"
       "d25bf5f0595bbe24655141438e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f"
       "11d8c"
       "387b2eaeb4302aeeb00d291612bb0c00"}};
  for (const Vector& vector : vectors) {
    Secret seed(FromHex(vector.seed));
    std::string message = FromHex(vector.message);
    Bytes public_key = CheckpointPublicKey(seed);
    Bytes signature = SignCheckpoint(seed, message);
    EXPECT_EQ(public_key.data, FromHex(vector.public_key));
    EXPECT_EQ(signature.data, FromHex(vector.signature));
    EXPECT_TRUE(VerifyCheckpoint(public_key, message, signature));
  }
}

TEST(VerifyCheckpoint, RefusesEveryFlippedBitAndEveryCut) {
  Secret seed = KeyFrom(0);
  std::string line = "2026-11-21 4711 9f2c";
  Bytes key = CheckpointPublicKey(seed);
  Bytes signature = SignCheckpoint(seed, line);
  for (size_t bit = 0; bit < signature.size() * 8; ++bit) {
    Bytes flipped = signature;
    flipped.data[bit / 8] = static_cast<char>(flipped.data[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(VerifyCheckpoint(key, line, flipped)) << "signature bit " << bit;
  }
  for (size_t bit = 0; bit < line.size() * 8; ++bit) {
    std::string flipped = line;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(VerifyCheckpoint(key, flipped, signature)) << "line bit " << bit;
  }
  for (size_t size = 0; size < signature.size(); ++size) {
    EXPECT_FALSE(VerifyCheckpoint(key, line, Bytes(signature.data.substr(0, size))));
  }
  EXPECT_FALSE(VerifyCheckpoint(Bytes(key.data.substr(1)), line, signature));
  EXPECT_FALSE(VerifyCheckpoint(CheckpointPublicKey(KeyFrom(1)), line, signature));
}

}  // namespace
}  // namespace latchkey::crypto
