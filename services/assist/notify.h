// SPDX-License-Identifier: Apache-2.0
// Everybody is told (Law 9): one notice to every address of the account, the replaced ones too.
#pragma once

#include "services/assist/assist.h"
#include "services/cases/attend.h"
#include "services/courier/templates.h"
#include "services/ledger/ledger.h"

namespace latchkey::assist {

// Queues the notice with its own "this was not me" link for each address, and journals it. In the
// transaction of what happened, so that nothing happens untold.
Done TellEverybody(ledger::Transaction& tx, const ledger::StoreContext& context, const Rules& rules,
                   const cases::Attended& attended, courier::Happened what);

}  // namespace latchkey::assist
