// SPDX-License-Identifier: Apache-2.0
#include "crypto/identity.h"

#include <algorithm>
#include <array>
#include <utility>

#include "services/base/check.h"

namespace latchkey::crypto {
namespace {

constexpr std::string_view kScheme = "spiffe://";
constexpr std::string_view kFolder = "/latchkey/";
constexpr std::string_view kBranchFolder = "branch/";

// The roles whose name is the whole rest of the path.
constexpr std::array<std::pair<std::string_view, Role>, 4> kPlainRoles = {{
    {"portal", Role::kPortal},
    {"ivr", Role::kIvr},
    {"operator", Role::kOperator},
    {"service", Role::kService},
}};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNameCharacter(char c) { return (c >= 'a' && c <= 'z') || IsDigit(c) || c == '-'; }

bool IsName(std::string_view text, size_t longest) {
  return !text.empty() && text.size() <= longest &&
         std::all_of(text.begin(), text.end(), IsNameCharacter);
}

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

bool IsDnsName(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  std::string_view label;
  for (std::string_view rest = text;;) {
    size_t dot = rest.find('.');
    label = rest.substr(0, dot);
    if (!IsName(label, 63) || label.front() == '-' || label.back() == '-') return false;
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  // A last label of digits only would be an address.
  return !std::all_of(label.begin(), label.end(), IsDigit);
}

std::optional<Identity> ParseIdentity(std::string_view uri) {
  if (!TakePrefix(uri, kScheme)) return std::nullopt;
  std::string_view bank = uri.substr(0, uri.find('/'));
  if (!IsDnsName(bank)) return std::nullopt;
  uri.remove_prefix(bank.size());
  if (!TakePrefix(uri, kFolder)) return std::nullopt;
  for (const auto& [name, role] : kPlainRoles) {
    if (uri == name) {
      return Identity{.bank = std::string(bank), .role = role, .branch = {}, .terminal = {}};
    }
  }
  if (!TakePrefix(uri, kBranchFolder)) return std::nullopt;
  size_t slash = uri.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  std::string_view branch = uri.substr(0, slash);
  std::string_view terminal = uri.substr(slash + 1);
  if (!IsName(branch, 32) || !IsName(terminal, 32)) return std::nullopt;
  return Identity{.bank = std::string(bank),
                  .role = Role::kBranch,
                  .branch = std::string(branch),
                  .terminal = std::string(terminal)};
}

std::string ToUri(const Identity& identity) {
  std::string uri = std::string(kScheme) + identity.bank + std::string(kFolder);
  if (identity.role == Role::kBranch) {
    uri += std::string(kBranchFolder) + identity.branch + "/" + identity.terminal;
  } else {
    auto found = std::find_if(kPlainRoles.begin(), kPlainRoles.end(),
                              [&](const auto& entry) { return entry.second == identity.role; });
    LATCHKEY_CHECK(found != kPlainRoles.end());
    uri += found->first;
  }
  return uri;
}

}  // namespace latchkey::crypto
