// SPDX-License-Identifier: Apache-2.0
// Reads a mail as its receiver does, written apart from what writes it.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/base/check.h"

namespace latchkey::courier {

inline std::vector<std::string> LinesIn(std::string_view text, std::string_view end) {
  std::vector<std::string> lines;
  for (size_t at = 0; at <= text.size();) {
    const size_t stop = std::min(text.find(end, at), text.size());
    lines.emplace_back(text.substr(at, stop - at));
    at = stop + end.size();
  }
  return lines;
}

inline char FromHexPair(std::string_view pair) {
  LATCHKEY_CHECK(pair.size() == 2);
  return static_cast<char>(std::strtol(std::string(pair).c_str(), nullptr, 16));
}

// RFC 2045, section 6.7, strictly: lines of at most 76 bytes, no blank at a line's end.
inline std::string FromQuotedPrintable(std::string_view body) {
  std::string out;
  bool soft = true;
  for (const std::string& line : LinesIn(body, "\r\n")) {
    if (!soft) out += '\n';
    soft = !line.empty() && line.back() == '=';
    LATCHKEY_CHECK(line.size() <= 76 && (line.empty() || line.back() != ' '));
    const size_t size = line.size() - (soft ? 1 : 0);
    for (size_t i = 0; i < size; ++i) {
      LATCHKEY_CHECK(line[i] >= 0x20 && line[i] < 0x7f);
      if (line[i] == '=') {
        out += FromHexPair(std::string_view(line).substr(i + 1, 2));
        i += 2;
      } else {
        out += line[i];
      }
    }
  }
  return out;
}

// RFC 2047: blanks between two encoded words do not count.
inline std::string FromEncodedWords(std::string_view value) {
  constexpr std::string_view kOpen = "=?utf-8?Q?";
  std::string out;
  bool after_word = false;
  while (!value.empty()) {
    const size_t open = std::min(value.find(kOpen), value.size());
    const std::string_view between = value.substr(0, open);
    if (!after_word || between.find_first_not_of(" \r\n") != std::string_view::npos) out += between;
    value.remove_prefix(open);
    if (value.empty()) break;
    const size_t close = value.find("?=", kOpen.size());
    LATCHKEY_CHECK(close != std::string_view::npos && close + 2 <= 75);
    const std::string_view word = value.substr(kOpen.size(), close - kOpen.size());
    for (size_t i = 0; i < word.size(); ++i) {
      if (word[i] == '=') {
        out += FromHexPair(word.substr(i + 1, 2));
        i += 2;
      } else {
        out += word[i] == '_' ? ' ' : word[i];
      }
    }
    value.remove_prefix(close + 2);
    after_word = true;
  }
  return out;
}

struct MailAsRead {
  std::vector<std::pair<std::string, std::string>> headers;  // unfolded, still encoded
  std::string body;                                          // as it came
  std::string text, html;

  bool has(std::string_view name) const { return count(name) > 0; }
  int count(std::string_view name) const {
    int found = 0;
    for (const auto& header : headers) found += header.first == name ? 1 : 0;
    return found;
  }
  std::string operator[](std::string_view name) const {
    for (const auto& header : headers) {
      if (header.first == name) return header.second;
    }
    return "(none)";
  }
};

inline MailAsRead ReadMailText(std::string_view raw) {
  MailAsRead mail;
  const size_t blank = raw.find("\r\n\r\n");
  LATCHKEY_CHECK(blank != std::string_view::npos);
  for (const std::string& line : LinesIn(raw.substr(0, blank), "\r\n")) {
    if (line.front() == ' ') {
      mail.headers.back().second += line;
      continue;
    }
    const size_t colon = line.find(": ");
    LATCHKEY_CHECK(colon != std::string::npos);
    mail.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  mail.body = raw.substr(blank + 4);
  const std::string type = mail["Content-Type"];
  const size_t quote = type.find("boundary=\"");
  LATCHKEY_CHECK(quote != std::string::npos);
  const std::string boundary =
      "--" + type.substr(quote + 10, type.find('"', quote + 10) - quote - 10);
  for (size_t at = mail.body.find(boundary); at != std::string::npos;) {
    const size_t next = mail.body.find("\r\n" + boundary, at + 1);
    if (next == std::string::npos) break;
    const std::string part = mail.body.substr(at, next - at);
    const size_t start = part.find("\r\n\r\n") + 4;
    (part.find("text/html") < start ? mail.html : mail.text) =
        FromQuotedPrintable(part.substr(start));
    at = next + 2;
  }
  return mail;
}

}  // namespace latchkey::courier
