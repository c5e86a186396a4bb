// SPDX-License-Identifier: Apache-2.0
// Any stored verifier is one within bounds, or refused before memory is taken (attack X04).
#include <cstdint>
#include <string_view>

#include "crypto/identity.h"
#include "crypto/password.h"
#include "crypto/token.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)latchkey::crypto::CheckImportedVerifier(text);
  (void)latchkey::crypto::ParseIdentity(text);
  (void)latchkey::crypto::FromBase64Url(text);
  (void)latchkey::crypto::CanonicalReference(text);
  return 0;
}
