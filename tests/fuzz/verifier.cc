// SPDX-License-Identifier: Apache-2.0
// Any stored verifier is one within bounds, or refused before memory is taken, and then matches
// nothing (attack X04).
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "crypto/keyring.h"
#include "crypto/password.h"
#include "crypto/random.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace latchkey::crypto;
  static SystemRandom random;
  static const KeyRing ring = KeyRing::Generate(random);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)NeedsUpgrade(text, {.memory_kib = 8, .passes = 1}, ring);
  // What is refused is refused at once; what is within bounds may take a second, and is not hashed.
  if (CheckImportedVerifier(text).ok() || !IsForeign(text)) return 0;
  if (VerifyPassword(latchkey::Secret("a password"), text, ring).ok()) std::abort();
  return 0;
}
