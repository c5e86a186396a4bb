// SPDX-License-Identifier: Apache-2.0
// Who is calling: read from the single URI name of the peer's certificate, and nothing else.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace latchkey::crypto {

enum class Role { kPortal, kIvr, kBranch, kOperator, kService };

// spiffe://<bank>/latchkey/portal | ivr | operator | service | branch/<branch>/<terminal>
struct Identity {
  std::string bank;  // DNS name in lower case
  Role role = Role::kPortal;
  std::string branch;    // kBranch only: [a-z0-9-]{1,32}
  std::string terminal;  // kBranch only: [a-z0-9-]{1,32}
  bool operator==(const Identity&) const = default;
};

// nullopt unless the whole text is one of the forms above, byte for byte: no query, no port, no
// percent signs, no NUL.
std::optional<Identity> ParseIdentity(std::string_view uri);
std::string ToUri(const Identity& identity);

// A DNS name in lower case as RFC 1123 spells it; no address, no wildcard, no dot at the end.
bool IsDnsName(std::string_view text);

}  // namespace latchkey::crypto
