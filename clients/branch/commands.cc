// SPDX-License-Identifier: Apache-2.0
#include "clients/branch/commands.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "clients/common/typed.h"
#include "services/base/check.h"

namespace latchkey::branch {
namespace {

constexpr size_t kCodeDigits = 8;
constexpr size_t kTailCharacters = 4;

bool HasLetters(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalpha(c) != 0; });
}

bool IsDocumentTail(std::string_view text) {
  return text.size() == kTailCharacters &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0; });
}

// As people write: "Find", "FORGOT".
bool SameWord(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

bool IsCode(std::string_view text) {
  const std::string code = client::StripTypedCode(text);
  return code.size() == kCodeDigits && client::AllDigits(code);
}

}  // namespace

const std::vector<CommandInfo>& Commands() {
  static const std::vector<CommandInfo> all = {
      {Command::kFind, "find", "NUMBER REASON [NOTE]",
       "open the case of a customer; REASON: forgot, locked, suspicious, callback, other"},
      {Command::kCase, "case", "[REFERENCE]", "show the case again, or open one by its reference"},
      {Command::kInspect, "inspect", "DOCUMENT LAST4",
       "you inspected a passport, card, licence or permit; its number ends in LAST4"},
      {Command::kSend, "send", "[CONTACT]", "send a code to a settled address of the customer"},
      {Command::kCheck, "check", "CODE", "check the 8 digits that the customer reads to you"},
      {Command::kToken, "token", "[yes]", "issue the 12-digit token; needs document and code"},
      {Command::kUnlock, "unlock", "",
       "clear locks and counts, keep the password; needs document or code"},
      {Command::kLift, "lift", "", "lift a freeze; needs document and code from after the freeze"},
      {Command::kNote, "note", "TEXT", "add a note to the case"},
      {Command::kLeave, "leave", "", "leave this customer"},
      {Command::kWaiting, "waiting", "", "list the cases that wait for a person"},
      {Command::kHelp, "help", "", "show this list"},
      {Command::kSignOut, "out", "", "sign out and end; so do exit and quit"},
  };
  return all;
}

const CommandInfo& InfoOf(Command command) {
  for (const CommandInfo& info : Commands()) {
    if (info.command == command) return info;
  }
  LATCHKEY_CHECK(false);
}

bool NeedsCase(Command command) {
  switch (command) {
    case Command::kInspect:
    case Command::kSend:
    case Command::kCheck:
    case Command::kToken:
    case Command::kUnlock:
    case Command::kLift:
    case Command::kNote:
    case Command::kLeave:
      return true;
    default:
      return false;
  }
}

std::optional<Command> CommandNamed(std::string_view word) {
  if (SameWord(word, "exit") || SameWord(word, "quit")) return Command::kSignOut;
  for (const CommandInfo& info : Commands()) {
    if (SameWord(info.name, word)) return info.command;
  }
  return std::nullopt;
}

std::optional<v1::Reason> ReasonNamed(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, v1::Reason>, 5> kNames = {
      {{"forgot", v1::REASON_FORGOT_PASSWORD},
       {"locked", v1::REASON_LOCKED},
       {"suspicious", v1::REASON_SUSPICIOUS_ACTIVITY},
       {"callback", v1::REASON_CALL_BACK},
       {"other", v1::REASON_OTHER}}};
  for (const auto& [name, reason] : kNames) {
    if (SameWord(name, word)) return reason;
  }
  return std::nullopt;
}

std::optional<v1::DocumentKind> DocumentNamed(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, v1::DocumentKind>, 4> kNames = {
      {{"passport", v1::DOCUMENT_KIND_PASSPORT},
       {"card", v1::DOCUMENT_KIND_IDENTITY_CARD},
       {"licence", v1::DOCUMENT_KIND_DRIVING_LICENCE},
       {"permit", v1::DOCUMENT_KIND_RESIDENCE_PERMIT}}};
  for (const auto& [name, kind] : kNames) {
    if (SameWord(name, word)) return kind;
  }
  return std::nullopt;
}

bool IsYes(std::string_view text) { return SameWord(text, "yes"); }

std::string Tidied(Command command, size_t index, std::string_view text) {
  const bool is_number = (command == Command::kFind && index == 0) ||
                         (command == Command::kInspect && index == 1) ||
                         (command == Command::kCheck && index == 0);
  return is_number ? client::StripTypedCode(text) : std::string(text);
}

std::string ArgumentFault(Command command, size_t index, std::string_view text) {
  switch (command) {
    case Command::kFind:
      if (index == 0 && HasLetters(text))
        return "a customer number has digits only, as on the card or a statement.";
      if (index == 1 && !ReasonNamed(text))
        return "the reason is one of forgot, locked, suspicious, callback, other.";
      return {};
    case Command::kInspect:
      if (index == 0 && !DocumentNamed(text))
        return "the document is one of passport, card, licence, permit.";
      if (index == 1 && !IsDocumentTail(text))
        return "the end of the document's number is its last four letters and digits, such as "
               "47AB.";
      return {};
    case Command::kSend:
      if (text.size() > 3 || !client::AllDigits(text))
        return "name the contact by its number, as case shows it.";
      return {};
    case Command::kToken:
      if (!SameWord(text, "yes") && !SameWord(text, "no"))
        return "token asks at most whether to void an earlier one: yes or no.";
      return {};
    case Command::kCheck:
      if (!IsCode(text))
        return "the code has 8 digits. Nothing was counted; let the customer read it again.";
      return {};
    default:
      return {};
  }
}

}  // namespace latchkey::branch
