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
    return Run(Access::kWrite, [&]() { return Attempt(*connection_, work); });
  }
  Done Read(const Work& work) override {
    return Run(Access::kRead, [&]() { return Attempt(*connection_, work); });
  }
  std::string_view engine() const override { return "sqlite"; }
  Done Ping() override { return {}; }

  Result<int64_t> Migrate() override {
    int64_t version = 0;
    LATCHKEY_TRY(Run(Access::kWrite, [&]() -> Done {
      LATCHKEY_ASSIGN(version, sqlite::MigrateOn(*connection_));
      return {};
    }));
    return version;
  }

 private:
  template <typename F>
  Done Run(Access access, F&& run) {
    LATCHKEY_CHECK(!connection_->InTransaction());  // a work must not call the ledger
    LATCHKEY_TRY(connection_->Execute("BEGIN", {}));
    connection_->Allow(access);
    Done done = run();
    connection_->Allow(Access::kWrite);
    if (!connection_->InTransaction()) return done;  // out of memory: rolled back by the engine
    if (done.ok()) LATCHKEY_TRY(connection_->Execute("COMMIT", {}));
    if (!done.ok()) LATCHKEY_TRY(connection_->Execute("ROLLBACK", {}));
    return done;
  }

  std::unique_ptr<Connection> connection_;
};

}  // namespace

Result<std::unique_ptr<Ledger>> OpenInMemory() {
  LATCHKEY_ASSIGN(auto connection, Connection::OpenInMemory());
  return std::unique_ptr<Ledger>(std::make_unique<InMemoryLedger>(std::move(connection)));
}

}  // namespace latchkey::ledger
