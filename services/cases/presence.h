// SPDX-License-Identifier: Apache-2.0
// What has been proved about the customer, as far as it is still good.
#pragma once

#include "crypto/keyring.h"
#include "services/base/clock.h"
#include "services/base/result.h"
#include "services/ledger/ledger.h"
#include "services/model/account.h"
#include "services/model/case.h"

namespace latchkey::cases {

// A proof given in another channel counts as well, so that nobody is asked twice (Law 15). Only
// codes through settled contacts count (attack A06), and nothing from before the last reset or
// freeze: a freeze is the owner saying that what happened before was somebody else.
struct Presence {
  bool document_inspected = false;
  bool code_checked = false;
  bool any() const { return document_inspected || code_checked; }
  bool both() const { return document_inspected && code_checked; }
};

Result<Presence> LoadPresence(ledger::Transaction& tx, const crypto::KeyRing& keys,
                              const model::Account& account, const model::Case& facts,
                              TimePoint now);

}  // namespace latchkey::cases
