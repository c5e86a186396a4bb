// SPDX-License-Identifier: Apache-2.0
// Where a house keeps what it knows, and how it comes to be again as it was once kept.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/hotstate/redis/connection.h"
#include "tests/crash/sweep/house.h"

namespace latchkey::crash {

// A folder that goes with the test; in memory where there is such a place: thousands of trials need
// no disk.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// What a Redis holds, key by key.
class KeptRedis {
 public:
  explicit KeptRedis(const std::string& address);  // it is emptied
  void Keep();
  void BringBack();

 private:
  hotstate::RedisReply Ask(const std::vector<std::string_view>& words);

  std::unique_ptr<hotstate::RedisPool> pool_;
  struct Key {
    std::string name, millis_left, value;
  };
  std::vector<Key> keys_;
};

// All that outlives one house: the files of a folder and beside them, for "postgres", a database
// with the hot state in it, and for "redis" a Redis with the hot state. For "sqlite" both are
// files. Nobody has it open while it is kept or brought back. One at a time: there is one server of
// each kind.
class Place {
 public:
  explicit Place(const std::string& engine);  // there is nothing in it
  std::unique_ptr<House> Open(TimePoint now) const;
  void Keep();       // once
  void BringBack();  // as it was when it was kept; as often as one likes

 private:
  House::Servers servers_;
  std::unique_ptr<ledger::Ledger> keeper_;  // a connection of its own to the database
  std::optional<KeptRedis> redis_;
  std::optional<Folder> folder_, kept_;
};

}  // namespace latchkey::crash
