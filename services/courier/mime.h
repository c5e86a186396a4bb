// SPDX-License-Identifier: Apache-2.0
// A message as it travels: RFC 5322 headers and a multipart/alternative body of text and HTML.
#pragma once

#include <string>
#include <string_view>

#include "services/base/clock.h"

namespace latchkey::courier {

struct Mail {
  std::string from_name;
  std::string from_address;
  std::string to_address;
  std::string message_id;  // without the angle brackets
  std::string language;
  TimePoint at;
  std::string subject;
  std::string text;
  std::string html;
};

// The whole message with CRLF line ends and no line over 76 bytes in its body. A pure function:
// sent twice, a mail is the same to the last byte. The addresses have to be checked before
// (IsMailAddress).
std::string WriteMail(const Mail& mail);

// RFC 2045 quoted-printable; lines of `text` end in LF.
std::string QuotedPrintable(std::string_view text);
// A header's value: itself when plain ASCII, else RFC 2047 encoded words, folded, none cutting a
// character in two.
std::string HeaderText(std::string_view text);
// "Thu, 05 Mar 2027 14:02:11 +0000"
std::string HeaderDate(TimePoint at);

}  // namespace latchkey::courier
