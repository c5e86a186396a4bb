// SPDX-License-Identifier: Apache-2.0
// Which versions of a key the ledger knows, and what in it hangs on one before it is retired.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/keyring.h"
#include "services/base/result.h"
#include "services/ledger/ledger.h"

namespace latchkey::ledger {

// The details of the journal's entry on a rotation: "pepper is now version 2".
std::string RotationDetails(crypto::KeyUse use, int version);

struct KeyVersion {
  crypto::KeyUse use{};
  int version = 0;
};
// A version that a rotation made, by the journal, and that this ring is too old to have; absent:
// none. An entry that was altered says nothing here: it is for `VerifyJournal` to name.
Result<std::optional<KeyVersion>> FindTooNew(Transaction& tx, const crypto::KeyRing& keys);

// So many rows of one kind; "known devices", as an operator reads it.
struct KeyUser {
  std::string_view what;
  int64_t rows = 0;
};

// Rows that could not be read or verified any more without this version of the pepper or of the
// field key, by kind; kinds without any are left out. Nothing for other uses.
Result<std::vector<KeyUser>> CountUnderKey(Transaction& tx, const crypto::KeyRing& keys,
                                           crypto::KeyUse use, int version);

// Of what the token key makes only digests are kept, and these do not tell its version: their time
// does.
struct TokenKeyAge {
  TimePoint made_until;  // the latest that a row of this version can have been made
  TimePoint now;
  TimePoint devices_since;  // devices that were seen before are known no more
};
// The live rows that this version of the token key may still be needed for.
Result<std::vector<KeyUser>> CountUnderTokenKey(Transaction& tx, const TokenKeyAge& age);

}  // namespace latchkey::ledger
