// SPDX-License-Identifier: Apache-2.0
#include "services/model/code_points.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uspoof.h>
#include <unicode/utf8.h>

#include <algorithm>

#include "services/base/check.h"

namespace latchkey::model {
namespace {

icu::UnicodeString ToIcu(std::u32string_view text) {
  return icu::UnicodeString::fromUTF32(reinterpret_cast<const UChar32*>(text.data()),
                                       static_cast<int32_t>(text.size()));
}

std::u32string FromIcu(const icu::UnicodeString& text) {
  std::u32string points;
  for (int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
    points += static_cast<char32_t>(text.char32At(at));
  }
  return points;
}

// ICU's data is part of the library: that it cannot be loaded is a broken installation.
const icu::Normalizer2& Nfc() {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* form = icu::Normalizer2::getNFCInstance(error);
  LATCHKEY_CHECK(U_SUCCESS(error));
  return *form;
}

const icu::Normalizer2& Nfkc() {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* form = icu::Normalizer2::getNFKCInstance(error);
  LATCHKEY_CHECK(U_SUCCESS(error));
  return *form;
}

bool Changes(const icu::Normalizer2& form, char32_t point) {
  UErrorCode error = U_ZERO_ERROR;
  bool same = form.isNormalized(icu::UnicodeString(static_cast<UChar32>(point)), error);
  LATCHKEY_CHECK(U_SUCCESS(error));
  return !same;
}

// Configured once, then only read: such a checker may be used by any thread.
const USpoofChecker& Checker() {
  static const USpoofChecker* const checker = [] {
    UErrorCode error = U_ZERO_ERROR;
    USpoofChecker* made = uspoof_open(&error);
    uspoof_setChecks(made, USPOOF_RESTRICTION_LEVEL | USPOOF_INVISIBLE | USPOOF_HIDDEN_OVERLAY,
                     &error);
    uspoof_setRestrictionLevel(made, USPOOF_SINGLE_SCRIPT_RESTRICTIVE);
    LATCHKEY_CHECK(U_SUCCESS(error));
    return made;
  }();
  return *checker;
}

const USet& Recommended() {
  static const USet* const set = [] {
    UErrorCode error = U_ZERO_ERROR;
    const USet* found = uspoof_getRecommendedSet(&error);
    LATCHKEY_CHECK(U_SUCCESS(error));
    return found;
  }();
  return *set;
}

}  // namespace

std::optional<std::u32string> DecodeUtf8(std::string_view bytes) {
  std::u32string points;
  points.reserve(bytes.size());
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  for (size_t at = 0; at < bytes.size();) {
    UChar32 point = 0;
    U8_NEXT(data, at, bytes.size(), point);
    if (point < 0) return std::nullopt;
    points += static_cast<char32_t>(point);
  }
  return points;
}

std::string EncodeUtf8(std::u32string_view text) {
  std::string bytes;
  ToIcu(text).toUTF8String(bytes);
  return bytes;
}

std::u32string ToNfc(std::u32string_view text) {
  if (IsAscii(text)) return std::u32string(text);
  UErrorCode error = U_ZERO_ERROR;
  icu::UnicodeString normal = Nfc().normalize(ToIcu(text), error);
  LATCHKEY_CHECK(U_SUCCESS(error));
  return FromIcu(normal);
}

bool IsBlank(char32_t point) {
  return point == U'\t' || u_charType(static_cast<UChar32>(point)) == U_SPACE_SEPARATOR;
}

bool IsDash(char32_t point) { return point == U'-' || (point >= 0x2010 && point <= 0x2013); }

bool IsControl(char32_t point) {
  int8_t type = u_charType(static_cast<UChar32>(point));
  return type == U_CONTROL_CHAR || type == U_LINE_SEPARATOR || type == U_PARAGRAPH_SEPARATOR ||
         type == U_SURROGATE;
}

bool IsBidiOrInvisible(char32_t point) {
  auto icu_point = static_cast<UChar32>(point);
  return u_hasBinaryProperty(icu_point, UCHAR_BIDI_CONTROL) ||
         u_hasBinaryProperty(icu_point, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
         u_charType(icu_point) == U_FORMAT_CHAR;
}

bool IsLetter(char32_t point) {
  return (U_GET_GC_MASK(static_cast<UChar32>(point)) & U_GC_L_MASK) != 0;
}

bool IsMark(char32_t point) {
  return (U_GET_GC_MASK(static_cast<UChar32>(point)) & (U_GC_MN_MASK | U_GC_MC_MASK)) != 0;
}

char32_t ToLower(char32_t point) {
  return static_cast<char32_t>(u_tolower(static_cast<UChar32>(point)));
}

bool FoldsIntoAnother(char32_t point) {
  if (point < 0x80) return false;
  auto icu_point = static_cast<UChar32>(point);
  bool reaches_ascii = u_tolower(icu_point) < 0x80 || u_toupper(icu_point) < 0x80 ||
                       u_foldCase(icu_point, U_FOLD_CASE_DEFAULT) < 0x80;
  return reaches_ascii || Changes(Nfc(), point) || Changes(Nfkc(), point);
}

bool IsOneCleanScript(const std::u32string& text) {
  for (char32_t point : text) {
    bool clean = point < 0x80 || uset_contains(&Recommended(), static_cast<UChar32>(point));
    if (!clean) return false;
  }
  UErrorCode error = U_ZERO_ERROR;
  icu::UnicodeString units = ToIcu(text);
  int32_t faults =
      uspoof_check2(&Checker(), units.getBuffer(), units.length(), /*checkResult=*/nullptr, &error);
  return U_SUCCESS(error) && faults == 0;
}

bool LooksLikeAscii(const std::u32string& text) {
  if (IsAscii(text)) return false;
  icu::UnicodeString units = ToIcu(text);
  icu::UnicodeString skeleton;
  UErrorCode error = U_ZERO_ERROR;
  // The type argument has had no meaning since ICU 58.
  uspoof_getSkeletonUnicodeString(&Checker(), 0, units, skeleton, &error);
  return U_FAILURE(error) || IsAscii(FromIcu(skeleton));
}

bool IsAscii(std::u32string_view text) {
  return std::all_of(text.begin(), text.end(), [](char32_t point) { return point < 0x80; });
}

}  // namespace latchkey::model
