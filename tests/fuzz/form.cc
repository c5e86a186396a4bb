// SPDX-License-Identifier: Apache-2.0
// Any body is a form without doubt, or refused (attack I07).
#include "clients/portal/http/form.h"

#include <array>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static constexpr std::array<std::string_view, 3> kAllowed = {"identifier", "password", "form"};
  (void)latchkey::portal::Form::Parse({reinterpret_cast<const char*>(data), size}, kAllowed);
  return 0;
}
