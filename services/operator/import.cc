// SPDX-License-Identifier: Apache-2.0
#include "services/operator/import.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <future>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "services/ledger/journal.h"
#include "services/operator/import_batch.h"

namespace latchkey::operate {
namespace {

using ledger::Transaction;

// Large enough to share the fsync and the locks, small enough that a service beside it waits for
// milliseconds.
constexpr size_t kRowsInTransaction = 500;
// Batches at once where the engine takes several writers: most of their time is the way there and
// back.
constexpr size_t kLanes = 4;

// One run: reads, gathers a batch, decides it, counts and reports.
class Run {
 public:
  Run(OpenBank& bank, ByteSource source, bool dry_run, const ImportWatch& watch,
      ImportCounts& counts)
      : bank_(bank),
        reader_(std::move(source)),
        importer_(bank, dry_run),
        // SQLite has one writer, and a dry run remembers lines in their order.
        lanes_(dry_run || bank.ledger->engine() == "sqlite" ? 1 : kLanes),
        watch_(watch),
        counts_(counts) {}

  Done All() {
    LATCHKEY_TRY(ReadHeader());
    while (true) {
      CsvNext next = reader_.Next();
      if (const auto* end = std::get_if<CsvEnd>(&next)) {
        LATCHKEY_TRY(Flush());
        LATCHKEY_TRY(SettleAll());
        if (end->broken) return Fail(Reason::kUnavailable, "the file cannot be read any further");
        return {};
      }
      ++counts_.read;
      if (const auto* fault = std::get_if<CsvFault>(&next)) {
        Reject({fault->line, LineOutcome::kRejected, "", fault->reason});
        continue;
      }
      Take(std::get<CsvRecord>(next));
      if (batch_.size() < kRowsInTransaction) continue;
      LATCHKEY_TRY(Flush());
      if (watch_.is_told_to_end()) {
        LATCHKEY_TRY(SettleAll());
        return Fail(Reason::kUnavailable, "it was told to end");
      }
    }
  }

 private:
  struct Batch {
    std::vector<NumberedRow> rows;
    std::unordered_set<size_t> names;  // hashes of the identifiers
    std::future<Result<std::vector<RowDecision>>> decisions;
  };

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

  void Reject(const LineReport& report) {
    ++(report.outcome == LineOutcome::kRejected ? counts_.rejected : counts_.conflicting);
    watch_.report(report);
  }

  // Sends the gathered rows on their way, while the next are read.
  Done Flush() {
    if (batch_.empty()) return {};
    Batch next;
    next.rows = std::exchange(batch_, {});
    for (const NumberedRow& each : next.rows) {
      for (const model::Identifier& identifier : each.row.account.identifiers) {
        next.names.insert(std::hash<std::string>()(identifier.text));
      }
    }
    // Lines that name the same things are decided in their order, whoever is faster.
    bool is_apart = std::none_of(on_the_way_.begin(), on_the_way_.end(), [&](const Batch& each) {
      return Overlap(each.names, next.names);
    });
    while (!on_the_way_.empty() && (!is_apart || on_the_way_.size() >= lanes_)) {
      LATCHKEY_TRY(SettleOldest());
    }
    on_the_way_.push_back(std::move(next));
    Batch& sent = on_the_way_.back();
    sent.decisions =
        std::async(std::launch::async, [this, &sent] { return importer_.Decide(sent.rows); });
    return {};
  }

  Done SettleAll() {
    while (!on_the_way_.empty()) LATCHKEY_TRY(SettleOldest());
    return {};
  }

  Done SettleOldest() {
    Batch& oldest = on_the_way_.front();
    auto decisions = oldest.decisions.get();
    if (!decisions.ok() && decisions.reason() == Reason::kConflict) {
      // Another import took an identifier between look-up and insert: once more, row by row.
      LATCHKEY_TRY(DecideOneByOne(oldest.rows));
    } else if (!decisions.ok()) {
      return decisions.failure();
    } else {
      for (size_t i = 0; i < oldest.rows.size(); ++i) Count(oldest.rows[i], (*decisions)[i]);
    }
    on_the_way_.pop_front();
    watch_.progress(reader_.bytes_read(), counts_.read);
    return {};
  }

  Done DecideOneByOne(const std::vector<NumberedRow>& rows) {
    for (const NumberedRow& each : rows) {
      auto decision = importer_.Decide({each});
      if (!decision.ok() && decision.reason() == Reason::kConflict) {
        Count(each, {RowOutcome::kTaken, ""});
      } else if (!decision.ok()) {
        return decision.failure();
      } else {
        Count(each, decision->front());
      }
    }
    return {};
  }

  static bool Overlap(const std::unordered_set<size_t>& a, const std::unordered_set<size_t>& b) {
    return std::any_of(b.begin(), b.end(), [&](size_t name) { return a.contains(name); });
  }

  void Count(const NumberedRow& row, const RowDecision& decision) {
    counts_.last_line = row.line;
    const auto [first, is_first] =
        first_lines_.try_emplace(std::hash<std::string>()(row.row.customer_number.text), row.line);
    switch (decision.outcome) {
      case RowOutcome::kAdded:
        ++counts_.added;
        return;
      case RowOutcome::kUnchanged:
        ++counts_.unchanged;
        return;
      case RowOutcome::kDiffers:
        if (!is_first) {
          return Reject({row.line, LineOutcome::kConflict, "customer_number",
                         "stands in line " + std::to_string(first->second) +
                             " already, with other data; keep one of the two"});
        }
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
  const size_t lanes_;
  const ImportWatch& watch_;
  ImportCounts& counts_;
  Columns columns_;
  std::unordered_map<size_t, uint64_t> first_lines_;  // by the customer number's hash
  std::vector<NumberedRow> batch_;
  std::deque<Batch> on_the_way_;  // last, so that it ends first: its threads use the rest
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
