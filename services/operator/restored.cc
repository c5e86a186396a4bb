// SPDX-License-Identifier: Apache-2.0
// `latchkey restored`: a ledger that was put back from an older copy is made fit to serve again.
#include "services/ledger/restored.h"

#include <ostream>
#include <string>

#include "services/ledger/journal.h"
#include "services/ledger/staff.h"
#include "services/operator/commands.h"
#include "services/operator/open.h"

namespace latchkey::operate {
namespace {

constexpr int kAccountsAtOnce = 500;

Result<int64_t> EndAll(Terminal& terminal, OpenBank& bank, bool passwords_too) {
  Progress progress(terminal, "ending", "accounts");
  LATCHKEY_ASSIGN(const int64_t all, bank.ledger->Query([](ledger::Transaction& tx) {
    return ledger::CountAccounts(tx);
  }));
  int64_t accounts = 0;
  ledger::Ending ending{.after = {}, .limit = kAccountsAtOnce, .passwords_too = passwords_too};
  while (true) {
    LATCHKEY_ASSIGN(const ledger::Ended ended, bank.ledger->Transact([&](ledger::Transaction& tx) {
      return ledger::EndWhatLives(tx, bank.context(), ending);
    }));
    if (!ended.last) return accounts;
    accounts += ended.accounts;
    ending.after = ended.last;
    const auto done = static_cast<uint64_t>(accounts);
    progress.Show(done, static_cast<uint64_t>(all), done);
  }
}

Done EndStaffAndNote(OpenBank& bank, int64_t accounts) {
  return bank.ledger->Commit([&](ledger::Transaction& tx) -> Done {
    LATCHKEY_TRY(ledger::EndAllStaffSessions(tx));
    return ledger::Append(tx, bank.context(),
                          {.event = model::Event::kRestored,
                           .details = "ended what was open on " + std::to_string(accounts) +
                                      " accounts, and every session of staff"});
  });
}

}  // namespace

// The checkpoint file comes last: until it agrees with the ledger the service does not start.
Exit Restored(Terminal& terminal, const RestoredOptions& options) {
  auto bank = Open(options.config);
  if (!bank.ok()) return Refuse(terminal, bank.failure());
  auto accounts = EndAll(terminal, *bank, options.passwords_too);
  if (!accounts.ok()) return Refuse(terminal, accounts.failure());
  if (Done done = EndStaffAndNote(*bank, *accounts); !done.ok())
    return Refuse(terminal, done.failure());
  auto lost =
      ledger::SetAsideLostStretches(*bank->ledger, bank->keys, bank->config.files.checkpoints);
  if (!lost.ok()) return Refuse(terminal, lost.failure());

  terminal.out << "ended: links, codes, sessions and proofs"
               << (options.passwords_too ? ", and passwords" : "") << " of "
               << Grouped(static_cast<uint64_t>(*accounts))
               << (*accounts == 1 ? " account" : " accounts") << ", and every session of staff\n";
  if (!*lost) {
    terminal.notes << "latchkey: the checkpoint file has nothing that the ledger lacks, so it does "
                      "not show what was lost\n";
    return Exit::kDone;
  }
  terminal.out << "lost: " << (*lost)->count << " signed "
               << ((*lost)->count == 1 ? "stretch" : "stretches") << " of the journal, from "
               << (*lost)->first << " on\n";
  terminal.notes << "latchkey: " << (*lost)->kept.string()
                 << " is the proof of what there was: keep it\n";
  return Exit::kDone;
}

}  // namespace latchkey::operate
