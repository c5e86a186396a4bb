// SPDX-License-Identifier: Apache-2.0
// Whether what lies beside a ledger belongs to it. Quick looks for a start; `VerifyJournal` is the
// thorough one.
#pragma once

#include <filesystem>

#include "crypto/keyring.h"
#include "services/base/result.h"
#include "services/ledger/ledger.h"

namespace latchkey::ledger {

// kNotAllowed, with what to do, when none of the journal's first entries was made with this ring:
// another bank's would seal what nobody can open, and find no customer. The same when the journal
// tells of a rotation that this ring is too old to know. An empty journal goes with every ring.
// REQUIRES: the present schema.
Done CheckRing(Ledger& ledger, const crypto::KeyRing& keys);

// kNotAllowed, with what to do, when the file ends with a signed checkpoint that the ledger does
// not have: it was restored from an older copy, or has lost commits, and what was used since would
// work once more (Law 3, attack D03). A file that is lost or cannot be read shows nothing.
// REQUIRES: the present schema, the ledger's ring.
Done CheckNotOlder(Ledger& ledger, const crypto::KeyRing& keys,
                   const std::filesystem::path& checkpoint_file);

// The same, and when the end of the file was signed by another ring; kUnavailable when the file
// cannot be read or is lost.
Done CheckNewestCheckpoint(Ledger& ledger, const crypto::KeyRing& keys,
                           const std::filesystem::path& checkpoint_file);

}  // namespace latchkey::ledger
