// SPDX-License-Identifier: Apache-2.0
#include "services/proof/new_password.h"

#include <zxcvbn.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "crypto/password.h"
#include "services/proof/letter_case.h"

namespace latchkey::proof {
namespace {

// zxcvbn's work grows faster than its input, so it sees this much of either end: what is strong in
// part is strong.
constexpr size_t kJudgedBytes = 64;
// A context word this short says nothing about a password that is made of it.
constexpr size_t kShortestContext = 3;

bool IsTrimmed(char c) {
  const auto byte = static_cast<unsigned char>(c);
  const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte >= 0x80;
  return !letter;  // digits, punctuation, blanks
}

std::string_view WithoutOrnament(std::string_view text) {
  while (!text.empty() && IsTrimmed(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsTrimmed(text.back())) text.remove_suffix(1);
  return text;
}

bool IsContextWord(std::string_view folded, const ContextWords& context) {
  const std::string_view bare = WithoutOrnament(folded);
  return std::any_of(context.begin(), context.end(), [&](const std::string& word) {
    const std::string other = InLowerCase(word);
    if (folded == other) return !other.empty();
    const std::string_view bare_other = WithoutOrnament(other);
    return bare_other.size() >= kShortestContext && bare == bare_other;
  });
}

struct Judgement {
  double bits = 0;
  PasswordWeakness weakness = PasswordWeakness::kTooSimple;
};

PasswordWeakness WeaknessOf(int type) {
  switch (type & ~MULTIPLE_MATCH) {
    case DICTIONARY_MATCH:
    case DICT_LEET_MATCH:
    case USER_MATCH:
    case USER_LEET_MATCH:
      return PasswordWeakness::kCommonWord;
    case REPEATS_MATCH:
      return PasswordWeakness::kRepeat;
    case SEQUENCE_MATCH:
      return PasswordWeakness::kSequence;
    case SPATIAL_MATCH:
      return PasswordWeakness::kKeyboardPattern;
    case DATE_MATCH:
    case YEAR_MATCH:
      return PasswordWeakness::kDate;
    default:
      return PasswordWeakness::kTooSimple;
  }
}

// The weakness that covers most of the password: what its owner should change.
PasswordWeakness LargestWeakness(const ZxcMatch_t* matches) {
  int covered[static_cast<int>(PasswordWeakness::kTooSimple) + 1] = {};
  for (const ZxcMatch_t* match = matches; match != nullptr; match = match->Next)
    covered[static_cast<int>(WeaknessOf(match->Type))] += match->Length;
  const auto* largest = std::max_element(std::begin(covered), std::end(covered));
  return static_cast<PasswordWeakness>(largest - std::begin(covered));
}

Judgement Judge(std::string_view part, const std::vector<const char*>& words) {
  const Secret text(part);
  ZxcMatch_t* matches = nullptr;
  auto* dictionary = const_cast<const char**>(words.data());
  // A canonical password holds no NUL, so the text ends where the password does.
  const double bits = ZxcvbnMatch(text.Reveal().data(), dictionary, &matches);
  const Judgement judgement{bits, LargestWeakness(matches)};
  ZxcvbnFreeInfo(matches);
  return judgement;
}

Judgement JudgeWhole(std::string_view password, const ContextWords& context) {
  std::vector<const char*> words;
  for (const std::string& word : context) {
    if (!word.empty()) words.push_back(word.c_str());
  }
  words.push_back(nullptr);
  if (password.size() <= kJudgedBytes) return Judge(password, words);
  const Judgement front = Judge(password.substr(0, kJudgedBytes), words);
  const Judgement back = Judge(password.substr(password.size() - kJudgedBytes), words);
  return front.bits >= back.bits ? front : back;
}

}  // namespace

PasswordVerdict CheckNewPassword(const Secret& canonical, const ContextWords& context,
                                 const Blocklist& blocklist, const PasswordRules& rules) {
  PasswordVerdict verdict{.issue = PasswordIssue::kNone,
                          .weakness = PasswordWeakness::kNone,
                          .min_characters = rules.min_characters};
  const std::string_view password = canonical.Reveal();
  const auto refuse = [&](PasswordIssue issue) {
    verdict.issue = issue;
    return verdict;
  };
  if (password.size() > crypto::kMaxPasswordBytes) return refuse(PasswordIssue::kTooLong);
  if (CountCodePoints(password) < rules.min_characters) return refuse(PasswordIssue::kTooShort);
  std::string lower = InLowerCase(password);
  const Secret folded = Secret::Adopt(lower);
  if (blocklist.Contains(password) || blocklist.Contains(folded.Reveal()))
    return refuse(PasswordIssue::kBlocklisted);
  if (IsContextWord(folded.Reveal(), context)) return refuse(PasswordIssue::kContext);
  const Judgement judgement = JudgeWhole(password, context);
  if (judgement.bits < rules.min_guess_bits) {
    verdict.weakness = judgement.weakness;
    return refuse(PasswordIssue::kGuessable);
  }
  return verdict;
}

PasswordVerdict VerdictOnUnreadable(std::string_view typed, const PasswordRules& rules) {
  const PasswordIssue issue = typed.empty()                              ? PasswordIssue::kTooShort
                              : typed.size() > crypto::kMaxPasswordBytes ? PasswordIssue::kTooLong
                                                                         : PasswordIssue::kNotText;
  return {
      .issue = issue, .weakness = PasswordWeakness::kNone, .min_characters = rules.min_characters};
}

}  // namespace latchkey::proof
