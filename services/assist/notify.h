// SPDX-License-Identifier: Apache-2.0
// Everybody is told of what was done in a branch too (Law 9).
#pragma once

#include "services/assist/assist.h"
#include "services/cases/attend.h"
#include "services/courier/templates.h"
#include "services/ledger/ledger.h"

namespace latchkey::assist {

// recovery::TellEverybody, for what was done on a case.
Done TellEverybody(ledger::Transaction& tx, const ledger::StoreContext& context, const Rules& rules,
                   const cases::Attended& attended, courier::Happened what);

}  // namespace latchkey::assist
