// SPDX-License-Identifier: Apache-2.0
#include "services/operator/import_batch.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

namespace latchkey::operate {
namespace {

using ledger::Transaction;

std::string ColumnOf(model::IdentifierKind kind) {
  switch (kind) {
    case model::IdentifierKind::kLogin:
      return "login_name";
    case model::IdentifierKind::kCustomerNumber:
      return "customer_number";
    case model::IdentifierKind::kEmail:
      return "email";
    case model::IdentifierKind::kPhone:
      return "phone";
  }
  return "";
}

std::vector<std::pair<int, std::string>> Sorted(const std::vector<model::Identifier>& identifiers) {
  std::vector<std::pair<int, std::string>> all;
  all.reserve(identifiers.size());
  for (const auto& each : identifiers) all.emplace_back(static_cast<int>(each.kind), each.text);
  std::sort(all.begin(), all.end());
  return all;
}

// Whether the ledger holds what the row says. The password is not compared: the customer may have
// changed it, or a sign-in may have replaced the old kind of hash.
Result<RowDecision> Compare(Transaction& tx, const crypto::KeyRing& keys, AccountId id,
                            const CustomerRow& row) {
  LATCHKEY_ASSIGN(std::string name, ledger::LoadName(tx, keys, id));
  if (name != row.account.name) return RowDecision{RowOutcome::kDiffers, "name"};
  if (row.says_pack) {
    LATCHKEY_ASSIGN(const model::Account account, ledger::LoadAccount(tx, id));
    if (account.pack != row.account.pack) return RowDecision{RowOutcome::kDiffers, "pack"};
  }
  LATCHKEY_ASSIGN(auto identifiers, ledger::LoadIdentifiers(tx, keys, id));
  auto ours = Sorted(identifiers), theirs = Sorted(row.account.identifiers);
  if (ours == theirs) return RowDecision{RowOutcome::kUnchanged, ""};
  for (const auto& each : theirs) {
    if (std::find(ours.begin(), ours.end(), each) == ours.end()) {
      auto kind = static_cast<model::IdentifierKind>(each.first);
      return RowDecision{RowOutcome::kDiffers, ColumnOf(kind)};
    }
  }
  return RowDecision{RowOutcome::kDiffers, "login_name, email or phone"};
}

uint64_t RowFingerprint(const CustomerRow& row) {
  std::string whole = row.account.name + '\0' + row.account.pack;
  for (const auto& [kind, text] : Sorted(row.account.identifiers)) {
    whole += '\0' + std::to_string(kind) + text;
  }
  return std::hash<std::string>()(whole);
}

}  // namespace

Result<std::vector<RowDecision>> Importer::Decide(const std::vector<NumberedRow>& rows) {
  std::vector<RowDecision> decisions;
  auto work = [&](Transaction& tx) -> Done {
    decisions.clear();  // an engine may ask for the work a second time
    for (const NumberedRow& each : rows) {
      LATCHKEY_ASSIGN(RowDecision decision, DecideOne(tx, each.row));
      decisions.push_back(std::move(decision));
    }
    return {};
  };
  Done done = dry_run_ ? bank_.ledger->Read(work) : bank_.ledger->Commit(work);
  if (!done.ok()) return done.failure();
  return decisions;
}

Result<RowDecision> Importer::DecideOne(Transaction& tx, const CustomerRow& row) {
  LATCHKEY_ASSIGN(auto known, ledger::FindAccount(tx, bank_.keys, row.customer_number));
  if (known) return Compare(tx, bank_.keys, *known, row);
  if (dry_run_) {
    if (auto earlier = seen_.find(Fingerprint(row.customer_number)); earlier != seen_.end()) {
      bool is_same = earlier->second == RowFingerprint(row);
      return is_same ? RowDecision{RowOutcome::kUnchanged, ""}
                     : RowDecision{RowOutcome::kDiffers, "customer_number"};
    }
  }
  for (const model::Identifier& each : row.account.identifiers) {
    if (each == row.customer_number) continue;
    LATCHKEY_ASSIGN(auto other, ledger::FindAccount(tx, bank_.keys, each));
    if (other || (dry_run_ && seen_.contains(Fingerprint(each)))) {
      return RowDecision{RowOutcome::kTaken, ColumnOf(each.kind)};
    }
  }
  if (!dry_run_) {
    LATCHKEY_TRY(ledger::InsertAccount(tx, bank_.context(), row.account));
    return RowDecision{};
  }
  for (const model::Identifier& each : row.account.identifiers) {
    seen_[Fingerprint(each)] = RowFingerprint(row);
  }
  return RowDecision{};
}

// A dry run inserts nothing, so it remembers by itself what earlier lines named: eight bytes for
// each, and eight for the whole line.
uint64_t Importer::Fingerprint(const model::Identifier& identifier) const {
  uint64_t print = 0;
  Bytes digest = ledger::IdentifierDigest(bank_.keys, identifier);
  std::memcpy(&print, digest.data.data(), sizeof print);
  return print;
}

}  // namespace latchkey::operate
