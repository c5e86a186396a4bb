// SPDX-License-Identifier: Apache-2.0
#include "services/proof/rule_pack.h"

#include <algorithm>
#include <optional>
#include <set>

namespace latchkey::proof {
namespace {

using model::EvidenceKind;
using std::chrono::days;
using std::chrono::minutes;

std::vector<RulePack> MakePacks() {
  return {
      {.name = "standard",
       .reset = {{EvidenceKind::kIssuedCode}, {EvidenceKind::kSavedCode}},
       .unlock = {{EvidenceKind::kIssuedCode},
                  {EvidenceKind::kSavedCode},
                  {EvidenceKind::kDocumentInspected}},
       .contact_hold = days(7),
       .evidence_fresh = minutes(30)},
      // An assisted token stands for an inspection: it is issued on nothing less. The document is
      // named all the same, so that a token whose inspection has gone stale is not enough.
      {.name = "strong",
       .reset = {{EvidenceKind::kIssuedCode, EvidenceKind::kDocumentInspected,
                  EvidenceKind::kAssistedToken},
                 {EvidenceKind::kIssuedCode, EvidenceKind::kSavedCode}},
       .unlock = {{EvidenceKind::kIssuedCode},
                  {EvidenceKind::kSavedCode},
                  {EvidenceKind::kDocumentInspected}},
       .contact_hold = days(7),
       .evidence_fresh = minutes(30)},
  };
}

bool Counts(const model::Evidence& evidence, TimePoint now) {
  if (evidence.fresh_until <= now) return false;
  return evidence.kind != EvidenceKind::kIssuedCode || evidence.contact_settled;
}

}  // namespace

const std::vector<RulePack>& RulePacks() {
  static const std::vector<RulePack> packs = MakePacks();
  return packs;
}

const RulePack& PackNamed(std::string_view name) {
  const std::vector<RulePack>& packs = RulePacks();
  const auto found = std::find_if(packs.begin(), packs.end(),
                                  [&](const RulePack& pack) { return pack.name == name; });
  return found == packs.end() ? packs.back() : *found;
}

bool IsSettled(const model::Contact& contact, TimePoint account_made_at, const RulePack& pack,
               TimePoint now) {
  if (ToUnixMillis(contact.removed_at) != 0) return false;
  return contact.added_at == account_made_at || contact.added_at + pack.contact_hold <= now;
}

Decision Decide(const RulePack& pack, model::Intent intent,
                const std::vector<model::Evidence>& evidence, TimePoint now) {
  std::set<EvidenceKind> given;
  for (const model::Evidence& piece : evidence) {
    if (Counts(piece, now)) given.insert(piece.kind);
  }
  std::optional<Combination> nearest;
  for (const Combination& combination :
       intent == model::Intent::kReset ? pack.reset : pack.unlock) {
    Combination missing;
    for (EvidenceKind kind : combination) {
      if (!given.contains(kind)) missing.push_back(kind);
    }
    if (missing.empty()) return {.enough = true, .missing = {}};
    if (!nearest || missing.size() < nearest->size()) nearest = std::move(missing);
  }
  return {.enough = false, .missing = nearest.value_or(Combination{})};
}

}  // namespace latchkey::proof
