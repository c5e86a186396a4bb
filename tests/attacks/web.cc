// SPDX-License-Identifier: Apache-2.0
#include "tests/attacks/web.h"

#include <algorithm>

#include "clients/portal/grpc_backend.h"
#include "crypto/token.h"
#include "services/base/check.h"
#include "services/base/log.h"
#include "tests/unit/portal/wire.h"

namespace latchkey::attacks {
namespace {

portal::PortalConfig ConfigOfPortal() {
  portal::PortalConfig config;
  config.base_url = "https://" + std::string(kPortalHost);
  config.trusted_proxies = {std::string(kProxyAddress)};
  config.share = PORTAL_SHARE;
  config.bank.name = "Harbour Bank";
  config.bank.phone = "+49 30 1234567";
  return config;
}

void TakeCookie(const std::string& text, std::map<std::string, std::string>& cookies) {
  const size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  const std::string value = text.substr(equals + 1, text.find(';') - equals - 1);
  if (value.empty()) {
    cookies.erase(name);
  } else {
    cookies[name] = value;
  }
}

Page ParsePage(std::string raw) {
  Page page;
  page.raw = std::move(raw);
  const size_t end = page.raw.find("\r\n\r\n");
  if (end == std::string::npos || page.raw.size() < 12) return page;
  page.status = std::atoi(page.raw.c_str() + 9);
  page.body = page.raw.substr(end + 4);
  for (size_t at = page.raw.find("\r\n") + 2; at < end;) {
    const size_t stop = page.raw.find("\r\n", at);
    const std::string line = page.raw.substr(at, stop - at);
    const size_t colon = line.find(": ");
    if (colon != std::string::npos)
      page.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    at = stop + 2;
  }
  return page;
}

// Replaces what stands between `before` and `after`, everywhere.
void Mask(std::string& text, std::string_view before, std::string_view after) {
  for (size_t at = text.find(before); at != std::string::npos; at = text.find(before, at + 1)) {
    const size_t begin = at + before.size();
    const size_t end = text.find(after, begin);
    if (end == std::string::npos) return;
    text.replace(begin, end - begin, std::string(end - begin, '*'));
  }
}

}  // namespace

Gateway::Gateway(const std::shared_ptr<grpc::Channel>& channel, Clock& clock)
    : backend_(portal::MakeGrpcBackend(channel, std::chrono::seconds(60))) {
  auto made =
      portal::Portal::Make(ConfigOfPortal(), Secret(random_.Take(32)), *backend_, clock, random_);
  LATCHKEY_CHECK(made.ok());
  portal_ = std::move(made).value();
  portal::ServerOptions options{.address = "127.0.0.1"};
  options.limits.connections_per_source = 1'000;
  options.is_proxy = [this](const std::string& peer) { return portal_->IsProxy(peer); };
  // The log line of clients/portal/main.cc.
  auto started =
      portal::Server::Start(std::move(options), *portal_, [this](const portal::AccessLine& line) {
        log::Info("portal.request", {{"method", line.method},
                                     {"page", portal_->IsPage(line.path) ? line.path : "other"},
                                     {"status", line.status},
                                     {"took", line.took}});
      });
  LATCHKEY_CHECK(started.ok());
  server_ = std::move(started).value();
}

Gateway::~Gateway() { server_->Stop(std::chrono::seconds(5)); }

std::string Page::Find(std::string_view name) const {
  for (const auto& [each, value] : headers) {
    if (each == name) return value;
  }
  return {};
}

std::string ShapeOf(const Page& page) {
  std::string text = page.raw;
  Mask(text, "Date: ", "\r\n");
  Mask(text, "name=\"form\" value=\"", "\"");
  Mask(text, "name=\"once\" value=\"", "\"");
  for (const char* name : {"form", "handle", "recovery", "session", "device", "outcome"})
    Mask(text, "Set-Cookie: __Host-lk_" + std::string(name) + "=", ";");
  return text;
}

std::string Visitor::Head(std::string_view method, const std::string& target,
                          const Headers& more) const {
  std::string head = std::string(method) + " " + target + " HTTP/1.1\r\n";
  std::string line;
  for (const auto& [name, value] : cookies) line += (line.empty() ? "" : "; ") + name + "=" + value;
  Headers all = {{"Host", std::string(kPortalHost)}, {"Accept-Language", "en"}};
  if (!line.empty()) all.emplace_back("Cookie", line);
  for (const auto& header : more) {
    std::erase_if(all, [&](const auto& each) { return each.first == header.first; });
    all.push_back(header);
  }
  for (const auto& [name, value] : all) {
    if (!value.empty()) head += name + ": " + value + "\r\n";
  }
  return head + "Connection: close\r\n";
}

Page Visitor::Raw(const std::string& bytes) {
  portal::Wire wire(gateway_.port(), address_);
  wire.Send(bytes);
  Page page = ParsePage(wire.ReadAll());
  for (const auto& [name, value] : page.headers) {
    if (name == "Set-Cookie") TakeCookie(value, cookies);
  }
  for (const auto& [name, value] : cookies) {
    if (const auto token = crypto::FromBase64Url(value); token && token->size() == 32)
      canaries_.Plant("the cookie " + name, *token, party_);
  }
  canaries_.Hear(party_, page.raw);
  return page;
}

Page Visitor::Get(const std::string& target, const Headers& more) {
  return Raw(Head("GET", target, more) + "\r\n");
}

portal::Fields Visitor::HiddenOf(const std::string& page, const std::string& to) {
  const std::string form = portal::FormTo(Get(page).body, to.empty() ? page : to);
  portal::Fields hidden = {{"form", portal::HiddenField(form, "form")}};
  const std::string once = portal::HiddenField(form, "once");
  if (!once.empty()) hidden.emplace_back("once", once);
  return hidden;
}

Page Visitor::Post(const std::string& target, const std::string& body, const Headers& more) {
  Headers all = {{"Content-Type", "application/x-www-form-urlencoded"},
                 {"Origin", "https://" + std::string(kPortalHost)},
                 {"Sec-Fetch-Site", "same-origin"},
                 {"Content-Length", std::to_string(body.size())}};
  for (const auto& header : more) {
    std::erase_if(all, [&](const auto& each) { return each.first == header.first; });
    all.push_back(header);
  }
  return Raw(Head("POST", target, all) + "\r\n" + body);
}

Page Visitor::Submit(const std::string& from, const portal::Fields& fields, const std::string& to,
                     const Headers& more) {
  portal::Fields all = HiddenOf(from, to);
  for (const auto& field : fields) {
    if (field.first.find("password") != std::string::npos) canaries_.PlantPassword(field.second);
    all.push_back(field);
  }
  return Post(to.empty() ? from : to, portal::Encode(all), more);
}

Page Visitor::SignIn(const std::string& identifier, std::string_view password,
                     const Headers& more) {
  // From a page that is also shown to who is signed in; "/" would lead on to the account.
  return Submit("/privacy", {{"identifier", identifier}, {"password", std::string(password)}}, "/",
                more);
}

Page Visitor::AskForMessage(const std::string& identifier, const std::string& intent,
                            const Headers& more) {
  return Submit("/recover/start", {{"identifier", identifier}, {"intent", intent}}, {}, more);
}

Page Visitor::TypeCode(const std::string& code, const std::string& identifier) {
  portal::Fields fields;
  if (!identifier.empty()) fields.emplace_back("identifier", identifier);
  fields.emplace_back("code", code);
  return Submit("/recover/code", fields);
}

Page Visitor::OpenLink(const std::string& token) {
  if (const auto bytes = crypto::FromBase64Url(token); bytes && bytes->size() == 32)
    canaries_.Plant("a link's token", *bytes, party_);
  return Submit("/recover", {{"t", token}}, "/recover/open");
}

Page Visitor::SetPassword(std::string_view password) {
  return Submit("/recover/password", {{"new_password", std::string(password)}});
}

Page Visitor::StopByLink(const std::string& token) {
  if (const auto bytes = crypto::FromBase64Url(token); bytes && bytes->size() == 32)
    canaries_.Plant("a link's token", *bytes, party_);
  return Submit("/stop", {{"t", token}}, "/stop/confirm");
}

Page Visitor::UseBranchToken(const std::string& number, const std::string& token) {
  canaries_.Plant("a branch token", token, party_);
  return Submit("/branch-token", {{"customer_number", number}, {"token", token}});
}

}  // namespace latchkey::attacks
