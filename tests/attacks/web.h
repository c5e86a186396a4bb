// SPDX-License-Identifier: Apache-2.0
// The real portal before a node, and whoever comes to it with a browser or with bare hands.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clients/portal/http/server.h"
#include "clients/portal/portal.h"
#include "crypto/random.h"
#include "tests/attacks/canaries.h"
#include "tests/unit/portal/forms.h"

namespace latchkey::attacks {

inline constexpr std::string_view kPortalHost = "access.harbour.example";
// Connections from here are believed about X-Forwarded-For.
inline constexpr std::string_view kProxyAddress = "127.200.0.1";

class Gateway {
 public:
  Gateway(const std::shared_ptr<grpc::Channel>& channel, Clock& clock);
  ~Gateway();
  uint16_t port() const { return server_->port(); }

 private:
  crypto::SystemRandom random_;
  std::unique_ptr<portal::Backend> backend_;
  std::unique_ptr<portal::Portal> portal_;
  std::unique_ptr<portal::Server> server_;
};

// What the portal answered.
struct Page {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // in order
  std::string body;
  std::string raw;
  // The first of that name; empty: none.
  std::string Find(std::string_view name) const;
  std::string location() const { return Find("Location"); }
  bool Says(std::string_view words) const { return body.find(words) != std::string::npos; }
};
// Without what is different each time by design: date, cookies' values, form tokens.
std::string ShapeOf(const Page& page);

using Headers = std::vector<std::pair<std::string, std::string>>;

// One browser: keeps cookies, reads forms. Its address is any of 127.0.0.0/8. One thread.
class Visitor {
 public:
  Visitor(const Gateway& gateway, Canaries& canaries, std::string party, std::string address)
      : gateway_(gateway),
        canaries_(canaries),
        party_(std::move(party)),
        address_(std::move(address)) {}

  // `more` replaces what is sent by itself; an empty value leaves a header out.
  Page Get(const std::string& target, const Headers& more = {});
  // Opens the page `from`, fills its form in and sends it to `to` (empty: the same).
  Page Submit(const std::string& from, const portal::Fields& fields, const std::string& to = {},
              const Headers& more = {});
  // A form's post with this body, whatever it is; the form token must be in it.
  Page Post(const std::string& target, const std::string& body, const Headers& more = {});
  // The hidden fields that a page's form needs, of the one that it sends to `to` (empty: to
  // itself).
  portal::Fields HiddenOf(const std::string& page, const std::string& to = {});
  // Any bytes, until the portal closes. Nothing is added; cookies that come back are kept.
  Page Raw(const std::string& bytes);

  // What customers do.
  Page SignIn(const std::string& identifier, std::string_view password, const Headers& more = {});
  Page AskForMessage(const std::string& identifier, const std::string& intent = "reset",
                     const Headers& more = {});
  Page TypeCode(const std::string& code, const std::string& identifier = {});
  Page OpenLink(const std::string& token);
  Page SetPassword(std::string_view password);
  Page Unlock() { return Submit("/recover/unlock", {}); }
  Page StopByLink(const std::string& token);
  Page UseBranchToken(const std::string& number, const std::string& token);
  bool HasCookie(const std::string& name) const { return cookies.contains("__Host-" + name); }
  bool signed_in() const { return HasCookie("lk_session"); }

  std::map<std::string, std::string> cookies;
  const std::string& party() const { return party_; }

 private:
  std::string Head(std::string_view method, const std::string& target, const Headers& more) const;

  const Gateway& gateway_;
  Canaries& canaries_;
  const std::string party_;
  const std::string address_;
};

}  // namespace latchkey::attacks
