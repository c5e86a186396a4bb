// SPDX-License-Identifier: Apache-2.0
// Keys are changed in the ring's file; a running service reads it at its next start.
#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <system_error>
#include <vector>

#include "services/ledger/journal.h"
#include "services/ledger/key_use.h"
#include "services/operator/commands.h"
#include "services/operator/open.h"

namespace latchkey::operate {
namespace {

constexpr Millis kRestartWithin = std::chrono::hours(24);
constexpr int kMostRotations = 10'000;

Result<crypto::KeyUse> UseOf(const std::string& name) {
  if (auto use = crypto::KeyUseFromName(name)) return *use;
  return Malformed("use", "there is no key \"" + name +
                              "\"; pepper, token, field and checkpoint can be rotated");
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
                 << " now, copy it to every node, and restart every latchkeyd before anything is "
                    "imported or anybody is added: until then it cannot read what is made under a "
                    "new key\n";
  return Exit::kDone;
}

// The last moment at which a row can have been made under the version: the rotation to the next,
// and a day in which every node was to be restarted. Without its entry: now.
Result<TimePoint> MadeUntil(OpenBank& bank, crypto::KeyUse use, int version) {
  LATCHKEY_ASSIGN(auto lines, bank.ledger->Query([&](ledger::Transaction& tx) {
    return ledger::LoadRecent(tx, bank.keys, AccountId{}, kMostRotations,
                              model::Event::kKeyRotated);
  }));
  const std::string rotated = ledger::RotationDetails(use, version + 1);
  for (const model::JournalLine& line : lines) {
    if (line.entry.details == rotated) return line.at + kRestartWithin;
  }
  return bank.clock.Now();
}

Result<std::vector<ledger::KeyUser>> UsersOf(OpenBank& bank, crypto::KeyUse use, int version) {
  if (use != crypto::KeyUse::kToken) {
    return bank.ledger->Query([&](ledger::Transaction& tx) {
      return ledger::CountUnderKey(tx, bank.keys, use, version);
    });
  }
  const TimePoint now = bank.clock.Now();
  LATCHKEY_ASSIGN(const TimePoint made_until, MadeUntil(bank, use, version));
  return bank.ledger->Query([&](ledger::Transaction& tx) {
    return ledger::CountUnderTokenKey(
        tx,
        {.made_until = made_until, .now = now, .devices_since = now - bank.config.sessions.device});
  });
}

std::string WayOn(crypto::KeyUse use) {
  switch (use) {
    case crypto::KeyUse::kPepper:
      return "each password moves on when its owner signs in";
    case crypto::KeyUse::kToken:
      return "all end by themselves, devices when they were not seen for sessions.device_days; "
             "keep "
             "the version until then";
    case crypto::KeyUse::kField:
      return "requests and answers end within a day; the others have to stay, and the version with "
             "them";
    case crypto::KeyUse::kIdentifier:
    case crypto::KeyUse::kJournal:
    case crypto::KeyUse::kCheckpoint:
      break;
  }
  return "it has to stay";
}

// Requests that came while the ledger was away wait in files, sealed under the field key.
Done SpoolIsEmpty(const std::filesystem::path& folder) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.is_regular_file(error) && entry.file_size(error) > 0) {
      return Fail(Reason::kNotAllowed,
                  "requests wait in " + folder.string() +
                      "; a running latchkeyd takes them from there when the ledger is back");
    }
  }
  return {};
}

Failure OneVersionForGood(const std::string& name) {
  return Fail(Reason::kNotAllowed,
              name +
                  " has one version for good: everything would have to be found again; pepper, "
                  "token, field and checkpoint can be rotated");
}

// Nothing may become unreadable by a key that goes.
Done MayRetire(OpenBank& bank, crypto::KeyUse use, int version) {
  if (use == crypto::KeyUse::kIdentifier || use == crypto::KeyUse::kJournal)
    return OneVersionForGood(std::string(crypto::KeyUseName(use)));
  if (version == bank.keys.CurrentVersion(use)) {
    return Fail(Reason::kNotAllowed, "that is the current version; rotate first");
  }
  if (use == crypto::KeyUse::kCheckpoint) {
    return Fail(Reason::kNotAllowed, "earlier checkpoints are verified by it; it stays for good");
  }
  if (use == crypto::KeyUse::kField) LATCHKEY_TRY(SpoolIsEmpty(bank.config.files.spool));
  LATCHKEY_ASSIGN(const auto users, UsersOf(bank, use, version));
  if (users.empty()) return {};
  std::string all;
  for (const ledger::KeyUser& user : users) {
    all += (all.empty() ? "" : ", ") + std::string(user.what) + " (" +
           Grouped(static_cast<uint64_t>(user.rows)) + ")";
  }
  return Fail(Reason::kNotAllowed, "still needed: " + all + "; " + WayOn(use));
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
  return Change(terminal, config, name,
                [&](OpenBank& bank, crypto::KeyUse use) -> Result<std::string> {
                  Done done = bank.keys.Rotate(use, bank.random);
                  if (!done.ok() && done.failure().reason == Reason::kNotAllowed) {
                    return OneVersionForGood(name);
                  }
                  LATCHKEY_TRY(std::move(done));
                  return ledger::RotationDetails(use, bank.keys.CurrentVersion(use));
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
        LATCHKEY_TRY(std::move(done));
        return name + " version " + std::to_string(version) +
               " is retired; what was made under it cannot be read any more";
      });
}

}  // namespace latchkey::operate
