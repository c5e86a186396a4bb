// SPDX-License-Identifier: Apache-2.0
// One canonical form for each identifier, made here and nowhere else, compared byte for byte
// (attacks L02, K02, I08).
//
// The kind follows from the text alone, so that no text can name two accounts: "@" makes an e-mail
// address, a leading
// "+" or "00" a phone number, digits only a customer number, anything else a login name.
#pragma once

#include <string>
#include <string_view>

#include "services/base/result.h"
#include "services/model/account.h"

namespace latchkey::model {

inline constexpr size_t kMaxIdentifierBytes = 254;

// What a customer typed, as the identifier it can only be. kMalformed when it can be none: too
// long, control, bidi or invisible characters, not UTF-8, mixed scripts. Surrounding blanks are
// dropped. Canonical forms map to themselves.
// - login: NFC, lower case; letters, digits, . _ -; one script besides ASCII digits; has a letter
// - customer number: 6 to 12 ASCII digits, not "00…"; blanks and hyphens between them are dropped
// - e-mail: local part in lower case if ASCII, else NFC; domain as IDNA2008 A-labels in lower case
// - phone: + and 8 to 15 digits (E.164); blanks, hyphens, dots, slashes, brackets and "(0)" are
//   dropped, 00 becomes +
// Look-alikes (dotless i, Kelvin sign, full width, …) are refused, never folded.
Result<Identifier> CanonicalIdentifier(std::string_view typed);

// The same for one kind, for imports.
Result<Identifier> CanonicalOf(IdentifierKind kind, std::string_view typed);

// A password as it is hashed: UTF-8 in NFC, nothing cut or trimmed (NIST SP 800-63B-4, 3.1.1.2).
// kMalformed (field "password") when it is empty, over 1024 bytes, not UTF-8 or holds NUL or
// control characters.
Result<std::string> CanonicalPassword(std::string_view typed);

// A person's name for display: NFC, no control or bidi characters, 1 to 200 bytes.
Result<std::string> CanonicalName(std::string_view typed);

// "a•••@example.org", "••• 4711": enough to recognise one's own, too little to learn another's.
std::string MaskContact(ContactKind kind, std::string_view address);

}  // namespace latchkey::model
