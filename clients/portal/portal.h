// SPDX-License-Identifier: Apache-2.0
// The gate that every request passes before a page sees it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "clients/portal/config.h"
#include "clients/portal/http/address.h"
#include "clients/portal/visit.h"

namespace latchkey::portal {

// Owns what pages share; decides in this order: host (421), static file, path (404), method (405),
// form (415, 400), origin and form token (403). Threads: any.
class Portal final : public Handler {
 public:
  // `backend`, `clock` and `random` outlive it. kMalformed: something that the configuration names
  // is not there.
  static Result<std::unique_ptr<Portal>> Make(PortalConfig config, Secret form_key,
                                              Backend& backend, Clock& clock, Random& random);

  void Handle(Request request, Respond respond) override;
  Response Refuse(unsigned status) override;
  bool IsProxy(const std::string& peer) const { return proxies_.Trusts(peer); }
  // Whether a path is ours; another may hold anything, and is not logged.
  bool IsPage(std::string_view path) const;

 private:
  Portal(PortalConfig config, Secret form_key, Catalog catalog, Templates templates, Assets assets,
         Proxies proxies, Backend& backend, Clock& clock, Random& random);
  bool IsOurHost(const Request& request) const;
  void HandlePost(const VisitPtr& visit, const struct Route& route);

  const PortalConfig config_;
  const Catalog catalog_;
  const Templates templates_;
  const Assets assets_;
  const Proxies proxies_;
  const FormGuard guard_;
  const CookieJar jar_;
  const Services services_;
  std::vector<std::string> hosts_;
  std::vector<std::string> origins_;
};

}  // namespace latchkey::portal
