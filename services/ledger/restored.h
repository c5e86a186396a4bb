// SPDX-License-Identifier: Apache-2.0
// What a ledger needs that was put back from an older copy, before it serves again: whatever may
// have been used since the copy was made works no more (Law 3, attack D03), and the signing of the
// journal goes on from what the ledger has. Nothing else may write to the ledger meanwhile.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "crypto/keyring.h"
#include "services/base/clock.h"
#include "services/base/result.h"
#include "services/ledger/accounts.h"
#include "services/ledger/ledger.h"

namespace latchkey::ledger {

// Signed stretches of the journal that a checkpoint file has and the ledger has not.
struct LostStretches {
  int64_t count = 0;
  int64_t newest = 0;         // the number of the last
  std::string fingerprint;    // of the last line, and so of all before it
  uintmax_t known_bytes = 0;  // of the file: what the ledger has too
};
// Absent: the file shows nothing that the ledger lacks. kNotAllowed, with what to do, when the two
// differ for another reason than that the ledger is older: the ledger went on after it was put back
// (another node's file), one of them was altered or is of another bank, or the ledger is empty.
Result<std::optional<LostStretches>> FindLostStretches(Ledger& ledger, const crypto::KeyRing& keys,
                                                       const std::filesystem::path& file);
// Cuts the file down to what the ledger has, after copying it aside; returns where to.
Result<std::filesystem::path> SetAside(const LostStretches& lost,
                                       const std::filesystem::path& file);

struct Ending {
  AccountId after;     // looks at accounts above this one
  TimePoint lived_at;  // what lived then is ended: when the copy was made, by the ledger's own time
  int limit = 0;
  bool passwords_too = false;  // disables every password in use; a new one enables it again
};
struct Ended {
  AccountId last;         // to go on after; 0: there are no more
  int64_t looked_at = 0;  // accounts, and
  int64_t accounts = 0;   // those of them where something was ended
};
// Ends all links, codes, handles, sessions and proofs of the next `limit` accounts, with an entry
// on each that has any; freeze links stay. Again: changes nothing.
Result<Ended> EndWhatLived(Transaction& tx, const StoreContext& context, const Ending& ending);

}  // namespace latchkey::ledger
