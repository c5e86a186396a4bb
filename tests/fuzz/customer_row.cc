// SPDX-License-Identifier: Apache-2.0
// Any line of a customers' file is an account in canonical form, or refused with the reason.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "services/base/clock.h"
#include "services/operator/customer_row.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace latchkey;
  static const auto columns =
      operate::Columns::FromHeader({"customer_number", "login_name", "name", "email", "phone",
                                    "password_hash", "language", "contact_since"})
          .value();
  std::vector<std::string> fields(1);
  for (const char c : std::string_view(reinterpret_cast<const char*>(data), size)) {
    if (c == '\n') {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  auto row = columns.Read(fields, {"en", "de"}, FromUnixMillis(1'800'000'000'000));
  if (!row.ok() && row.failure().detail.empty()) std::abort();
  (void)operate::Columns::FromHeader(fields);
  return 0;
}
