// SPDX-License-Identifier: Apache-2.0
// Any text is an identifier in its one canonical form, or refused (attack I08).
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "services/model/canonical.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view typed(reinterpret_cast<const char*>(data), size);
  auto once = latchkey::model::CanonicalIdentifier(typed);
  if (once.ok()) {
    auto twice = latchkey::model::CanonicalIdentifier(once->text);
    if (!twice.ok() || !(*twice == *once)) std::abort();
  }
  (void)latchkey::model::CanonicalPassword(typed);
  (void)latchkey::model::CanonicalName(typed);
  return 0;
}
