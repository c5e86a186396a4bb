// SPDX-License-Identifier: Apache-2.0
#include "services/operator/import.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <unordered_map>
#include <utility>

#include "services/ledger/journal.h"

namespace latchkey::operate {
namespace {

using ledger::Transaction;

// Large enough to share the fsync and the locks, small enough that a service beside it waits for
// milliseconds.
constexpr size_t kRowsInTransaction = 500;

struct NumberedRow {
  uint64_t line = 0;
  CustomerRow row;
};

enum class RowOutcome { kAdded, kUnchanged, kDiffers, kTaken };
struct RowDecision {
  RowOutcome outcome = RowOutcome::kAdded;
  std::string column;
};

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
  for (const auto& each : identifiers) all.emplace_back(static_cast<int>(each.kind), each.text);
  std::sort(all.begin(), all.end());
  return all;
}

// Whether the ledger holds what the row says. The password is not compared: the customer may have
// changed it, or a sign-in may have replaced the old kind of hash.
Result<RowDecision> Compare(Transaction& tx, const crypto::KeyRing& keys, AccountId id,
                            const ledger::NewAccount& row) {
  LATCHKEY_ASSIGN(std::string name, ledger::LoadName(tx, keys, id));
  if (name != row.name) return RowDecision{RowOutcome::kDiffers, "name"};
  LATCHKEY_ASSIGN(auto identifiers, ledger::LoadIdentifiers(tx, keys, id));
  auto ours = Sorted(identifiers), theirs = Sorted(row.identifiers);
  if (ours == theirs) return RowDecision{RowOutcome::kUnchanged, ""};
  for (const auto& each : theirs) {
    if (std::find(ours.begin(), ours.end(), each) == ours.end()) {
      auto kind = static_cast<model::IdentifierKind>(each.first);
      return RowDecision{RowOutcome::kDiffers, ColumnOf(kind)};
    }
  }
  return RowDecision{RowOutcome::kDiffers, "login_name, email or phone"};
}

// Imports rows, in order. Identifiers are looked up before anything is inserted, because a refused
// insert ends the transaction for the rows beside it.
class Importer {
 public:
  Importer(OpenBank& bank, bool dry_run) : bank_(bank), dry_run_(dry_run) {}

  Result<std::vector<RowDecision>> Decide(const std::vector<NumberedRow>& rows) {
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

 private:
  Result<RowDecision> DecideOne(Transaction& tx, const CustomerRow& row) {
    LATCHKEY_ASSIGN(auto known, ledger::FindAccount(tx, bank_.keys, row.customer_number));
    if (known) return Compare(tx, bank_.keys, *known, row.account);
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
  uint64_t Fingerprint(const model::Identifier& identifier) const {
    uint64_t print = 0;
    Bytes digest = ledger::IdentifierDigest(bank_.keys, identifier);
    std::memcpy(&print, digest.data.data(), sizeof print);
    return print;
  }
  static uint64_t RowFingerprint(const CustomerRow& row) {
    std::string whole = row.account.name;
    for (const auto& [kind, text] : Sorted(row.account.identifiers)) {
      whole += '\0' + std::to_string(kind) + text;
    }
    return std::hash<std::string>()(whole);
  }

  OpenBank& bank_;
  const bool dry_run_;
  std::unordered_map<uint64_t, uint64_t> seen_;  // by identifier; dry runs only
};

// One run: reads, gathers a batch, decides it, counts and reports.
class Run {
 public:
  Run(OpenBank& bank, ByteSource source, bool dry_run, const ImportWatch& watch,
      ImportCounts& counts)
      : bank_(bank),
        reader_(std::move(source)),
        importer_(bank, dry_run),
        watch_(watch),
        counts_(counts) {}

  Done All() {
    LATCHKEY_TRY(ReadHeader());
    while (true) {
      CsvNext next = reader_.Next();
      if (const auto* end = std::get_if<CsvEnd>(&next)) {
        LATCHKEY_TRY(Flush());
        if (end->broken) return Fail(Reason::kUnavailable, "the file cannot be read any further");
        return {};
      }
      ++counts_.read;
      if (const auto* fault = std::get_if<CsvFault>(&next)) {
        Reject({fault->line, LineOutcome::kRejected, "", fault->reason});
        continue;
      }
      Take(std::get<CsvRecord>(next));
      if (batch_.size() >= kRowsInTransaction) LATCHKEY_TRY(Flush());
    }
  }

 private:
  Done ReadHeader() {
    CsvNext first = reader_.Next();
    if (const auto* fault = std::get_if<CsvFault>(&first)) {
      return Malformed("header", "the first line " + fault->reason);
    }
    const auto* header = std::get_if<CsvRecord>(&first);
    if (header == nullptr) return Malformed("header", "the file is empty");
    LATCHKEY_ASSIGN(columns_, Columns::FromHeader(header->fields));
    counts_.without_contact_since = !columns_.has_contact_since();
    return {};
  }

  void Take(const CsvRecord& record) {
    auto row = columns_.Read(record.fields, bank_.config.bank.languages, bank_.clock.Now());
    if (!row.ok()) {
      Reject({record.line, LineOutcome::kRejected, row.failure().field, row.failure().detail});
      return;
    }
    batch_.push_back({record.line, *std::move(row)});
  }

  void Reject(LineReport report) {
    ++(report.outcome == LineOutcome::kRejected ? counts_.rejected : counts_.conflicting);
    watch_.report(report);
  }

  Done Flush() {
    if (batch_.empty()) return {};
    auto decisions = importer_.Decide(batch_);
    // Another import at the same moment took an identifier between look-up and insert: once more,
    // row by row.
    if (!decisions.ok() && decisions.reason() == Reason::kConflict) return FlushOneByOne();
    if (!decisions.ok()) return decisions.failure();
    for (size_t i = 0; i < batch_.size(); ++i) Count(batch_[i], (*decisions)[i]);
    batch_.clear();
    watch_.progress(reader_.bytes_read(), counts_.read);
    return {};
  }

  Done FlushOneByOne() {
    for (const NumberedRow& each : batch_) {
      auto decision = importer_.Decide({each});
      if (!decision.ok() && decision.reason() == Reason::kConflict) {
        Count(each, {RowOutcome::kTaken, ""});
      } else if (!decision.ok()) {
        return decision.failure();
      } else {
        Count(each, decision->front());
      }
    }
    batch_.clear();
    return {};
  }

  void Count(const NumberedRow& row, const RowDecision& decision) {
    counts_.last_line = row.line;
    switch (decision.outcome) {
      case RowOutcome::kAdded:
        ++counts_.added;
        return;
      case RowOutcome::kUnchanged:
        ++counts_.unchanged;
        return;
      case RowOutcome::kDiffers:
        return Reject({row.line, LineOutcome::kConflict, decision.column,
                       "differs from what is kept for this customer number; nothing was changed"});
      case RowOutcome::kTaken:
        return Reject({row.line, LineOutcome::kConflict, decision.column,
                       "belongs to another customer, or to an earlier line"});
    }
  }

  OpenBank& bank_;
  CsvReader reader_;
  Importer importer_;
  const ImportWatch& watch_;
  ImportCounts& counts_;
  Columns columns_;
  std::vector<NumberedRow> batch_;
};

// The run itself is a decision of an operator: it stands in the service's own chain.
Done JournalRun(OpenBank& bank, const ImportCounts& counts) {
  return bank.ledger->Commit([&](Transaction& tx) -> Done {
    model::Entry entry;
    entry.event = model::Event::kImportRun;
    entry.details = std::to_string(counts.added) + " customers added, " +
                    std::to_string(counts.unchanged) + " unchanged, " +
                    std::to_string(counts.conflicting) + " conflicting, " +
                    std::to_string(counts.rejected) + " rejected";
    return ledger::Append(tx, bank.context(), entry);
  });
}

}  // namespace

Done ImportCustomers(OpenBank& bank, ByteSource source, bool dry_run, const ImportWatch& watch,
                     ImportCounts& counts) {
  Done done = Run(bank, std::move(source), dry_run, watch, counts).All();
  if (!dry_run && counts.added > 0) {
    Done journaled = JournalRun(bank, counts);
    if (done.ok()) return journaled;
  }
  return done;
}

}  // namespace latchkey::operate
