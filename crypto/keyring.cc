// SPDX-License-Identifier: Apache-2.0
#include "crypto/keyring.h"

#include <sodium.h>

#include <charconv>
#include <utility>

#include "crypto/private_file.h"
#include "crypto/token.h"
#include "services/base/check.h"

namespace latchkey::crypto {
namespace {

constexpr size_t kLongestFile = size_t{64} * 1024;  // about a thousand versions
constexpr int kHighestVersion = 1'000'000;
constexpr std::string_view kHeader =
    "# The keys of this bank's Latchkey. Without this file no password, link or record can be "
    "used:\n"
    "# keep a copy in a safe place apart from the database's backups, and show it to nobody.\n";

Failure BadLine(const std::string& file, size_t line, std::string_view what) {
  return Fail(Reason::kUnavailable, file + ", line " + std::to_string(line) + ": " +
                                        std::string(what) + "; restore the file from its backup");
}

Secret NewKey(Random& random) {
  std::string key = random.Take(kKeyBytes);
  return Secret::Adopt(key);
}

struct ParsedLine {
  KeyUse use;
  int version;
  Secret key;
};

// One line `name.version = "base64url"`, byte for byte as Save writes it.
std::optional<ParsedLine> ParseLine(std::string_view line) {
  size_t dot = line.find('.');
  size_t equals = line.find(" = \"");
  if (dot == std::string_view::npos || equals == std::string_view::npos || dot > equals ||
      !line.ends_with('"')) {
    return std::nullopt;
  }
  std::optional<KeyUse> use = KeyUseFromName(line.substr(0, dot));
  std::string_view number = line.substr(dot + 1, equals - dot - 1);
  int version = 0;
  auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), version);
  std::string_view text = line.substr(equals + 4);
  text.remove_suffix(text.empty() ? 0 : 1);
  std::optional<std::string> bytes = FromBase64Url(text);
  if (!use || error != std::errc() || end != number.data() + number.size() || version < 1 ||
      version > kHighestVersion || number[0] == '0' || !bytes || bytes->size() != kKeyBytes) {
    return std::nullopt;
  }
  return ParsedLine{.use = *use, .version = version, .key = Secret::Adopt(*bytes)};
}

}  // namespace

KeyRing KeyRing::Generate(Random& random) {
  KeyRing ring;
  for (KeyUse use : kAllKeyUses) ring.keys_[use].emplace(1, NewKey(random));
  return ring;
}

Result<KeyRing> KeyRing::Load(const std::filesystem::path& path) {
  Result<Secret> contents = ReadPrivateFile(path, kLongestFile);
  if (!contents.ok()) {
    return Fail(contents.reason(), "key ring: " + contents.failure().detail +
                                       " (a lost key ring is restored from its backup; "
                                       "`latchkey init` makes one for a new bank)");
  }
  return Parse(contents->Reveal(), path.string());
}

Result<KeyRing> KeyRing::Parse(std::string_view text, const std::string& file) {
  KeyRing ring;
  for (size_t line_number = 1; !text.empty(); ++line_number) {
    size_t end = text.find('\n');
    if (end == std::string_view::npos) return BadLine(file, line_number, "the last line is cut");
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line.empty() || line.front() == '#') continue;
    std::optional<ParsedLine> parsed = ParseLine(line);
    // The line is not shown: it may hold a key.
    if (!parsed) return BadLine(file, line_number, "this is not `use.version = \"key\"`");
    if (!ring.keys_[parsed->use].emplace(parsed->version, std::move(parsed->key)).second) {
      return BadLine(file, line_number, "this version is there twice");
    }
  }
  for (KeyUse use : kAllKeyUses) {
    if (ring.keys_[use].empty()) {
      return Fail(Reason::kUnavailable, file + " lacks the key `" + std::string(KeyUseName(use)) +
                                            "`; restore the file from its backup");
    }
  }
  return ring;
}

Done KeyRing::Save(const std::filesystem::path& path) const {
  std::string text(kHeader);
  text.reserve(kLongestFile);  // so that growing leaves no copies of keys behind
  for (KeyUse use : kAllKeyUses) {
    for (const auto& [version, key] : keys_.at(use)) {
      Secret encoded(ToBase64Url(key.Reveal()));
      text += std::string(KeyUseName(use)) + "." + std::to_string(version) + " = \"";
      text += encoded.Reveal();
      text += "\"\n";
    }
  }
  Secret contents = Secret::Adopt(text);
  if (contents.size() > kLongestFile) {
    return Fail(Reason::kNotAllowed, "the key ring is full: remove versions that are not used");
  }
  return WritePrivateFile(path, contents.Reveal());
}

Done KeyRing::Rotate(KeyUse use, Random& random) {
  if (use == KeyUse::kIdentifier || use == KeyUse::kJournal) {
    return Fail(Reason::kNotAllowed,
                "the key `" + std::string(KeyUseName(use)) + "` cannot be rotated");
  }
  int next = CurrentVersion(use) + 1;
  if (next > kHighestVersion) return Fail(Reason::kNotAllowed, "no version is left");
  keys_.at(use).emplace(next, NewKey(random));
  return {};
}

Done KeyRing::Remove(KeyUse use, int version) {
  if (version == CurrentVersion(use)) {
    return Fail(Reason::kNotAllowed, "version " + std::to_string(version) + " of the key `" +
                                         std::string(KeyUseName(use)) +
                                         "` is the current one: rotate first");
  }
  if (keys_.at(use).erase(version) == 0) {
    return Fail(Reason::kNotFound, "the key `" + std::string(KeyUseName(use)) +
                                       "` has no version " + std::to_string(version));
  }
  return {};
}

int KeyRing::CurrentVersion(KeyUse use) const { return keys_.at(use).rbegin()->first; }

const Secret& KeyRing::Current(KeyUse use) const { return keys_.at(use).rbegin()->second; }

const Secret* KeyRing::At(KeyUse use, int version) const {
  const auto& versions = keys_.at(use);
  auto found = versions.find(version);
  return found == versions.end() ? nullptr : &found->second;
}

std::vector<int> KeyRing::Versions(KeyUse use) const {
  std::vector<int> versions;
  for (const auto& [version, key] : keys_.at(use)) versions.insert(versions.begin(), version);
  return versions;
}

std::string_view KeyUseName(KeyUse use) {
  switch (use) {
    case KeyUse::kPepper:
      return "pepper";
    case KeyUse::kToken:
      return "token";
    case KeyUse::kField:
      return "field";
    case KeyUse::kIdentifier:
      return "identifier";
    case KeyUse::kJournal:
      return "journal";
    case KeyUse::kCheckpoint:
      return "checkpoint";
  }
  LATCHKEY_CHECK(false);
  return {};
}

std::optional<KeyUse> KeyUseFromName(std::string_view name) {
  for (KeyUse use : kAllKeyUses) {
    if (name == KeyUseName(use)) return use;
  }
  return std::nullopt;
}

}  // namespace latchkey::crypto
