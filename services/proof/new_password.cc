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

// What is known of the customer and the bank, as it may stand in a password: whole, and each word
// of it.
ContextWords Pieces(const ContextWords& context) {
  ContextWords pieces;
  for (const std::string& whole : context) {
    const std::string text = InLowerCase(whole);
    if (!text.empty()) pieces.push_back(text);
    for (size_t begin = 0; begin < text.size();) {
      size_t end = begin;
      while (end < text.size() && !IsTrimmed(text[end])) ++end;
      if (end - begin >= kShortestContext) pieces.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  return pieces;
}

// Whether a password is such words and nothing else but digits, punctuation and blanks, however
// often and in whatever order. The work is bounded by its length times the words.
bool IsMadeOf(std::string_view folded, const ContextWords& pieces) {
  enum { kNot, kOfOrnament, kOfWords };
  std::vector<char> made(folded.size() + 1, kNot);  // of what the password is made up to there
  made[0] = kOfOrnament;
  for (size_t at = 0; at < folded.size(); ++at) {
    if (made[at] == kNot) continue;
    if (IsTrimmed(folded[at])) made[at + 1] = std::max(made[at + 1], made[at]);
    for (const std::string& piece : pieces) {
      if (folded.substr(at).starts_with(piece)) made[at + piece.size()] = kOfWords;
    }
  }
  return made.back() == kOfWords;
}

// A password that is one text over and over is worth that text: said once. The last time may be
// cut.
std::string_view SaidOnce(std::string_view password) {
  for (size_t period = 1; period <= password.size() / 2; ++period) {
    if (password.substr(period) == password.substr(0, password.size() - period))
      return password.substr(0, period);
  }
  return password;
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
  // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): a Secret ends in NUL
  const double bits = ZxcvbnMatch(text.Reveal().data(), dictionary, &matches);
  const Judgement judgement{bits, LargestWeakness(matches)};
  ZxcvbnFreeInfo(matches);
  return judgement;
}

Judgement JudgeWhole(std::string_view password, const ContextWords& pieces) {
  std::vector<const char*> words;
  for (const std::string& word : pieces) words.push_back(word.c_str());
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
  const ContextWords pieces = Pieces(context);
  if (IsMadeOf(folded.Reveal(), pieces)) return refuse(PasswordIssue::kContext);
  const std::string_view once = SaidOnce(password);
  const Judgement judgement = JudgeWhole(once, pieces);
  if (judgement.bits < rules.min_guess_bits) {
    verdict.weakness = once != password ? PasswordWeakness::kRepeat : judgement.weakness;
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
