// SPDX-License-Identifier: Apache-2.0
// What a command works on: the configuration, the keys and the ledger that the running service uses
// too.
#pragma once

#include <filesystem>
#include <memory>

#include "crypto/keyring.h"
#include "crypto/random.h"
#include "services/base/clock.h"
#include "services/base/config.h"
#include "services/base/ids.h"
#include "services/base/result.h"
#include "services/ledger/accounts.h"
#include "services/ledger/ledger.h"
#include "services/ledger/open.h"

namespace latchkey::operate {

// One command's view of the bank. Lives as long as the command; one thread.
struct OpenBank {
  Config config;
  SystemClock& clock;
  crypto::SystemRandom& random;
  IdMaker& ids;
  crypto::KeyRing keys;
  std::unique_ptr<ledger::Ledger> ledger;

  ledger::StoreContext context() { return {clock, random, ids, keys}; }
};

ledger::LedgerOptions LedgerOptionsOf(const Config& config);

// Reads the configuration and the keys and reaches the ledger, whatever its schema: for `migrate`,
// which alone may make it. The failure says what to do.
Result<OpenBank> Reach(const std::filesystem::path& config_file, ledger::WhereNone where_none);
// The same, and this program and these keys may work on the ledger.
Result<OpenBank> Open(const std::filesystem::path& config_file);

// The version of the ledger's schema. kNotAllowed, with what to do, where it is older or newer than
// this program's.
Result<int64_t> CheckSchema(ledger::Ledger& ledger);

}  // namespace latchkey::operate
