// SPDX-License-Identifier: Apache-2.0
#include "services/model/canonical.h"

#include <algorithm>
#include <optional>

#include "services/model/code_points.h"
#include "services/model/email_address.h"

namespace latchkey::model {
namespace {

constexpr size_t kMaxTypedBytes =
    1024;  // with blanks and marks that go; bounds the work on what strangers send
constexpr size_t kMaxPasswordTextBytes = 1024;
constexpr size_t kMaxNameBytes = 200;

bool IsDigit(char32_t point) { return point >= U'0' && point <= U'9'; }

std::u32string_view Trim(std::u32string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

// The text without its surrounding blanks; nullopt for anything that no identifier holds.
std::optional<std::u32string> ReadTyped(std::string_view typed) {
  if (typed.size() > kMaxTypedBytes) return std::nullopt;
  std::optional<std::u32string> decoded = DecodeUtf8(typed);
  if (!decoded) return std::nullopt;
  std::u32string text(Trim(*decoded));
  bool hidden = std::any_of(text.begin(), text.end(), [](char32_t point) {
    return (point != U'\t' && IsControl(point)) || IsBidiOrInvisible(point);
  });
  if (text.empty() || hidden) return std::nullopt;
  return text;
}

// The kind that the text can only be. The tests are made on what is typed; each canonical form
// passes the same one.
IdentifierKind KindOf(const std::u32string& text) {
  if (text.find(U'@') != std::u32string::npos) return IdentifierKind::kEmail;
  if (text.front() == U'+' || text.starts_with(U"00")) return IdentifierKind::kPhone;
  bool number = std::all_of(text.begin(), text.end(), [](char32_t point) {
    return IsDigit(point) || IsBlank(point) || IsDash(point);
  });
  return number ? IdentifierKind::kCustomerNumber : IdentifierKind::kLogin;
}

// The digits of a number that is written for the eye; nullopt when something else stands between.
std::optional<std::string> TakeDigits(std::u32string_view text, std::u32string_view dropped) {
  std::string digits;
  for (char32_t point : text) {
    if (IsDigit(point)) {
      digits += static_cast<char>(point);
    } else if (!IsBlank(point) && !IsDash(point) && dropped.find(point) == dropped.npos) {
      return std::nullopt;
    }
  }
  return digits;
}

Result<std::string> CanonicalCustomerNumber(std::u32string_view text) {
  std::optional<std::string> digits = TakeDigits(text, U"");
  bool fits = digits && digits->size() >= 6 && digits->size() <= 12;
  // "0 0…" would come back as a phone number.
  if (!fits || digits->starts_with("00")) return Malformed("identifier", "6 to 12 digits");
  return *digits;
}

Result<std::string> CanonicalPhone(std::u32string text) {
  // "+49 (0)30 …" is how the trunk prefix is written where it is not dialled from abroad.
  size_t trunk = text.find(U"(0)");
  if (trunk != std::u32string::npos) text.erase(trunk, 3);
  size_t prefix = text.front() == U'+' ? 1 : 2;
  std::optional<std::string> digits = TakeDigits(std::u32string_view(text).substr(prefix), U".()/");
  bool fits = digits && digits->size() >= 8 && digits->size() <= 15 && digits->front() != '0';
  if (!fits) return Malformed("identifier", "+ and 8 to 15 digits");
  return '+' + *digits;
}

Result<std::string> CanonicalLogin(const std::u32string& typed) {
  bool folds = std::any_of(typed.begin(), typed.end(), FoldsIntoAnother);
  std::u32string text = ToNfc(typed);
  std::transform(text.begin(), text.end(), text.begin(), ToLower);
  text = ToNfc(text);
  bool allowed = std::all_of(text.begin(), text.end(), [](char32_t point) {
    return IsLetter(point) || IsMark(point) || IsDigit(point) || point == U'.' || point == U'_' ||
           point == U'-';
  });
  bool has_letter = std::any_of(text.begin(), text.end(), IsLetter);
  if (folds || !allowed || !has_letter || IsMark(text.front()) || !IsOneCleanScript(text) ||
      LooksLikeAscii(text)) {
    return Malformed("identifier", "letters of one script, digits, . _ -");
  }
  std::string bytes = EncodeUtf8(text);
  if (bytes.size() > kMaxIdentifierBytes) return Malformed("identifier", "too long");
  return bytes;
}

Result<std::string> CanonicalText(IdentifierKind kind, const std::u32string& text) {
  switch (kind) {
    case IdentifierKind::kLogin:
      return CanonicalLogin(text);
    case IdentifierKind::kCustomerNumber:
      return CanonicalCustomerNumber(text);
    case IdentifierKind::kEmail:
      return CanonicalEmail(text);
    case IdentifierKind::kPhone:
      return CanonicalPhone(text);
  }
  return Malformed("identifier", "unknown kind");
}

}  // namespace

Result<Identifier> CanonicalIdentifier(std::string_view typed) {
  std::optional<std::u32string> text = ReadTyped(typed);
  if (!text) return Malformed("identifier", "empty, too long, or holds what cannot be seen");
  IdentifierKind kind = KindOf(*text);
  LATCHKEY_ASSIGN(std::string canonical, CanonicalText(kind, *text));
  return Identifier{.kind = kind, .text = std::move(canonical)};
}

Result<Identifier> CanonicalOf(IdentifierKind kind, std::string_view typed) {
  LATCHKEY_ASSIGN(Identifier identifier, CanonicalIdentifier(typed));
  if (identifier.kind != kind) return Malformed("identifier", "of another kind");
  return identifier;
}

Result<std::string> CanonicalPassword(std::string_view typed) {
  if (typed.empty()) return Malformed("password", "empty");
  if (typed.size() > kMaxPasswordTextBytes) return Malformed("password", "too long");
  std::optional<std::u32string> text = DecodeUtf8(typed);
  if (!text || std::any_of(text->begin(), text->end(), IsControl)) {
    return Malformed("password", "not text");
  }
  std::string normal = EncodeUtf8(ToNfc(*text));
  if (normal.size() > kMaxPasswordTextBytes) return Malformed("password", "too long");
  return normal;
}

Result<std::string> CanonicalName(std::string_view typed) {
  if (typed.size() > kMaxTypedBytes) return Malformed("name", "too long");
  std::optional<std::u32string> text = DecodeUtf8(typed);
  if (!text) return Malformed("name", "not text");
  std::u32string name = ToNfc(Trim(*text));
  bool hidden = std::any_of(name.begin(), name.end(), [](char32_t point) {
    bool joiner = point == 0x200C || point == 0x200D;  // Persian and Indic names need them
    return IsControl(point) || (IsBidiOrInvisible(point) && !joiner);
  });
  std::string bytes = EncodeUtf8(name);
  if (hidden || bytes.empty() || bytes.size() > kMaxNameBytes) {
    return Malformed("name", "1 to 200 bytes that can be seen");
  }
  return bytes;
}

std::string MaskContact(ContactKind kind, std::string_view address) {
  constexpr std::string_view kDots = "•••";
  if (kind == ContactKind::kEmail) {
    size_t at = address.rfind('@');
    if (at == std::string_view::npos) return std::string(kDots);
    std::optional<std::u32string> local = DecodeUtf8(address.substr(0, at));
    std::string first;  // of one character nothing is shown: it would be all
    if (local && local->size() > 1) first = EncodeUtf8(local->substr(0, 1));
    return first + std::string(kDots) + std::string(address.substr(at));
  }
  constexpr size_t kShown = 4;
  if (address.size() < 2 * kShown) return std::string(kDots);
  return std::string(kDots) + ' ' + std::string(address.substr(address.size() - kShown));
}

}  // namespace latchkey::model
