// SPDX-License-Identifier: Apache-2.0
#include "clients/branch/commands.h"

#include <array>
#include <utility>

#include "services/base/check.h"

namespace latchkey::branch {

const std::vector<CommandInfo>& Commands() {
  static const std::vector<CommandInfo> all = {
      {Command::kFind, "find", "NUMBER REASON [NOTE]",
       "open the case of a customer; REASON: forgot, locked, suspicious, callback, other"},
      {Command::kCase, "case", "[REFERENCE]", "show the case again, or open one by its reference"},
      {Command::kInspect, "inspect", "DOCUMENT LAST4",
       "you inspected a passport, card, licence or permit; its number ends in LAST4"},
      {Command::kSend, "send", "[CONTACT]", "send a code to a settled address of the customer"},
      {Command::kCheck, "check", "CODE", "check the 8 digits that the customer reads to you"},
      {Command::kToken, "token", "", "issue the 12-digit token; needs document and code"},
      {Command::kUnlock, "unlock", "",
       "clear locks and counts, keep the password; needs document or code"},
      {Command::kLift, "lift", "", "lift a freeze; needs document and code from after the freeze"},
      {Command::kNote, "note", "TEXT", "add a note to the case"},
      {Command::kLeave, "leave", "", "leave this customer"},
      {Command::kWaiting, "waiting", "", "list the cases that wait for a person"},
      {Command::kHelp, "help", "", "show this list"},
      {Command::kSignOut, "out", "", "sign out and end"},
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
  for (const CommandInfo& info : Commands()) {
    if (info.name == word) return info.command;
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
    if (name == word) return reason;
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
    if (name == word) return kind;
  }
  return std::nullopt;
}

}  // namespace latchkey::branch
