// SPDX-License-Identifier: Apache-2.0
// Codes, tokens and references as people type them: read in one way or not at all; and whatever
// text goes to a terminal moves no cursor (attack I06).
#include "clients/common/typed.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "crypto/token.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace latchkey;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string stripped = client::StripTypedCode(text);
  if (client::StripTypedCode(stripped) != stripped) std::abort();
  if (crypto::IsCode(stripped, crypto::kAssistedDigits) &&
      client::StripTypedCode(client::Grouped(stripped, 4)) != stripped)
    std::abort();
  const std::string printable = client::Printable(text);
  if (client::Printable(printable) != printable) std::abort();
  if (printable.find_first_of(std::string_view("\0\x1b\n\r\b\x7f", 6)) != std::string::npos)
    std::abort();
  if (client::Columns(printable) > printable.size()) std::abort();
  if (auto bytes = crypto::FromBase64Url(text); bytes && crypto::ToBase64Url(*bytes) != text)
    std::abort();
  if (auto reference = crypto::CanonicalReference(text);
      reference && crypto::CanonicalReference(*reference) != reference)
    std::abort();
  return 0;
}
