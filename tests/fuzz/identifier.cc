// SPDX-License-Identifier: Apache-2.0
// Any text is an identifier, address, password or name in its one canonical form, or refused
// (attack I08).
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "services/model/canonical.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace latchkey::model;
  const std::string_view typed(reinterpret_cast<const char*>(data), size);
  if (auto once = CanonicalIdentifier(typed); once.ok()) {
    auto twice = CanonicalIdentifier(once->text);
    if (!twice.ok() || !(*twice == *once)) std::abort();
  }
  for (const auto kind : {IdentifierKind::kLogin, IdentifierKind::kCustomerNumber,
                          IdentifierKind::kEmail, IdentifierKind::kPhone}) {
    auto once = CanonicalOf(kind, typed);
    if (!once.ok()) continue;
    auto any = CanonicalIdentifier(once->text);
    if (!any.ok() || !(*any == *once) || once->kind != kind) std::abort();
  }
  for (const auto canonical : {CanonicalPassword, CanonicalName}) {
    auto once = canonical(typed);
    if (!once.ok()) continue;
    auto twice = canonical(*once);
    if (!twice.ok() || *twice != *once) std::abort();
  }
  (void)MaskContact(ContactKind::kEmail, typed);
  (void)MaskContact(ContactKind::kPhone, typed);
  return 0;
}
