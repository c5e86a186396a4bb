// SPDX-License-Identifier: Apache-2.0
// Who is really at the other end, when proxies stand between.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "clients/portal/http/message.h"
#include "services/base/result.h"

namespace latchkey::portal {

// The proxies whose X-Forwarded-For is believed. Threads: any.
class Proxies {
 public:
  // Addresses or networks: "10.1.2.3", "10.0.0.0/8", "2001:db8::/32". kMalformed names the first
  // that is neither.
  static Result<Proxies> Parse(const std::vector<std::string>& listed);
  Proxies();
  Proxies(Proxies&&) noexcept;
  Proxies& operator=(Proxies&&) noexcept;
  ~Proxies();

  bool Trusts(std::string_view address) const;
  // The customer's address: the socket's; or, when that is a listed proxy, the last address in
  // X-Forwarded-For that is none. What stands before it was written by strangers and is never read
  // (attack P02).
  std::string CustomerOf(const Request& request) const;

 private:
  struct Networks;
  std::unique_ptr<Networks> networks_;
};

// One text for an address however it was written; IPv4 within IPv6 becomes IPv4. Empty when it is
// no address.
std::string CanonicalAddress(std::string_view text);
// What one customer's connections are counted under: an IPv4 address, or the /64 of an IPv6
// address.
std::string SourceOf(std::string_view address);

}  // namespace latchkey::portal
