// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/post.h"

#include <algorithm>
#include <string_view>

#include "crypto/token.h"

namespace latchkey::simulation {
namespace {

using courier::Delivery;
using courier::Fate;

std::string TokenAfter(const std::string& text, std::string_view mark) {
  const size_t at = text.find(mark);
  if (at == std::string::npos) return {};
  const size_t begin = at + mark.size();
  const size_t end = text.find_first_of(" \n", begin);
  return crypto::FromBase64Url(text.substr(begin, end - begin)).value_or("(no token)");
}

// The one line of digits, indented.
std::string CodeIn(const std::string& text) {
  for (size_t at = 0; (at = text.find("\n    ", at)) != std::string::npos; at += 5) {
    const size_t end = text.find('\n', at + 5);
    std::string digits = text.substr(at + 5, end - at - 5);
    std::erase(digits, ' ');
    if (!digits.empty() && digits.find_first_not_of("0123456789") == std::string::npos)
      return digits;
  }
  return {};
}

}  // namespace

void Post::Deliver(const courier::Parcel& parcel, TimePoint at) {
  const std::string& text = parcel.content.text;
  under_way_.emplace(at, std::pair(parcel.address, Mail{.id = parcel.id.value,
                                                        .made_at = parcel.made_at,
                                                        .subject = parcel.content.subject,
                                                        .link = TokenAfter(text, "/recover#t="),
                                                        .freeze = TokenAfter(text, "/stop#t="),
                                                        .code = CodeIn(text)}));
}

Delivery Post::Accept(const courier::Parcel& parcel, TimePoint at) {
  Deliver(parcel, at);
  taken_.push_back(parcel.id.value);
  return {Fate::kAccepted, "status 250"};
}

void Post::Settle(size_t since, bool nothing_failed) {
  const auto first = taken_.begin() + static_cast<std::ptrdiff_t>(since);
  if (nothing_failed) done_.insert(first, taken_.end());
  taken_.erase(first, taken_.end());
}

Delivery Post::Send(const courier::Parcel& parcel) {
  const TimePoint now = doors_.clock().Now();
  if (done_.contains(parcel.id.value))
    doors_.broken("Law 11", "a message that was taken went out again");
  const Passage passage = doors_.Next();
  if (passage == Passage::kFailsBefore) return {Fate::kTemporary, "status 451"};
  if (passage == Passage::kFailsAfter) {
    Deliver(parcel, now);
    return {Fate::kUnknown, "answer lost"};
  }
  switch (calm ? 99 : dice_.Below(24)) {
    case 0:
      return {Fate::kTemporary, "status 421"};
    case 1:  // taken, and nobody knows
      Deliver(parcel, now);
      return {Fate::kUnknown, "time limit"};
    case 2:
      return {Fate::kUnknown, "time limit"};
    case 3:  // doubled
      Deliver(parcel, now);
      return Accept(parcel, now + Millis(static_cast<int64_t>(dice_.Below(600'000))));
    case 4:
    case 5:
    case 6:  // late
      return Accept(parcel, now + Millis(static_cast<int64_t>(dice_.Below(1'200'000))));
    default:
      return Accept(parcel, now);
  }
}

std::optional<std::pair<std::string, Mail>> Post::Next(TimePoint now) {
  if (under_way_.empty() || under_way_.begin()->first > now) return std::nullopt;
  auto mail = std::move(under_way_.begin()->second);
  under_way_.erase(under_way_.begin());
  return mail;
}

}  // namespace latchkey::simulation
