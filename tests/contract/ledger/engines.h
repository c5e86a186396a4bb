// SPDX-License-Identifier: Apache-2.0
// The engines that the ledger's contract runs on, and a world of stores over one of them.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "crypto/keyring.h"
#include "crypto/random.h"
#include "services/base/clock.h"
#include "services/base/ids.h"
#include "services/ledger/accounts.h"
#include "services/ledger/ledger.h"

namespace latchkey::testing {

// A folder that goes with the test.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// One empty database, of "sqlite", "postgres" or "memory". `Open` gives another node's view of it.
class LedgerEngine {
 public:
  explicit LedgerEngine(const std::string& name);
  std::unique_ptr<ledger::Ledger> Open(int connections = 8) const;
  Folder& folder() { return folder_; }

 private:
  std::string name_;
  std::string conninfo_;
  Folder folder_;
  class InMemory;
  std::shared_ptr<InMemory> in_memory_;
};

// Keys, clock and ids as the service has them, over one migrated ledger.
struct LedgerWorld {
  explicit LedgerWorld(const std::string& engine_name);
  // An account named by this login, with one e-mail contact.
  AccountId AddAccount(const std::string& login);

  LedgerEngine engine;
  std::unique_ptr<ledger::Ledger> ledger;
  ManualClock clock;
  crypto::SystemRandom random;
  IdMaker ids;
  crypto::KeyRing keys;
  ledger::StoreContext context;
};

// Every test of the contract runs once for each engine.
class LedgerContract : public ::testing::TestWithParam<std::string> {};
// What needs a transaction while another one is open: not for the ledger in memory, which has one
// connection.
class LedgerOfManyContract : public ::testing::TestWithParam<std::string> {};

}  // namespace latchkey::testing
