// SPDX-License-Identifier: Apache-2.0
// Acts of staff that had no answer and are asked for again: each is done once. Without that, a
// second code would go out for one that is on its way, or a right code would be called wrong.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/secret.h"
#include "services/base/result.h"
#include "services/cases/attend.h"

namespace latchkey::cases {

// What every act of staff on a case is asked for with.
struct Act {
  std::string_view case_reference;   // as people write it
  std::string_view idempotency_key;  // 16 random bytes; the same when it is sent again
};

// Which act it is: two of one key are the same only if all of it is the same. It refers to texts of
// its maker.
struct Named {
  std::string_view method;
  Act act;
  std::string_view about = {};  // what else was said: a note, a code
};

struct Earlier {
  CaseId case_id;
  Secret answer;  // what Keep was given
};

// For ten minutes. nullopt: it was not done yet. kNotFound, kOwnAccount; kConflict: the key was
// used for another act.
Result<std::optional<Earlier>> FindEarlier(ledger::Ledger& ledger,
                                           const ledger::StoreContext& context,
                                           const model::Staff& staff, const Named& named);

// The same, in a transaction.
Result<std::optional<Earlier>> FindEarlier(ledger::Transaction& tx,
                                           const ledger::StoreContext& context,
                                           const model::Staff& staff, const Named& named);

// In the transaction of the act. kBusy: it was done since FindEarlier looked; nothing may be
// written.
Done Keep(ledger::Transaction& tx, const ledger::StoreContext& context, const model::Staff& staff,
          CaseId case_id, const Named& named, const Secret& answer = {});

// Does an act once: `act` is Result<CaseId>(). What the same request has done meanwhile counts, if
// this one finds that it is too late, or an allowance used up by the other.
template <typename DoIt>
Result<CaseId> Once(ledger::Ledger& ledger, const ledger::StoreContext& context,
                    const model::Staff& staff, const Named& named, DoIt&& act) {
  LATCHKEY_ASSIGN(const auto earlier, FindEarlier(ledger, context, staff, named));
  if (earlier) return earlier->case_id;
  Result<CaseId> done = act();
  if (done.ok()) return done;
  LATCHKEY_ASSIGN(const auto meanwhile, FindEarlier(ledger, context, staff, named));
  if (meanwhile) return meanwhile->case_id;
  return done;
}

}  // namespace latchkey::cases
