// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/view/field_words.h"

#include "clients/common/typed.h"
#include "clients/portal/place.h"

namespace latchkey::portal {
namespace {

constexpr size_t kMaxIdentifier = 254;
constexpr size_t kMaxPassword = 1024;

bool IsBlank(std::string_view typed) {
  return typed.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// What a number of so many digits is asked for with, and how it is refused.
struct NumberWords {
  size_t least, most;
  const char* missing;
  const char* other;
  const char* count;
};

std::string NumberFault(const Catalog& catalog, const std::string& language,
                        const NumberWords& words, std::string_view typed) {
  if (IsBlank(typed)) return catalog.Say(language, words.missing);
  const std::string digits = client::StripTypedCode(typed);
  if (!client::AllDigits(digits)) return catalog.Say(language, words.other);
  if (digits.size() >= words.least && digits.size() <= words.most) return "";
  return catalog.Say(language, words.count, {std::to_string(digits.size())});
}

const char* IdentifierFault(std::string_view typed) {
  if (IsBlank(typed)) {
    return Mark("Type who you are: your login name, customer number, email or phone.");
  }
  if (typed.size() > kMaxIdentifier) {
    return Mark(
        "That is too long: a login name, customer number, email or phone has at most 254 "
        "characters.");
  }
  const std::string bare = client::StripTypedCode(typed);
  if (client::AllDigits(bare) && !bare.starts_with("00") && (bare.size() < 6 || bare.size() > 12)) {
    return Mark("A customer number has 6 to 12 digits; a phone number begins with + or 00.");
  }
  return nullptr;
}

// A link is told by where it leads; whether it is whole is for the page to see.
const char* LinkFault(std::string_view pasted) {
  const std::string_view before = pasted.substr(0, pasted.rfind("#t="));
  if (before.size() == pasted.size() || !before.ends_with(PathOf(Place::kLink))) return nullptr;
  return Mark(
      "This link opens your account, it does not freeze it. The one that is needed here stands in "
      "our message about what happened, under \"This was not me\".");
}

const char* PasswordFault(std::string_view typed, const char* missing) {
  if (typed.empty()) return missing;
  if (typed.size() > kMaxPassword) return Mark("Use at most 1024 bytes, about 1000 letters.");
  return nullptr;
}

}  // namespace

std::span<const std::string_view> FieldsOf(Task task) {
  static constexpr std::string_view kSignIn[] = {"identifier", "password"};
  static constexpr std::string_view kStart[] = {"identifier"};
  static constexpr std::string_view kCode[] = {"identifier", "code"};
  static constexpr std::string_view kBranchToken[] = {"customer_number", "token"};
  static constexpr std::string_view kPassword[] = {"new_password"};
  static constexpr std::string_view kStop[] = {"link"};
  static constexpr std::string_view kCallBack[] = {"customer_number"};
  switch (task) {
    case Task::kSignIn:
      return kSignIn;
    case Task::kStart:
      return kStart;
    case Task::kCode:
      return kCode;
    case Task::kBranchToken:
      return kBranchToken;
    case Task::kPassword:
      return kPassword;
    case Task::kStop:
      return kStop;
    case Task::kCallBack:
      return kCallBack;
    default:
      return {};
  }
}

std::string FieldWords(const Catalog& catalog, const std::string& language, std::string_view field,
                       std::string_view typed) {
  const char* fault = nullptr;
  if (field == "code") {
    return NumberFault(
        catalog, language,
        {8, 8, Mark("Type the code from the message: 8 digits."),
         Mark("A code has only digits, 8 of them."), Mark("A code has 8 digits; you typed {1}.")},
        typed);
  }
  if (field == "token") {
    return NumberFault(catalog, language,
                       {12, 12, Mark("Type the token from the branch: 12 digits."),
                        Mark("A token has only digits, 12 of them."),
                        Mark("A token has 12 digits; you typed {1}.")},
                       typed);
  }
  if (field == "customer_number") {
    return NumberFault(catalog, language,
                       {6, 12, Mark("Type your customer number: 6 to 12 digits."),
                        Mark("A customer number has only digits, 6 to 12 of them."),
                        Mark("A customer number has 6 to 12 digits; you typed {1}.")},
                       typed);
  }
  if (field == "identifier") fault = IdentifierFault(typed);
  if (field == "link") fault = LinkFault(typed);
  if (field == "password") fault = PasswordFault(typed, Mark("Type your password."));
  if (field == "new_password") fault = PasswordFault(typed, Mark("Type the new password."));
  return fault == nullptr ? "" : catalog.Say(language, fault);
}

}  // namespace latchkey::portal
