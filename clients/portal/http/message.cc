// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/http/message.h"

#include <algorithm>

namespace latchkey::portal {
namespace {

char LowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::optional<std::string_view> FindOnce(const std::vector<Header>& headers,
                                         std::string_view name) {
  std::optional<std::string_view> found;
  for (const Header& header : headers) {
    if (!SameName(header.name, name)) continue;
    if (found) return std::nullopt;
    found = header.value;
  }
  return found;
}

}  // namespace

bool SameName(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return LowerAscii(x) == LowerAscii(y); });
}

size_t Request::Count(std::string_view name) const {
  return static_cast<size_t>(
      std::count_if(headers.begin(), headers.end(),
                    [&](const Header& header) { return SameName(header.name, name); }));
}

std::optional<std::string_view> Request::Find(std::string_view name) const {
  return FindOnce(headers, name);
}

std::optional<std::string_view> Response::Find(std::string_view name) const {
  return FindOnce(headers, name);
}

std::string_view StatusText(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 303:
      return "See Other";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "Error";
  }
}

}  // namespace latchkey::portal
