// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "services/operator/commands.h"
#include "services/operator/open.h"

namespace latchkey::operate {

Exit Migrate(Terminal& terminal, const std::filesystem::path& config) {
  auto bank = Reach(config, ledger::WhereNone::kMake);
  if (!bank.ok()) return Refuse(terminal, bank.failure());
  auto version = bank->ledger->Migrate();
  if (!version.ok()) return Refuse(terminal, version.failure());
  terminal.out << "the ledger (" << bank->ledger->engine() << ") is at schema version " << *version
               << "\n";
  return Exit::kDone;
}

}  // namespace latchkey::operate
