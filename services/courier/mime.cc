// SPDX-License-Identifier: Apache-2.0
#include "services/courier/mime.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace latchkey::courier {
namespace {

constexpr size_t kLongestLine = 76;
// "=_" cannot occur in quoted-printable text, so the boundary cannot either.
constexpr std::string_view kBoundary = "=_latchkey_alternative";

std::string Hex(unsigned char byte) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  return {'=', kDigits[byte >> 4], kDigits[byte & 15]};
}

bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c >= 0x20 && c < 0x7f; }) &&
         text.find("=?") == std::string_view::npos;
}

// A display name in front of an address: quoted when plain, encoded otherwise.
std::string DisplayName(std::string_view name) {
  if (!IsPlain(name)) return HeaderText(name);
  std::string quoted = "\"";
  for (char c : name) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string Part(std::string_view type, std::string_view body) {
  std::string part = "--" + std::string(kBoundary) + "\r\n";
  part += "Content-Type: " + std::string(type) + "; charset=utf-8\r\n";
  part += "Content-Transfer-Encoding: quoted-printable\r\n\r\n";
  return part + QuotedPrintable(body) + "\r\n";
}

}  // namespace

std::string QuotedPrintable(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  size_t column = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '\n') {
      out += "\r\n";
      column = 0;
      continue;
    }
    // A blank before the line's end would be lost on the way.
    const bool last = i + 1 == text.size() || text[i + 1] == '\n';
    const bool plain = (c > 0x20 && c < 0x7f && c != '=') || (c == ' ' && !last);
    const size_t width = plain ? 1 : 3;
    if (column + width > kLongestLine - 1) {
      out += "=\r\n";
      column = 0;
    }
    column += width;
    if (plain) {
      out += text[i];
    } else {
      out += Hex(c);
    }
  }
  return out;
}

std::string HeaderText(std::string_view text) {
  if (IsPlain(text)) return std::string(text);
  // An encoded word has at most 75 bytes; 12 of them are its frame (RFC 2047, section 2).
  constexpr size_t kBytesPerWord = 60;
  std::string out;
  std::string word;
  auto flush = [&] {
    if (word.empty()) return;
    if (!out.empty()) out += "\r\n ";
    out += "=?utf-8?Q?" + word + "?=";
    word.clear();
  };
  for (size_t i = 0; i < text.size();) {
    size_t next = i + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xc0) == 0x80) ++next;
    std::string encoded;
    for (; i < next; ++i) {
      const auto c = static_cast<unsigned char>(text[i]);
      const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      encoded += c == ' ' ? std::string("_") : plain ? std::string(1, text[i]) : Hex(c);
    }
    if (word.size() + encoded.size() > kBytesPerWord) flush();
    word += encoded;
  }
  flush();
  return out;
}

std::string HeaderDate(TimePoint at) {
  static constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed",
                                                       "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(at - day));
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d +0000",
                kDays[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text.data();
}

std::string WriteMail(const Mail& mail) {
  std::string out;
  auto header = [&out](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  header("Date", HeaderDate(mail.at));
  header("From", DisplayName(mail.from_name) + " <" + mail.from_address + ">");
  header("To", "<" + mail.to_address + ">");
  header("Subject", HeaderText(mail.subject));
  header("Message-ID", "<" + mail.message_id + ">");
  // RFC 3834, and the header by which Exchange keeps its out-of-office replies to itself.
  header("Auto-Submitted", "auto-generated");
  header("X-Auto-Response-Suppress", "All");
  header("Content-Language", mail.language);
  header("MIME-Version", "1.0");
  header("Content-Type", "multipart/alternative; boundary=\"" + std::string(kBoundary) + "\"");
  out += "\r\n";
  out += Part("text/plain", mail.text);
  out += Part("text/html", mail.html);
  out += "--" + std::string(kBoundary) + "--\r\n";
  return out;
}

}  // namespace latchkey::courier
