// SPDX-License-Identifier: Apache-2.0
// Everything that the phone can say, in one place and in each language.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace latchkey::ivr {

enum class Language { kEnglish, kGerman };
// From a BCP 47 tag: "de", "de-AT"; nullopt for a language that the catalog lacks.
std::optional<Language> LanguageOf(std::string_view tag);
std::string_view TagOf(Language language);

enum class Prompt {
  kGreeting,
  kCustomerNumber,
  kMenu,
  kCodeMenu,
  kMessageOnItsWay,
  kEnterCode,
  kEnterToken,
  kTokenTaken,
  kProvenMenu,  // and the same with less to choose from
  kProvenMenuUnlock,
  kProvenMenuPassword,
  kProvenMenuNeither,
  kUnlocked,
  kLinkOnItsWay,
  kLinkSentBefore,
  kTokenOnWeb,
  kConfirmFreeze,
  kNothingFrozen,
  kFrozen,
  kPersonWillCall,
  kPersonNeedsNumber,
  kNothingHeard,
  kNotUnderstood,
  kWrong,
  kCodesRest,
  kTooOld,
  kUsed,
  kStopped,
  kMoreProof,
  kNotPossibleNow,
  kNoAnswer,
  kWaysOn,
  kGoodbye,
};

// One thing to say. `value` stands where the text has "{}"; never a secret.
struct Utterance {
  Prompt prompt = Prompt::kGreeting;
  std::string value = {};
};

std::string TextOf(Language language, const Utterance& utterance);
// A stable name for logs, recordings and tests: "enter-code".
std::string_view NameOf(Prompt prompt);

// A reference as it is said aloud: "R-7K2M-9QXA" is "R, 7 K 2 M, 9 Q X A".
std::string Spelled(std::string_view reference);

}  // namespace latchkey::ivr
