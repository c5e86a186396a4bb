// SPDX-License-Identifier: Apache-2.0
#include "services/rpc/source.h"

#include <algorithm>
#include <string>
#include <utility>

#include "crypto/token.h"
#include "services/rpc/caller.h"
#include "services/signin/lanes.h"

namespace latchkey::rpc {
namespace {

constexpr size_t kMaxLanguageBytes = 35;  // RFC 5646, section 4.4.1

bool IsLanguageTag(const std::string& text) {
  return text.size() <= kMaxLanguageBytes && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-';
         });
}

}  // namespace

Result<model::Source> SourceOf(const Call& call, const v1::Source& source) {
  const size_t device_bytes = source.device_token().size();
  if (device_bytes != 0 && device_bytes != crypto::kTokenBytes)
    return Malformed("source.device_token");
  if (!IsLanguageTag(source.language())) return Malformed("source.language");
  const model::Channel channel = ChannelOf(call.caller.role);
  LATCHKEY_ASSIGN(std::string address, signin::CanonicalSource(source.address()));
  // A browser always has an address; only callers on the phone may withhold their number.
  if (address.empty() && channel == model::Channel::kWeb) return Malformed("source.address");
  return model::Source{
      .channel = channel, .address = std::move(address), .language = source.language()};
}

}  // namespace latchkey::rpc
