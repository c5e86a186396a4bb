// SPDX-License-Identifier: Apache-2.0
// Any X-Forwarded-For gives an address in its one canonical form, or none (attack P02).
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "clients/portal/http/address.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace latchkey::portal;
  static const Proxies proxies =
      Proxies::Parse({"127.0.0.1", "10.0.0.0/8", "2001:db8::/32"}).value();
  const std::string text(reinterpret_cast<const char*>(data), size);
  Request request;
  request.headers = {{"X-Forwarded-For", text}};
  request.peer = "127.0.0.1";
  const std::string address = proxies.CustomerOf(request);
  if (CanonicalAddress(address) != address) std::abort();
  (void)SourceOf(address);
  (void)Proxies::Parse({text});
  return 0;
}
