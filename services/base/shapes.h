// SPDX-License-Identifier: Apache-2.0
// Shapes that a bank's settings must have, said once: the reader of the configuration refuses what
// does not fit and names its line, and the room that uses a value refuses it whoever brought it.
#pragma once

#include <cstddef>
#include <string_view>

namespace latchkey {

// ASCII letters, digits and hyphens in labels of at most 63 bytes, separated by dots.
bool IsHostName(std::string_view text);
// A host name, or an IPv6 address without brackets.
bool IsHost(std::string_view text);
// 1 to `longest` bytes without control characters.
bool IsPlainText(std::string_view text, size_t longest);
constexpr size_t kLongestBankName = 80;
// A telephone number as it is printed, such as "+44 20 7946 0000": 3 digits at least, 40 bytes at
// most, and plain text.
bool IsPrintedPhone(std::string_view text);
// Scheme, host, maybe a port; nothing that could make a link's secret land in another part of the
// URL. http only for this very machine, and no host in punycode: one look, one bank (attack I10).
bool IsPortalUrl(std::string_view text);
// The bank's own address: an ASCII dot-atom (RFC 5322) of at most 64 bytes, "@", a host name. Every
// relay takes it.
bool IsSenderAddress(std::string_view text);
// "#rrggbb".
bool IsColor(std::string_view text);
// "UTC", or a zone that this machine knows, such as "Europe/Berlin". Reads /usr/share/zoneinfo.
bool IsTimeZone(std::string_view text);
// Has translated messages.
bool IsTranslated(std::string_view language);

}  // namespace latchkey
