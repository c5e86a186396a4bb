// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/migrate.h"

namespace latchkey::ledger {

Result<int64_t> LoadSchemaVersion(Transaction& tx) {
  LATCHKEY_ASSIGN(Rows rows, tx.Run("SELECT MAX(version) FROM schema_migrations"));
  return rows.empty() ? 0 : rows.front().Int(0);
}

}  // namespace latchkey::ledger
