// SPDX-License-Identifier: Apache-2.0
#include "services/courier/bank.h"

#include "services/base/shapes.h"

namespace latchkey::courier {

Done CheckBank(const BankOptions& bank) {
  if (!IsPlainText(bank.name, kLongestBankName))
    return Malformed("name", "1 to 80 bytes without control characters");
  if (!IsPortalUrl(bank.portal_url)) {
    return Malformed("portal_url", "https://HOST[:PORT] without a path; http only for localhost");
  }
  if (!IsPrintedPhone(bank.phone))
    return Malformed("phone", "1 to 40 bytes without control characters");
  if (!IsSenderAddress(bank.from_address))
    return Malformed("from_address", "one plain mail address");
  if (!IsColor(bank.color)) return Malformed("color", "#rrggbb");
  if (!IsTimeZone(bank.time_zone)) return Malformed("time_zone", "such as Europe/Berlin");
  if (!IsTranslated(bank.default_language)) return Malformed("default_language", "en or de");
  return {};
}

}  // namespace latchkey::courier
