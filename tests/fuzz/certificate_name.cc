// SPDX-License-Identifier: Apache-2.0
// Any name in a certificate is an identity in its one spelling, or none (attack P03); any PEM text
// has an end, or is refused.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "crypto/certificates.h"
#include "crypto/identity.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace latchkey::crypto;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto identity = ParseIdentity(text)) {
    if (ToUri(*identity) != text || !IsDnsName(identity->bank)) std::abort();
  }
  (void)IsDnsName(text);
  (void)ExpiresAt(text);
  return 0;
}
