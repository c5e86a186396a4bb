// SPDX-License-Identifier: Apache-2.0
// What a ledger needs that was put back from an older copy, before it serves again: whatever may
// have been used since the copy was made works no more (Law 3, attack D03), and the signing of the
// journal goes on from what the ledger has.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "crypto/keyring.h"
#include "services/base/result.h"
#include "services/ledger/accounts.h"
#include "services/ledger/ledger.h"

namespace latchkey::ledger {

struct Ending {
  AccountId after;  // looks at accounts above this one
  int limit = 0;
  bool passwords_too = false;  // disables every password in use; a new one enables it again
};
struct Ended {
  AccountId last;  // to go on after; 0: there are no more
  int64_t accounts = 0;
};
// Ends all links, codes, handles, sessions and proofs of the next accounts that have any, with an
// entry each. Again: changes nothing.
Result<Ended> EndWhatLives(Transaction& tx, const StoreContext& context, const Ending& ending);

// Signed stretches of the journal that the checkpoint file has and the ledger has not.
struct LostStretches {
  int64_t count = 0;
  std::string first;           // for people: the checkpoint of the first and its time
  std::filesystem::path kept;  // where the file was copied to as it was
};
// Cuts the file down to what the ledger has, after copying it aside; absent: the ledger has all of
// it. Nothing may write to the ledger meanwhile. kNotAllowed: the file is of another ledger.
Result<std::optional<LostStretches>> SetAsideLostStretches(Ledger& ledger,
                                                           const crypto::KeyRing& keys,
                                                           const std::filesystem::path& file);

}  // namespace latchkey::ledger
