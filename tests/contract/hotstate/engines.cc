// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/hotstate/engines.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "services/base/check.h"
#include "services/hotstate/redis/redis_hot_state.h"
#include "services/hotstate/sql/sql_hot_state.h"
#include "services/ledger/ledger.h"
#include "services/ledger/postgres/postgres.h"
#include "services/ledger/sqlite/sqlite.h"
#include "tests/contract/engines/postgres.h"
#include "tests/contract/engines/redis.h"
#include "tests/simulation/hot_memory.h"

namespace latchkey::testing {
namespace {

class Folder {
 public:
  Folder() {
    std::string made =
        (std::filesystem::temp_directory_path() / "latchkey-hotstate-XXXXXX").string();
    LATCHKEY_CHECK(mkdtemp(made.data()) != nullptr);
    path_ = made;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

class OwnFile final : public HotStateEngine {
 public:
  std::unique_ptr<hotstate::HotState> Open() override {
    return hotstate::OpenInFile(folder_ / "hot.db").value();
  }

 private:
  Folder folder_;
};

class OnSqliteLedger final : public HotStateEngine {
 public:
  OnSqliteLedger() : ledger_(ledger::OpenSqlite({.path = folder_ / "ledger.db"}).value()) {
    LATCHKEY_CHECK(ledger_->Migrate().ok());
  }
  std::unique_ptr<hotstate::HotState> Open() override {
    return hotstate::OpenOnLedger(*ledger_).value();
  }

 private:
  Folder folder_;
  std::unique_ptr<ledger::Ledger> ledger_;
};

class OnPostgresLedger final : public HotStateEngine {
 public:
  OnPostgresLedger()
      : ledger_(
            ledger::OpenPostgres({.conninfo = ThrowawayPostgres::Shared().NewDatabase()}).value()) {
    LATCHKEY_CHECK(ledger_->Migrate().ok());
  }
  std::unique_ptr<hotstate::HotState> Open() override {
    return hotstate::OpenOnLedger(*ledger_).value();
  }

 private:
  std::unique_ptr<ledger::Ledger> ledger_;
};

class OnRedis final : public HotStateEngine {
 public:
  std::unique_ptr<hotstate::HotState> Open() override {
    return hotstate::OpenRedis({.address = redis_.address(), .timeout = Millis(5'000)}).value();
  }

 private:
  ThrowawayRedis redis_;
};

class InMemory final : public HotStateEngine {
 public:
  std::unique_ptr<hotstate::HotState> Open() override {
    return std::make_unique<simulation::HotMemory>(tables_);
  }

 private:
  std::shared_ptr<simulation::HotTables> tables_ = std::make_shared<simulation::HotTables>();
};

template <typename Engine>
std::unique_ptr<HotStateEngine> Make() {
  return std::make_unique<Engine>();
}

}  // namespace

std::vector<HotStateEngineKind> AllHotStateEngines() {
  return {{"SqliteFile", Make<OwnFile>},
          {"SqliteLedger", Make<OnSqliteLedger>},
          {"PostgresLedger", Make<OnPostgresLedger>},
          {"Redis", Make<OnRedis>},
          {"Memory", Make<InMemory>}};
}

}  // namespace latchkey::testing
