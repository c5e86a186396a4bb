// SPDX-License-Identifier: Apache-2.0
// A request and its answer as the pages see them: plain values, without the library that carried
// them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace latchkey::portal {

enum class Method { kGet, kHead, kPost, kOther };

struct Header {
  std::string name;
  std::string value;
};

struct Request {
  Method method = Method::kGet;
  std::string target;  // as sent: "/recover/code?x=1"
  std::vector<Header> headers;
  std::string body;
  std::string peer;  // the socket's address, without port

  // How often a header occurs, and its value where it occurs once. Names are compared without case.
  size_t Count(std::string_view name) const;
  std::optional<std::string_view> Find(std::string_view name) const;
  // The path, without query: what routes are compared with, byte for byte (attack P01).
  std::string_view path() const { return std::string_view(target).substr(0, target.find('?')); }
};

struct Response {
  unsigned status = 200;
  std::string type = "text/html; charset=utf-8";
  std::string body = {};
  std::vector<Header> headers = {};
  bool immutable = false;  // a static file whose name holds its digest; everything else is no-store

  std::optional<std::string_view> Find(std::string_view name) const;
};

// Called exactly once for each request, from any thread.
using Respond = std::function<void(Response)>;

// What the server hands requests to. Threads: any, at once.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual void Handle(Request request, Respond respond) = 0;
  // The answer to what never became a request: 400, 408, 413, 431, 503.
  virtual Response Refuse(unsigned status) = 0;
};

bool SameName(std::string_view a, std::string_view b);  // ASCII, without case
std::string_view StatusText(unsigned status);

}  // namespace latchkey::portal
