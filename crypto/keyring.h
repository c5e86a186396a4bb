// SPDX-License-Identifier: Apache-2.0
// The keys of one bank, by use and version. Kept in one file beside the configuration, never in a
// store.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/secret.h"
#include "services/base/bytes.h"
#include "services/base/random.h"
#include "services/base/result.h"

namespace latchkey::crypto {

enum class KeyUse {
  kPepper,      // mixed into every password before Argon2id
  kToken,       // digests of links, codes, sessions and devices; row MACs
  kField,       // seals the accounts' own keys and message payloads
  kIdentifier,  // finds customers by digest. One version for good: every row would have to be found
                // again
  kJournal,     // chains the journal
  kCheckpoint,  // Ed25519 seed that signs checkpoints
};
inline constexpr std::array kAllKeyUses = {KeyUse::kPepper,  KeyUse::kToken,
                                           KeyUse::kField,   KeyUse::kIdentifier,
                                           KeyUse::kJournal, KeyUse::kCheckpoint};
inline constexpr size_t kKeyBytes = 32;

// Immutable while it is shared: Rotate and Remove are for the operator's command, which loads,
// changes and saves. Threads: any may read. Versions start at 1 and only grow; old versions stay
// readable until removed.
//
// The file has one line for each version, oldest first, such as
//   pepper.2 = "PwGs…"        (32 bytes in base64url; comment lines start with #)
class KeyRing {
 public:
  // A new ring with version 1 of each key (32 random bytes).
  static KeyRing Generate(Random& random);
  // Reads a ring. Fails (kUnavailable) with a line that says what to do when the file is absent,
  // readable by others (mode other than 0600 or 0400), malformed or lacks a use.
  static Result<KeyRing> Load(const std::filesystem::path& path);
  // Writes the ring durably (mode 0600, temporary file, fsync, rename, fsync of the folder).
  Done Save(const std::filesystem::path& path) const;

  KeyRing(KeyRing&&) = default;
  KeyRing& operator=(KeyRing&&) = default;
  KeyRing(const KeyRing&) = delete;
  KeyRing& operator=(const KeyRing&) = delete;

  // Adds the next version of `use` and makes it current. kIdentifier and kJournal cannot be
  // rotated: kNotAllowed.
  Done Rotate(KeyUse use, Random& random);
  // Retires an old version: what was made under it cannot be read, found or verified any more.
  // kNotAllowed for the current version, kNotFound for one that is not there.
  Done Remove(KeyUse use, int version);

  int CurrentVersion(KeyUse use) const;
  const Secret& Current(KeyUse use) const;
  // nullptr when that version is not (any more) in the ring.
  const Secret* At(KeyUse use, int version) const;
  // All versions that are in the ring, newest first.
  std::vector<int> Versions(KeyUse use) const;

 private:
  KeyRing() = default;
  static Result<KeyRing> Parse(std::string_view text, const std::string& file);

  std::map<KeyUse, std::map<int, Secret>> keys_;
};

// The name of a use in files and commands: "pepper", "token", …
std::string_view KeyUseName(KeyUse use);
std::optional<KeyUse> KeyUseFromName(std::string_view name);

}  // namespace latchkey::crypto
