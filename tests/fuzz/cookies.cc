// SPDX-License-Identifier: Apache-2.0
// Any Cookie header gives one value without doubt, or none (attack S04), and never one that could
// not be set again.
#include "clients/portal/http/cookies.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace latchkey::portal;
  const std::string sent(reinterpret_cast<const char*>(data), size);
  for (const bool secure : {false, true}) {
    const CookieJar jar(secure);
    Request request;
    request.headers = {{"Cookie", sent}};
    const auto value = jar.Read(request, CookieKind::kSession);
    if (!value) continue;
    if (jar.Set(CookieKind::kSession, *value).find_first_of("\r\n") != std::string::npos)
      std::abort();
    request.headers.push_back({"cookie", jar.Name(CookieKind::kSession) + "=x"});
    if (jar.Read(request, CookieKind::kSession)) std::abort();
  }
  return 0;
}
