// SPDX-License-Identifier: Apache-2.0
#include "services/proof/letter_case.h"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>

#include <algorithm>

namespace latchkey::proof {
namespace {

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

}  // namespace

std::string InLowerCase(std::string_view text) {
  std::string folded(text);
  if (IsAscii(text)) {  // nearly all of a word list
    for (char& c : folded) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return folded;
  }
  folded.clear();
  UErrorCode status = U_ZERO_ERROR;
  icu::StringByteSink<std::string> sink(&folded);
  icu::CaseMap::utf8Fold(0, icu::StringPiece(text.data(), static_cast<int32_t>(text.size())), sink,
                         nullptr, status);
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
  std::string normal;
  if (U_SUCCESS(status)) {
    icu::StringByteSink<std::string> normal_sink(&normal);
    nfc->normalizeUTF8(0, folded, normal_sink, nullptr, status);
  }
  return U_SUCCESS(status) ? normal : std::string(text);
}

size_t CountCodePoints(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;  // every byte but continuations
  }));
}

}  // namespace latchkey::proof
