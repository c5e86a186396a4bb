// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/portal.h"

#include <sodium.h>

#include <algorithm>

#include "clients/portal/http/headers.h"
#include "clients/portal/routes.h"

namespace latchkey::portal {
namespace {

constexpr std::string_view kFormType = "application/x-www-form-urlencoded";

bool IsFormType(std::string_view type) {
  const std::string_view essence = type.substr(0, type.find(';'));
  return SameName(essence, kFormType);
}

bool IsAskingOnly(Method method) { return method == Method::kGet || method == Method::kHead; }

}  // namespace

Result<std::unique_ptr<Portal>> Portal::Make(PortalConfig config, Secret form_key, Backend& backend,
                                             Clock& clock, Random& random) {
  LATCHKEY_ASSIGN(Catalog catalog,
                  Catalog::Load(config.share / "locale", config.languages, config.bank.time_zone));
  LATCHKEY_ASSIGN(Templates templates, Templates::Load(config.share / "templates", catalog));
  LATCHKEY_ASSIGN(Assets assets, Assets::Load(config.share / "static", config.bank));
  LATCHKEY_ASSIGN(Proxies proxies, Proxies::Parse(config.trusted_proxies));
  return std::unique_ptr<Portal>(
      new Portal(std::move(config), std::move(form_key), std::move(catalog), std::move(templates),
                 std::move(assets), std::move(proxies), backend, clock, random));
}

Portal::Portal(PortalConfig config, Secret form_key, Catalog catalog, Templates templates,
               Assets assets, Proxies proxies, Backend& backend, Clock& clock, Random& random)
    : config_(std::move(config)),
      catalog_(std::move(catalog)),
      templates_(std::move(templates)),
      assets_(std::move(assets)),
      proxies_(std::move(proxies)),
      guard_(std::move(form_key)),
      jar_(config_.secure()),
      services_{config_, catalog_, templates_, assets_, guard_, jar_, backend, clock, random} {
  hosts_.push_back(HostOf(config_.base_url));
  for (const std::string& host : config_.other_hosts) hosts_.push_back(host);
  const std::string scheme = config_.secure() ? "https://" : "http://";
  for (const std::string& host : hosts_) origins_.push_back(scheme + host);
}

bool Portal::IsPage(std::string_view path) const {
  return FindRoute(path) != nullptr || assets_.Find(path) != nullptr;
}

bool Portal::IsOurHost(const Request& request) const {
  const auto host = request.Find("Host");
  return host && std::any_of(hosts_.begin(), hosts_.end(),
                             [&](const std::string& ours) { return SameName(ours, *host); });
}

void Portal::Handle(Request request, Respond respond) {
  if (IsAskingOnly(request.method)) {
    // Under any name: the page that leads to ours wants its style and picture, and they are alike
    // for all.
    if (const Response* file = assets_.Find(request.path());
        file != nullptr && request.Count("Host") == 1) {
      Response response = *file;
      AddGuards(response, config_.secure());
      return respond(std::move(response));
    }
  }
  auto visit = std::make_shared<Visit>(services_, std::move(request), std::move(respond));
  visit->address = proxies_.CustomerOf(visit->request);
  if (visit->request.Count("Host") > 1) return visit->RenderError(400);
  if (!IsOurHost(visit->request)) return visit->RenderError(421);
  const Route* route = FindRoute(visit->request.path());
  if (route == nullptr) return visit->RenderError(404);
  visit->place = route->place;
  if (IsAskingOnly(visit->request.method)) {
    if (route->show == nullptr) return visit->RenderError(405);
    return route->show(visit);
  }
  if (visit->request.method != Method::kPost || route->act == nullptr)
    return visit->RenderError(405);
  HandlePost(visit, *route);
}

void Portal::HandlePost(const VisitPtr& visit, const Route& route) {
  Request& request = visit->request;
  if (!IsFormType(request.Find("Content-Type").value_or(""))) return visit->RenderError(415);
  if (std::none_of(origins_.begin(), origins_.end(),
                   [&](const std::string& origin) { return SentFromHere(request, origin); })) {
    return visit->RenderError(403);
  }
  auto form = Form::Parse(request.body, route.fields);
  sodium_memzero(request.body.data(), request.body.size());  // it may have held a password
  if (!form.ok()) return visit->RenderError(400);
  visit->form = std::move(form).value();
  const auto cookie = jar_.Read(request, CookieKind::kForm);
  if (!cookie || !guard_.Accepts(*cookie, visit->form.Get("form"))) return visit->RenderError(403);
  route.act(visit);
}

Response Portal::Refuse(unsigned status) {
  // There was no request that could be read, so there is no language and no cookie either.
  Response refused;
  Visit visit(services_, Request{}, [&](Response response) { refused = std::move(response); });
  visit.RenderError(status);
  std::erase_if(refused.headers, [](const Header& header) { return header.name == "Set-Cookie"; });
  return refused;
}

}  // namespace latchkey::portal
