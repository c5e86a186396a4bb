// SPDX-License-Identifier: Apache-2.0
// The journal's chain: each entry's digest covers the one before, under a key that no store holds
// (Law 13).
#pragma once

#include <cstdint>
#include <string_view>

#include "crypto/secret.h"
#include "services/base/bytes.h"

namespace latchkey::crypto {

// Everything of an entry that the chain covers. Views must outlive the call.
struct ChainedEntry {
  int64_t account_id = 0;
  int64_t seq = 0;  // 1 for the first entry of an account
  int64_t at_unix_ms = 0;
  int64_t kind = 0;
  int64_t channel = 0;
  int64_t staff_id = 0;
  int64_t case_id = 0;
  int64_t recovery_id = 0;
  std::string_view sealed_details;
  std::string_view previous;  // 32 bytes; empty for seq 1
};

// HMAC-SHA-256 under the journal key; 32 bytes.
Bytes ChainDigest(const Secret& journal_key, const ChainedEntry& entry);

// Ed25519 (RFC 8032) signatures over checkpoint lines. `seed` is 32 bytes.
Bytes SignCheckpoint(const Secret& seed, std::string_view line);
Bytes CheckpointPublicKey(const Secret& seed);
bool VerifyCheckpoint(const Bytes& public_key, std::string_view line, const Bytes& signature);

}  // namespace latchkey::crypto
