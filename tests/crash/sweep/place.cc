// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/sweep/place.h"

#include <cstdlib>

#include "services/base/check.h"
#include "services/ledger/postgres/postgres.h"
#include "tests/contract/engines/postgres.h"

namespace latchkey::crash {
namespace {

namespace fs = std::filesystem;

// One database serves all places, one after the other, and is brought back row by row: a copy of a
// whole database for each trial would take ten times as long.
constexpr ledger::Sql kEmptyDatabase =
    "DO $$ BEGIN"
    " DROP SCHEMA IF EXISTS kept CASCADE;"
    " DROP SCHEMA public CASCADE;"
    " CREATE SCHEMA public;"
    " END $$";
constexpr ledger::Sql kKeepTables =
    "DO $$ DECLARE name TEXT; BEGIN"
    " CREATE SCHEMA kept;"
    " FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP"
    " EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', name, name);"
    " END LOOP; END $$";
constexpr ledger::Sql kBringTablesBack =
    "DO $$ DECLARE name TEXT; BEGIN"
    " FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP"
    " EXECUTE format('DELETE FROM public.%I', name);"
    " EXECUTE format('INSERT INTO public.%I TABLE kept.%I', name, name);"
    " END LOOP; END $$";

void Run(ledger::Ledger& database, ledger::Sql text) {
  LATCHKEY_CHECK(database
                     .Commit([&](ledger::Transaction& tx) -> Done {
                       LATCHKEY_TRY(tx.Run(text));
                       return {};
                     })
                     .ok());
}

}  // namespace

Folder::Folder() {
  const fs::path memory = "/dev/shm";
  std::string made =
      ((fs::is_directory(memory) ? memory : fs::temp_directory_path()) / "latchkey-sweep-XXXXXX")
          .string();
  LATCHKEY_CHECK(mkdtemp(made.data()) != nullptr);
  path_ = made;
}

Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Place::Place(const std::string& engine) : folder_(std::in_place) {
  LATCHKEY_CHECK(engine == "sqlite" || engine == "postgres");
  if (engine == "sqlite") return;
  static const std::string database = testing::ThrowawayPostgres::Shared().NewDatabase();
  conninfo_ = database;
  keeper_ = ledger::OpenPostgres({.conninfo = conninfo_, .connections = 1}).value();
  Run(*keeper_, kEmptyDatabase);
}

std::unique_ptr<House> Place::Open(TimePoint now) const {
  return std::make_unique<House>(folder_->path(), now, conninfo_);
}

void Place::Keep() {
  kept_.emplace();
  fs::copy(folder_->path(), kept_->path(), fs::copy_options::recursive);
  if (keeper_) Run(*keeper_, kKeepTables);
}

void Place::BringBack() {
  folder_.emplace();
  fs::copy(kept_->path(), folder_->path(), fs::copy_options::recursive);
  if (keeper_) Run(*keeper_, kBringTablesBack);
}

}  // namespace latchkey::crash
