// SPDX-License-Identifier: Apache-2.0
// Verifies the journal twice: along each account's chain, which names an altered, missing or moved
// entry, and along the signed checkpoints, which find what a writer of the database could hide from
// the chains.
#include <algorithm>
#include <limits>
#include <system_error>
#include <utility>

#include "crypto/chain.h"
#include "services/base/check.h"
#include "services/ledger/journal.h"
#include "services/ledger/sql/chained_row.h"
#include "services/ledger/sql/checkpoint_line.h"

namespace latchkey::ledger {
namespace {

constexpr int kRowsPerBatch = 1000;
using Fault = std::optional<JournalFault>;

// Counts what both passes have read against twice the journal's length.
struct Progress {
  const std::function<void(int64_t, int64_t)>& report;
  int64_t all = 0;
  int64_t read = 0;
  void Add(size_t entries) {
    read += static_cast<int64_t>(entries);
    if (report) report(std::min(read / 2, all), all);
  }
};

std::string Entries(int64_t first, int64_t last) {
  if (first == last) return "entry " + std::to_string(first) + " is missing";
  return "entries " + std::to_string(first) + " to " + std::to_string(last) + " are missing";
}

// The chains' heads in the order of accounts, a batch at a time.
class Heads {
 public:
  struct Head {
    AccountId account;
    int64_t seq = 0;
    Bytes digest;
  };
  explicit Heads(Transaction& tx) : tx_(tx) {}

  // The present head; nullopt after the last.
  Result<std::optional<Head>> Peek() {
    if (at_ == rows_.rows.size() && !ended_) {
      LATCHKEY_ASSIGN(rows_, tx_.Run("SELECT account_id, seq, head FROM chains"
                                     " WHERE account_id > $1 ORDER BY account_id LIMIT $2",
                                     last_, kRowsPerBatch));
      at_ = 0;
      ended_ = rows_.empty();
    }
    if (ended_) return std::optional<Head>();
    const Row& row = rows_.rows[at_];
    return std::optional<Head>({row.As<AccountId>(0), row.Int(1), row.Blob(2)});
  }
  void Advance() { last_ = rows_.rows[at_++].Int(0); }

 private:
  Transaction& tx_;
  Rows rows_;
  size_t at_ = 0;
  bool ended_ = false;
  int64_t last_ = std::numeric_limits<int64_t>::min();
};

// Walks entries in the order of (account, seq) beside the heads.
class ChainWalk {
 public:
  ChainWalk(Transaction& tx, const crypto::KeyRing& keys, JournalReport& report)
      : heads_(tx), keys_(keys), report_(report) {}

  Result<Fault> Step(const Row& row) {
    AccountId account = row.As<AccountId>(1);
    int64_t seq = row.Int(2);
    if (!head_ || head_->account != account) {
      LATCHKEY_ASSIGN(Fault fault, Enter(account));
      if (fault) return fault;
    }
    LATCHKEY_CHECK(head_.has_value());  // else Enter has named a fault
    ++report_.entries;
    if (seq != seq_ + 1) return Fault({account, seq_ + 1, Entries(seq_ + 1, seq - 1)});
    if (seq > head_->seq) return Fault({account, seq, "the chain's head does not know this entry"});
    if (std::string what = WrongWith(row, digest_, keys_); !what.empty())
      return Fault({account, seq, what});
    seq_ = seq;
    digest_ = row.Blob(10);
    return Fault();
  }

  // After the last entry.
  Result<Fault> Finish() {
    Fault fault = Leave();
    if (fault) return fault;
    LATCHKEY_ASSIGN(std::optional<Heads::Head> head, heads_.Peek());
    if (head) return Fault({head->account, 1, Entries(1, head->seq)});
    return Fault();
  }

 private:
  // Leaves one chain and goes to that of `account`; a head in between has lost all its entries.
  Result<Fault> Enter(AccountId account) {
    Fault fault = Leave();
    if (fault) return fault;
    LATCHKEY_ASSIGN(std::optional<Heads::Head> head, heads_.Peek());
    if (head && head->account < account) {
      return Fault({head->account, 1, Entries(1, head->seq)});
    }
    if (!head || head->account != account)
      return Fault({account, 1, "the chain has lost its head"});
    heads_.Advance();
    head_ = std::move(head);
    seq_ = 0;
    digest_ = Bytes();
    ++report_.chains;
    return Fault();
  }

  Fault Leave() const {
    if (!head_) return {};
    if (seq_ < head_->seq) return Fault({head_->account, seq_ + 1, Entries(seq_ + 1, head_->seq)});
    if (digest_ != head_->digest) {
      return Fault({head_->account, seq_, "the chain's head does not match"});
    }
    return {};
  }

  Heads heads_;
  const crypto::KeyRing& keys_;
  JournalReport& report_;
  std::optional<Heads::Head> head_;  // of the chain that is being walked
  int64_t seq_ = 0;
  Bytes digest_;
};

// Every account has at least the entry of its import, and nothing ever removes one. Chain 0 is the
// service's own.
Result<Fault> VerifyAccounts(Transaction& tx) {
  LATCHKEY_ASSIGN(
      const Rows without_chain,
      tx.Run("SELECT a.id FROM accounts a WHERE NOT EXISTS"
             " (SELECT 1 FROM chains c WHERE c.account_id = a.id) ORDER BY a.id LIMIT 1"));
  if (!without_chain.empty())
    return Fault({without_chain.front().As<AccountId>(0), 1, "the whole chain is missing"});
  LATCHKEY_ASSIGN(
      const Rows without_account,
      tx.Run(
          "SELECT c.account_id FROM chains c WHERE c.account_id <> 0 AND NOT EXISTS"
          " (SELECT 1 FROM accounts a WHERE a.id = c.account_id) ORDER BY c.account_id LIMIT 1"));
  if (without_account.empty()) return Fault();
  return Fault({without_account.front().As<AccountId>(0), 1,
                "the account is missing, though its entries are there"});
}

Result<Fault> VerifyChains(Transaction& tx, const crypto::KeyRing& keys, JournalReport& report,
                           Progress& progress) {
  ChainWalk walk(tx, keys, report);
  int64_t account = std::numeric_limits<int64_t>::min();
  int64_t seq = 0;
  while (true) {
    LATCHKEY_ASSIGN(Rows rows,
                    tx.Run("SELECT id, account_id, seq, at, kind, channel, staff_id, case_id,"
                           " recovery_id, details_sealed, digest, key_version FROM journal"
                           " WHERE (account_id, seq) > ($1, $2) ORDER BY account_id, seq LIMIT $3",
                           account, seq, kRowsPerBatch));
    for (const Row& row : rows.rows) {
      LATCHKEY_ASSIGN(Fault fault, walk.Step(row));
      if (fault) return fault;
    }
    progress.Add(rows.rows.size());
    if (rows.empty()) break;
    account = rows.rows.back().Int(1);
    seq = rows.rows.back().Int(2);
  }
  LATCHKEY_ASSIGN(Fault fault, walk.Finish());
  if (fault) return fault;
  return VerifyAccounts(tx);
}

// Compares the entries of one stretch with what was signed about them.
Result<Fault> VerifyStretch(Transaction& tx, const Checkpoint& before, const Checkpoint& now,
                            Progress& progress) {
  LATCHKEY_ASSIGN(const RollingDigest rolling,
                  DigestStretch(tx, before.last_id, now.last_id,
                                [&](size_t entries) { progress.Add(entries); }));
  if (rolling.count() != now.count) {
    return Fault({{},
                  0,
                  NameOf(now) + " does not match: it covers " + std::to_string(now.count) +
                      " entries, the ledger holds " + std::to_string(rolling.count())});
  }
  if (!rolling.Matches(now)) {
    return Fault({{}, 0, NameOf(now) + " does not match: its entries were moved or replaced"});
  }
  return Fault();
}

// The file leads, the ledger's copies follow line by line; copies beyond the file's end are
// verified like its lines.
class CheckpointWalk {
 public:
  CheckpointWalk(Transaction& tx, const crypto::KeyRing& keys, const std::filesystem::path& file,
                 JournalReport& report, Progress& progress)
      : tx_(tx), keys_(keys), file_(file), report_(report), progress_(progress) {
    before_.last_id = std::numeric_limits<int64_t>::min();
  }

  Result<Fault> InFile(const std::string& line) {
    LATCHKEY_ASSIGN(Rows rows, tx_.Run("SELECT line FROM checkpoints WHERE number = $1", Number()));
    const std::string ledgers = rows.empty() ? "" : rows.front().Text(0);
    if (ledgers != line && !WrongWith(line).empty()) return FileFault(line, ledgers);
    LATCHKEY_ASSIGN(Fault fault, Step(line));
    if (fault && rows.empty()) {
      return Fault({{},
                    0,
                    "the ledger has neither checkpoint " + std::to_string(before_.number) + " of " +
                        file_.string() + " nor all of its entries",
                    std::string(kOlderOrAltered)});
    }
    if (fault) return fault;
    if (ledgers != line) {
      return Fault({{}, 0, NameOf(before_) + " is not the same in the ledger as in the file"});
    }
    return Fault();
  }

  Result<Fault> AfterFile() {
    while (true) {
      LATCHKEY_ASSIGN(Rows rows, tx_.Run("SELECT line FROM checkpoints WHERE number >= $1"
                                         " ORDER BY number LIMIT 1",
                                         Number()));
      if (rows.empty()) return Fault();
      LATCHKEY_ASSIGN(Fault fault, Step(rows.front().Text(0)));
      if (fault) return fault;
    }
  }

 private:
  int64_t Number() const { return before_.number + 1; }

  // Empty: it is the next line, as it was signed.
  std::string WrongWith(const std::string& line) const {
    const std::optional<Checkpoint> now = ReadLine(line, keys_);
    const std::string number = std::to_string(Number());
    if (!now) return "the signature of checkpoint " + number + " does not match";
    if (now->number != Number() || now->previous != DigestOfLine(last_line_))
      return "checkpoint " + number + " is missing or was replaced";
    return {};
  }

  // The file's line is wrong, and the ledger's is another.
  Fault FileFault(const std::string& line, const std::string& ledgers) const {
    JournalFault fault{
        {},
        0,
        "line " + std::to_string(Number()) + " of " + file_.string() + ": " + WrongWith(line),
        {}};
    if (WrongWith(ledgers).empty()) {
      fault.way_on =
          "the ledger has that line as it was signed: keep the file as it is, put the copy that "
          "was kept with this ledger in its place, and verify again; if nobody knows how the file "
          "was changed, call whoever answers for security at the bank";
    }
    return fault;
  }

  Result<Fault> Step(const std::string& line) {
    if (const std::string wrong = WrongWith(line); !wrong.empty()) return Fault({{}, 0, wrong});
    std::optional<Checkpoint> now = ReadLine(line, keys_);
    LATCHKEY_ASSIGN(Fault fault, VerifyStretch(tx_, before_, *now, progress_));
    before_ = *std::move(now);
    last_line_ = line;
    ++report_.checkpoints;
    return fault;
  }

  Transaction& tx_;
  const crypto::KeyRing& keys_;
  const std::filesystem::path& file_;
  JournalReport& report_;
  Progress& progress_;
  Checkpoint before_;
  std::string last_line_;
};

Result<Fault> VerifyCheckpoints(Transaction& tx, const crypto::KeyRing& keys,
                                const std::filesystem::path& file, uintmax_t bytes,
                                JournalReport& report, Progress& progress) {
  CheckpointWalk walk(tx, keys, file, report, progress);
  LineReader lines(file, bytes);
  std::string line;
  while (lines.Next(line)) {
    LATCHKEY_ASSIGN(Fault fault, walk.InFile(line));
    if (fault) return fault;
  }
  return walk.AfterFile();
}

}  // namespace

Result<JournalReport> VerifyJournal(Ledger& ledger, const crypto::KeyRing& keys,
                                    const std::filesystem::path& checkpoint_file,
                                    const std::function<void(int64_t, int64_t)>& progress) {
  // One snapshot for everything, so that what is written meanwhile cannot look like a fault. Lines
  // enter the ledger before the file: what the file holds before the snapshot begins, the snapshot
  // holds too.
  LATCHKEY_ASSIGN(const std::string last, LastLine(checkpoint_file));
  std::error_code absent;
  uintmax_t bytes = std::filesystem::file_size(checkpoint_file, absent);
  if (absent) bytes = 0;
  return ledger.Query([&](Transaction& tx) -> Result<JournalReport> {
    JournalReport report;
    LATCHKEY_ASSIGN(Rows count, tx.Run("SELECT COUNT(*) FROM journal"));
    Progress done{.report = progress, .all = count.front().Int(0)};
    LATCHKEY_ASSIGN(report.first_fault, VerifyChains(tx, keys, report, done));
    if (!report.first_fault) {
      LATCHKEY_TRY(CheckNotLost(tx, checkpoint_file, last));
      LATCHKEY_ASSIGN(report.first_fault,
                      VerifyCheckpoints(tx, keys, checkpoint_file, bytes, report, done));
    }
    if (progress) progress(done.all, done.all);
    return report;
  });
}

}  // namespace latchkey::ledger
