// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/ledger/engines.h"

#include <unistd.h>

#include <cstdlib>
#include <mutex>
#include <utility>

#include "services/base/check.h"
#include "services/ledger/open.h"
#include "services/ledger/sqlite/in_memory.h"
#include "tests/contract/engines/postgres.h"

namespace latchkey::testing {

Folder::Folder() {
  std::string made = (std::filesystem::temp_directory_path() / "latchkey-ledger-XXXXXX").string();
  LATCHKEY_CHECK(mkdtemp(made.data()) != nullptr);
  path_ = made;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

// The ledger in memory takes one caller at a time; several nodes and threads of a test come one
// after the other.
class LedgerEngine::InMemory {
 public:
  class View final : public ledger::Ledger {
   public:
    explicit View(std::shared_ptr<InMemory> whole) : whole_(std::move(whole)) {}
    Done Commit(const ledger::Work& work) override {
      std::lock_guard turn(whole_->mutex_);
      return whole_->ledger_->Commit(work);
    }
    Done Read(const ledger::Work& work) override {
      std::lock_guard turn(whole_->mutex_);
      return whole_->ledger_->Read(work);
    }
    Result<int64_t> Migrate() override {
      std::lock_guard turn(whole_->mutex_);
      return whole_->ledger_->Migrate();
    }
    std::string_view engine() const override { return whole_->ledger_->engine(); }
    Done Ping() override { return whole_->ledger_->Ping(); }

   private:
    const std::shared_ptr<InMemory> whole_;
  };

 private:
  std::mutex mutex_;
  const std::unique_ptr<ledger::Ledger> ledger_ = ledger::OpenInMemory().value();
};

LedgerEngine::LedgerEngine(const std::string& name) : name_(name) {
  if (name == "postgres") conninfo_ = ThrowawayPostgres::Shared().NewDatabase();
  if (name == "memory") in_memory_ = std::make_shared<InMemory>();
}

std::unique_ptr<ledger::Ledger> LedgerEngine::Open(int connections) const {
  if (in_memory_) return std::make_unique<InMemory::View>(in_memory_);
  auto opened = ledger::Open({.engine = name_,
                              .path = folder_ / "ledger.db",
                              .conninfo = conninfo_,
                              .connections = connections});
  if (!opened.ok()) {
    std::fprintf(stderr, "%s\n", opened.failure().detail.c_str());
    std::abort();
  }
  return std::move(opened).value();
}

LedgerWorld::LedgerWorld(const std::string& engine_name)
    : engine(engine_name),
      ledger(engine.Open()),
      ids(clock, random),
      keys((crypto::Start(), crypto::KeyRing::Generate(random))),
      context{clock, random, ids, keys} {
  auto version = ledger->Migrate();
  if (!version.ok()) std::fprintf(stderr, "%s\n", version.failure().detail.c_str());
  LATCHKEY_CHECK(version.ok());
}

AccountId LedgerWorld::AddAccount(const std::string& login) {
  auto added = ledger->Transact([&](ledger::Transaction& tx) {
    return ledger::InsertAccount(
        tx, context,
        {.name = "Ada " + login,
         .identifiers = {{.kind = model::IdentifierKind::kLogin, .text = login}},
         .contacts = {{model::ContactKind::kEmail, login + "@example.org"}},
         .verifier = "$v$" + login});
  });
  EXPECT_TRUE(added.ok()) << added.failure().detail;
  return added.value();
}

INSTANTIATE_TEST_SUITE_P(Engines, LedgerContract, ::testing::Values("sqlite", "postgres", "memory"),
                         [](const auto& engine) { return engine.param; });
INSTANTIATE_TEST_SUITE_P(Engines, LedgerOfManyContract, ::testing::Values("sqlite", "postgres"),
                         [](const auto& engine) { return engine.param; });

}  // namespace latchkey::testing
