// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/sweep/place.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "services/base/check.h"
#include "services/ledger/postgres/postgres.h"
#include "tests/contract/engines/postgres.h"
#include "tests/contract/engines/redis.h"

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

KeptRedis::KeptRedis(const std::string& address)
    : pool_(std::make_unique<hotstate::RedisPool>(
          hotstate::RedisOptions{.address = address, .timeout = Millis(10'000)})) {
  BringBack();
}

hotstate::RedisReply KeptRedis::Ask(const std::vector<std::string_view>& words) {
  auto reply = pool_->Run(words);
  LATCHKEY_CHECK(reply.ok() && reply->kind != hotstate::RedisReply::Kind::kError);
  return std::move(*reply);
}

void KeptRedis::Keep() {
  for (const auto& key : Ask({"KEYS", "*"}).list) {
    // -1: it stays until it is removed, which RESTORE calls 0.
    const int64_t left = std::max<int64_t>(0, Ask({"PTTL", key.text}).number);
    const auto dump = Ask({"DUMP", key.text});
    if (dump.kind == hotstate::RedisReply::Kind::kNothing) continue;  // its time has just ended
    keys_.push_back({key.text, std::to_string(left), dump.text});
  }
}

void KeptRedis::BringBack() {
  Ask({"FLUSHALL"});
  for (const Key& key : keys_) Ask({"RESTORE", key.name, key.millis_left, key.value});
}

Place::Place(const std::string& engine) : folder_(std::in_place) {
  LATCHKEY_CHECK(engine == "sqlite" || engine == "postgres" || engine == "redis");
  if (engine == "postgres") {
    static const std::string database = testing::ThrowawayPostgres::Shared().NewDatabase();
    servers_.conninfo = database;
    keeper_ = ledger::OpenPostgres({.conninfo = database, .connections = 1}).value();
    Run(*keeper_, kEmptyDatabase);
  }
  if (engine == "redis") {
    static const testing::ThrowawayRedis server;
    servers_.redis_address = server.address();
    redis_.emplace(server.address());
  }
}

std::unique_ptr<House> Place::Open(TimePoint now) const {
  return std::make_unique<House>(folder_->path(), now, servers_);
}

void Place::Keep() {
  kept_.emplace();
  fs::copy(folder_->path(), kept_->path(), fs::copy_options::recursive);
  if (keeper_) Run(*keeper_, kKeepTables);
  if (redis_) redis_->Keep();
}

void Place::BringBack() {
  folder_.emplace();
  fs::copy(kept_->path(), folder_->path(), fs::copy_options::recursive);
  if (keeper_) Run(*keeper_, kBringTablesBack);
  if (redis_) redis_->BringBack();
}

}  // namespace latchkey::crash
