// SPDX-License-Identifier: Apache-2.0
#include "services/operator/open.h"

#include <utility>

#include "services/ledger/beside.h"
#include "services/ledger/journal.h"
#include "services/ledger/migrate.h"
#include "services/ledger/schema/schema.h"

namespace latchkey::operate {

ledger::LedgerOptions LedgerOptionsOf(const Config& config) {
  bool is_sqlite = config.ledger.engine == Config::Ledger::Engine::kSqlite;
  return {.engine = is_sqlite ? "sqlite" : "postgres",
          .path = config.ledger.path,
          .conninfo = config.ledger.conninfo,
          .connections = 5};
}

Result<OpenBank> Reach(const std::filesystem::path& config_file, ledger::WhereNone where_none) {
  static SystemClock clock;
  static crypto::SystemRandom random;
  static IdMaker ids(clock, random);
  LATCHKEY_ASSIGN(Config config, LoadConfig(config_file));
  LATCHKEY_ASSIGN(crypto::KeyRing keys, crypto::KeyRing::Load(config.files.keys));
  LATCHKEY_ASSIGN(auto ledger, ledger::OpenBeside(LedgerOptionsOf(config), config.files.checkpoints,
                                                  where_none));
  // Where the clock was set back while the service runs, its entries and this command's would carry
  // times in another order than they were written. A ledger without a schema has no entries yet.
  const auto last = ledger::LastEntryAt(*ledger);
  if (const auto at = last.ok() ? *last : std::nullopt) clock.NotBefore(*at);
  return OpenBank{std::move(config), clock, random, ids, std::move(keys), std::move(ledger)};
}

Result<OpenBank> Open(const std::filesystem::path& config_file) {
  LATCHKEY_ASSIGN(OpenBank bank, Reach(config_file, ledger::WhereNone::kRefuse));
  LATCHKEY_TRY(CheckSchema(*bank.ledger));
  LATCHKEY_TRY(ledger::CheckRing(*bank.ledger, bank.keys));
  return bank;
}

Result<int64_t> CheckSchema(ledger::Ledger& ledger) {
  const auto version =
      ledger.Query([](ledger::Transaction& tx) { return ledger::LoadSchemaVersion(tx); });
  if (!version.ok() && version.reason() == Reason::kUnavailable) return version.failure();
  if (!version.ok() || *version < ledger::Migrations().back().version) {
    return Fail(Reason::kNotAllowed,
                "the ledger's schema is older than this program; run latchkey migrate");
  }
  if (Done known = ledger::CheckSchemaVersion(*version); !known.ok())
    return Fail(Reason::kNotAllowed, known.failure().detail);
  return *version;
}

}  // namespace latchkey::operate
