// SPDX-License-Identifier: Apache-2.0
// What proof suffices for what: data, and one pure function over it (Law 7).
#pragma once

#include <string_view>
#include <vector>

#include "services/base/clock.h"
#include "services/model/account.h"
#include "services/model/recovery.h"

namespace latchkey::proof {

// Kinds of evidence that suffice together.
using Combination = std::vector<model::EvidenceKind>;

struct RulePack {
  std::string_view name;
  // Any one combination is enough.
  std::vector<Combination> reset;
  std::vector<Combination> unlock;
  // A contact added later than this long ago proves nothing (attacks A06, S07).
  Millis contact_hold{};
  // How long a proof stays good, in whichever channel (Law 15).
  Millis evidence_fresh{};
  // Code points of a new password: where it stands alone, and beside another factor (NIST SP
  // 800-63B-4, 3.1.1.2).
  unsigned min_characters_alone = 15;
  unsigned min_characters_beside = 8;
};

// "standard": one recovery code through a contact on file (NIST SP 800-63B-4, 4.2.2.1).
// "strong": two proofs of different kinds, one of which no mail can carry (4.2.2.2, shaped for the
// branch).
const std::vector<RulePack>& RulePacks();
// The pack of that name; an unknown name gets the strongest, so that a typing error never weakens
// an account.
const RulePack& PackNamed(std::string_view name);

// Whether a contact is old enough to count. Those that came with the account are settled from the
// start, unless an import said since when they are known: an address that somebody changed at the
// old system the day before is as young as one that was changed here (attack A06).
bool IsSettled(const model::Contact& contact, TimePoint account_made_at, const RulePack& pack,
               TimePoint now);

struct Decision {
  bool enough = false;
  // Not enough: the kinds that the nearest combination still lacks.
  Combination missing;
};
// Pure. Counts each kind once, whatever channels or contacts it came through: two issued codes are
// one method, and the channel that carried a code is never a second proof. Stale evidence and
// unsettled contacts count nothing.
Decision Decide(const RulePack& pack, model::Intent intent,
                const std::vector<model::Evidence>& evidence, TimePoint now);

}  // namespace latchkey::proof
