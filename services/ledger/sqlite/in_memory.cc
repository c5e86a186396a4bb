// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/sqlite/in_memory.h"

#include <utility>

#include "services/ledger/driver.h"
#include "services/ledger/sqlite/connection.h"
#include "services/ledger/sqlite/work.h"

namespace latchkey::ledger {
namespace {

using sqlite::Access;
using sqlite::Connection;

class InMemoryLedger final : public Ledger {
 public:
  explicit InMemoryLedger(std::unique_ptr<Connection> connection)
      : connection_(std::move(connection)) {}

  Done Commit(const Work& work) override {
    const auto attempt = [&]() { return Attempt(*connection_, work); };
    connection_->ForgetTakenId();
    Done done = Run(attempt);
    return !done.ok() && connection_->MetATakenId() ? Run(attempt) : done;
  }
  // Nobody else can write meanwhile: that is one consistent state without a transaction.
  Done Read(const Work& work) override {
    LATCHKEY_CHECK(!std::exchange(busy_, true));
    connection_->Allow(Access::kRead);
    Done done = Attempt(*connection_, work);
    connection_->Allow(Access::kWrite);
    busy_ = false;
    return done;
  }
  std::string_view engine() const override { return "sqlite"; }
  Done Ping() override { return {}; }

  Result<int64_t> Migrate() override {
    int64_t version = 0;
    LATCHKEY_TRY(Run([&]() -> Done {
      LATCHKEY_ASSIGN(version, sqlite::MigrateOn(*connection_));
      return {};
    }));
    return version;
  }

 private:
  template <typename F>
  Done Run(F&& run) {
    LATCHKEY_CHECK(!std::exchange(busy_, true));
    Done done = InTransaction(run);
    busy_ = false;
    return done;
  }

  template <typename F>
  Done InTransaction(F& run) {
    LATCHKEY_TRY(connection_->Execute("BEGIN", {}));
    Done done = run();
    if (!connection_->InTransaction()) return done;  // out of memory: rolled back by the engine
    if (done.ok()) LATCHKEY_TRY(connection_->Execute("COMMIT", {}));
    if (!done.ok()) LATCHKEY_TRY(connection_->Execute("ROLLBACK", {}));
    return done;
  }

  std::unique_ptr<Connection> connection_;
  bool busy_ = false;  // a work is under way, which must not call the ledger
};

}  // namespace

Result<std::unique_ptr<Ledger>> OpenInMemory() {
  LATCHKEY_ASSIGN(auto connection, Connection::OpenInMemory());
  return std::unique_ptr<Ledger>(std::make_unique<InMemoryLedger>(std::move(connection)));
}

}  // namespace latchkey::ledger
