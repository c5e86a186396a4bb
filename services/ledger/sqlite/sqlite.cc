// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/sqlite/sqlite.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "services/ledger/driver.h"
#include "services/ledger/sqlite/connection.h"
#include "services/ledger/sqlite/work.h"

namespace latchkey::ledger {
namespace {

// One batch: many works, one fsync. Bounded, so that the first of them does not wait long for the
// last.
constexpr size_t kWorksPerBatch = 64;
constexpr std::chrono::milliseconds kBatchTime{5};

class SqliteLedger final : public Ledger {
 public:
  SqliteLedger(const SqliteOptions& options, std::unique_ptr<sqlite::Connection> writer)
      : options_(options), writer_(std::move(writer)), thread_([this] { WriteUntilStopped(); }) {}

  ~SqliteLedger() override {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();  // what waits is done first
  }

  Done Commit(const Work& work) override {
    LATCHKEY_CHECK(std::this_thread::get_id() != thread_.get_id());  // a work must not commit
    Waiting waiting{.work = &work};
    std::unique_lock lock(mutex_);
    queue_.push_back(&waiting);
    wake_.notify_one();
    waiting.ready.wait(lock, [&] { return waiting.answered; });
    return waiting.result;
  }

  Done Read(const Work& work) override {
    LATCHKEY_ASSIGN(std::unique_ptr<sqlite::Connection> reader, TakeReader());
    Done result = ReadOn(*reader, work);
    GiveBack(std::move(reader));
    return result;
  }

  std::string_view engine() const override { return "sqlite"; }

  Done Ping() override {
    return Read([](Transaction& tx) -> Done {
      LATCHKEY_TRY(tx.Run("SELECT COUNT(*) FROM sqlite_schema"));
      return {};
    });
  }

  Result<int64_t> Migrate() override {
    int64_t version = 0;
    LATCHKEY_TRY(Commit([&](Transaction&) -> Done {
      // On the writer's thread, within its BEGIN IMMEDIATE: of several processes one migrates, the
      // others find it done.
      LATCHKEY_ASSIGN(version, sqlite::MigrateOn(*writer_));
      return {};
    }));
    return version;
  }

 private:
  // A caller that waits for its work; lives on that caller's stack until `answered`.
  struct Waiting {
    const Work* work = nullptr;
    Done result = {};
    bool answered = false;
    std::condition_variable ready = {};
  };
  using Time = std::chrono::steady_clock::time_point;

  // --- the writer's thread

  void WriteUntilStopped() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      lock.unlock();
      std::vector<Waiting*> batch = RunBatch();
      lock.lock();
      // Each by itself: to wake all who wait would wake mostly those whose turn has not come. Under
      // the lock, because a caller that is answered is gone.
      for (Waiting* waiting : batch) {
        waiting->answered = true;
        waiting->ready.notify_one();
      }
    }
  }

  // The next work for this batch; none when nobody waits or the batch is full. It never waits for
  // more to come.
  Waiting* TakeWork(size_t taken, Time started) {
    bool late = taken > 0 && std::chrono::steady_clock::now() - started > kBatchTime;
    std::lock_guard lock(mutex_);
    if (queue_.empty() || taken == kWorksPerBatch || late) return nullptr;
    Waiting* waiting = queue_.front();
    queue_.pop_front();
    return waiting;
  }

  // Many works in one transaction: one that fails takes nothing with it, and nobody is told of
  // success before the common COMMIT is on the disk.
  std::vector<Waiting*> RunBatch() {
    std::vector<Waiting*> batch;
    Done state = Control("BEGIN IMMEDIATE");
    Time started = std::chrono::steady_clock::now();
    bool clean = true;  // nothing is written yet
    while (Waiting* waiting = TakeWork(batch.size(), started)) {
      batch.push_back(waiting);
      if (!state.ok()) continue;
      writer_->ForgetTakenId();
      waiting->result = RunOne(*waiting->work, clean, state);
      if (!waiting->result.ok() && writer_->MetATakenId() && state.ok() && writer_->InTransaction())
        waiting->result = RunOne(*waiting->work, clean, state);
      clean = clean && !waiting->result.ok();
      if (state.ok() && !writer_->InTransaction()) {
        state = Fail(Reason::kUnavailable, "the ledger rolled back: " + Detail(waiting->result));
      }
    }
    if (state.ok()) state = Control("COMMIT");
    if (writer_->InTransaction()) {
      Done rolled_back = Control("ROLLBACK");
      if (state.ok()) state = rolled_back;
    }
    if (!state.ok()) TellAll(batch, Fail(Reason::kUnavailable, state.failure().detail));
    return batch;
  }

  Done RunOne(const Work& work, bool clean, Done& state) {
    return clean ? RunFirst(work, state) : RunInSavepoint(work, state);
  }

  // A work on a transaction that has written nothing yet needs no savepoint: the transaction is
  // one. That spares a lone caller two statements, and a long import the pages that SQLite would
  // keep for the savepoint. `state` is that of the transaction, begun anew after a failure.
  Done RunFirst(const Work& work, Done& state) {
    Done result = Attempt(*writer_, work);
    if (result.ok()) return result;
    if (writer_->InTransaction()) state = Control("ROLLBACK");
    if (state.ok()) state = Control("BEGIN IMMEDIATE");
    return result;
  }

  // `state`: of the transaction, which ends when what failed cannot be taken back alone.
  Done RunInSavepoint(const Work& work, Done& state) {
    LATCHKEY_TRY(Control("SAVEPOINT work"));
    Done result = Attempt(*writer_, work);
    if (!writer_->InTransaction()) return result;
    if (!result.ok()) {
      state = Control("ROLLBACK TO work");
      if (!state.ok()) return state;
    }
    state = Control("RELEASE work");
    return state.ok() ? result : state;
  }

  // A refusal stands only if nothing was written before it: behind that it may rest on what is lost
  // with it, such as "used" on the use.
  static void TellAll(const std::vector<Waiting*>& batch, const Failure& lost) {
    const auto writes = [](const Waiting* waiting) { return waiting->result.ok(); };
    for (auto at = std::find_if(batch.begin(), batch.end(), writes); at != batch.end(); ++at)
      (*at)->result = lost;
  }

  Done Control(Sql sql) {
    LATCHKEY_TRY(writer_->Execute(sql, {}));
    return {};
  }

  static std::string Detail(const Done& done) { return done.ok() ? "" : done.failure().detail; }

  // --- readers

  Result<std::unique_ptr<sqlite::Connection>> TakeReader() {
    {
      std::unique_lock lock(readers_mutex_);
      reader_free_.wait(lock,
                        [&] { return !readers_.empty() || open_readers_ < options_.readers; });
      if (!readers_.empty()) {
        std::unique_ptr<sqlite::Connection> reader = std::move(readers_.back());
        readers_.pop_back();
        return reader;
      }
      ++open_readers_;
    }
    auto opened =
        sqlite::Connection::Open(options_.path, sqlite::Access::kRead, options_.busy_timeout);
    if (!opened.ok()) {
      std::lock_guard lock(readers_mutex_);
      --open_readers_;
      reader_free_.notify_one();
    }
    return opened;
  }

  void GiveBack(std::unique_ptr<sqlite::Connection> reader) {
    std::lock_guard lock(readers_mutex_);
    readers_.push_back(std::move(reader));
    reader_free_.notify_one();
  }

  // In WAL mode a transaction that begins after a COMMIT has returned sees it, from any connection
  // (Law 1).
  static Done ReadOn(sqlite::Connection& reader, const Work& work) {
    LATCHKEY_TRY(reader.Execute("BEGIN", {}));
    Done result = Attempt(reader, work);
    Result<Rows> ended = reader.Execute("ROLLBACK", {});
    if (result.ok() && !ended.ok()) return ended.failure();
    return result;
  }

  const SqliteOptions options_;
  std::unique_ptr<sqlite::Connection> writer_;  // touched by thread_ only

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Waiting*> queue_;
  bool stopping_ = false;

  std::mutex readers_mutex_;
  std::condition_variable reader_free_;
  std::vector<std::unique_ptr<sqlite::Connection>> readers_;
  int open_readers_ = 0;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace

Result<std::unique_ptr<Ledger>> OpenSqlite(const SqliteOptions& options) {
  LATCHKEY_ASSIGN(auto writer, sqlite::Connection::Open(options.path, sqlite::Access::kWrite,
                                                        options.busy_timeout));
  if (!options.survive_power_loss) {
    LATCHKEY_TRY(writer->RunText("PRAGMA synchronous = NORMAL"));
  }
  return std::unique_ptr<Ledger>(std::make_unique<SqliteLedger>(options, std::move(writer)));
}

}  // namespace latchkey::ledger
