// SPDX-License-Identifier: Apache-2.0
// Forms as a browser sends them, and what it reads off a page to do so.
#pragma once

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace latchkey::portal {

using Fields = std::vector<std::pair<std::string, std::string>>;

inline std::string Encode(const Fields& fields) {
  std::string body;
  for (const auto& [name, value] : fields) {
    if (!body.empty()) body += '&';
    body += name + "=";
    for (unsigned char c : value) {
      char escape[4];
      std::snprintf(escape, sizeof escape, "%%%02X", c);
      body += escape;
    }
  }
  return body;
}

// The value of the first hidden field with this name; empty when there is none.
inline std::string HiddenField(const std::string& html, const std::string& name) {
  const std::string start = "name=\"" + name + "\" value=\"";
  const size_t at = html.find(start);
  if (at == std::string::npos) return {};
  return html.substr(at + start.size(), html.find('"', at + start.size()) - at - start.size());
}

// The form of a page that is sent to this path; the whole page when there is none.
inline std::string FormTo(const std::string& html, const std::string& path) {
  const size_t at = html.find(" action=\"" + path + "\"");
  return at == std::string::npos ? html : html.substr(at, html.find("</form>", at) - at);
}

}  // namespace latchkey::portal
