// SPDX-License-Identifier: Apache-2.0
// Text as code points, and what Unicode says of each (ICU). For canonical.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace latchkey::model {

// nullopt when the bytes are not valid UTF-8.
std::optional<std::u32string> DecodeUtf8(std::string_view bytes);
std::string EncodeUtf8(std::u32string_view text);
// Normalization Form C (UAX 15).
std::u32string ToNfc(std::u32string_view text);

// Any blank that a keyboard, a letter or a web page may put around and between: class Zs, and the
// tab.
bool IsBlank(char32_t point);
// "-" and what word processors make of it.
bool IsDash(char32_t point);
bool IsControl(char32_t point);
// Directs the text's direction, or cannot be seen.
bool IsBidiOrInvisible(char32_t point);
bool IsLetter(char32_t point);
bool IsMark(char32_t point);
char32_t ToLower(char32_t point);

// Whether normalising or changing case turns this code point into something that a person would
// take for another one: K (Kelvin), ı, ſ, full-width and styled letters, ligatures. Such are
// refused, never folded (attack L02).
bool FoldsIntoAnother(char32_t point);

// Whether letters of one script only, none of them hidden by the one before (UTS 39, single script
// restrictive), and of those that UTS 39 recommends for identifiers.
bool IsOneCleanScript(const std::u32string& text);
// Whether this text, which is not all ASCII, can be mistaken for one that is (UTS 39 skeleton).
bool LooksLikeAscii(const std::u32string& text);

bool IsAscii(std::u32string_view text);

}  // namespace latchkey::model
