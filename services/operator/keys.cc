// SPDX-License-Identifier: Apache-2.0
// Keys are changed in the ring's file; a running service reads it at its next start.
#include <functional>
#include <ostream>
#include <string>

#include "services/ledger/journal.h"
#include "services/ledger/key_use.h"
#include "services/operator/commands.h"
#include "services/operator/open.h"

namespace latchkey::operate {
namespace {

Result<crypto::KeyUse> UseOf(const std::string& name) {
  if (auto use = crypto::KeyUseFromName(name)) return *use;
  std::string known;
  for (crypto::KeyUse use : crypto::kAllKeyUses) {
    known += (known.empty() ? "" : ", ") + std::string(crypto::KeyUseName(use));
  }
  return Malformed("use", "there is no such key; known are: " + known);
}

// The ring on disk is changed first: were the entry first and the ring not written, the journal
// would tell of a key that never was. The other way round the next command can write the entry
// again.
Done JournalRotation(OpenBank& bank, const std::string& details) {
  return bank.ledger->Commit([&](ledger::Transaction& tx) -> Done {
    model::Entry entry;
    entry.event = model::Event::kKeyRotated;
    entry.details = details;
    return ledger::Append(tx, bank.context(), entry);
  });
}

Exit Change(Terminal& terminal, const std::filesystem::path& config, const std::string& name,
            const std::function<Result<std::string>(OpenBank&, crypto::KeyUse)>& change) {
  auto bank = Open(config);
  if (!bank.ok()) return Refuse(terminal, bank.failure());
  auto use = UseOf(name);
  if (!use.ok()) return Refuse(terminal, use.failure());
  auto said = change(*bank, *use);
  if (!said.ok()) return Refuse(terminal, said.failure());
  if (Done saved = bank->keys.Save(bank->config.files.keys); !saved.ok())
    return Refuse(terminal, saved.failure());
  if (Done done = JournalRotation(*bank, *said); !done.ok())
    return Refuse(terminal, done.failure());
  terminal.out << *said << "\n";
  terminal.notes << "latchkey: back up " << bank->config.files.keys.string()
                 << " now, copy it to every node, and restart latchkeyd there\n";
  return Exit::kDone;
}

// Nothing may become unreadable by a key that goes.
Done MayRetire(OpenBank& bank, crypto::KeyUse use, int version) {
  if (version == bank.keys.CurrentVersion(use)) {
    return Fail(Reason::kNotAllowed, "that is the current version; rotate first");
  }
  if (use == crypto::KeyUse::kCheckpoint) {
    return Fail(Reason::kNotAllowed, "earlier checkpoints are verified by it; it stays for good");
  }
  LATCHKEY_ASSIGN(int64_t rows, bank.ledger->Query([&](ledger::Transaction& tx) {
    return ledger::CountUnderKey(tx, use, version);
  }));
  if (rows == 0) return {};
  std::string why = use == crypto::KeyUse::kPepper
                        ? " passwords hang on it; each moves on when its owner signs in"
                        : " rows are sealed under it; it has to stay";
  return Fail(Reason::kNotAllowed, Grouped(static_cast<uint64_t>(rows)) + why);
}

}  // namespace

Exit KeysList(Terminal& terminal, const std::filesystem::path& config_file) {
  auto config = LoadConfig(config_file);
  if (!config.ok()) return Refuse(terminal, config.failure());
  auto keys = crypto::KeyRing::Load(config->files.keys);
  if (!keys.ok()) return Refuse(terminal, keys.failure());
  for (crypto::KeyUse use : crypto::kAllKeyUses) {
    terminal.out << crypto::KeyUseName(use) << ": current " << keys->CurrentVersion(use)
                 << ", kept";
    for (int version : keys->Versions(use)) terminal.out << " " << version;
    terminal.out << "\n";
  }
  return Exit::kDone;
}

Exit KeysRotate(Terminal& terminal, const std::filesystem::path& config, const std::string& name) {
  return Change(
      terminal, config, name, [&](OpenBank& bank, crypto::KeyUse use) -> Result<std::string> {
        Done done = bank.keys.Rotate(use, bank.random);
        if (!done.ok() && done.failure().reason == Reason::kNotAllowed) {
          return Fail(Reason::kNotAllowed,
                      name + " has one version for good: everything would have to be found again");
        }
        LATCHKEY_TRY(done);
        return name + " is now version " + std::to_string(bank.keys.CurrentVersion(use));
      });
}

Exit KeysRetire(Terminal& terminal, const std::filesystem::path& config, const std::string& name,
                int version) {
  return Change(
      terminal, config, name, [&](OpenBank& bank, crypto::KeyUse use) -> Result<std::string> {
        LATCHKEY_TRY(MayRetire(bank, use, version));
        Done done = bank.keys.Remove(use, version);
        if (!done.ok() && done.failure().reason == Reason::kNotFound) {
          return Fail(Reason::kNotFound, name + " has no version " + std::to_string(version));
        }
        LATCHKEY_TRY(done);
        return name + " version " + std::to_string(version) +
               " is retired; what was made under it cannot be read any more";
      });
}

}  // namespace latchkey::operate
