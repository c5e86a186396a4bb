// SPDX-License-Identifier: Apache-2.0
// What a member of staff can ask the terminal to do: names, questions, and when each makes sense.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "latchkey/v1/assist.pb.h"

namespace latchkey::branch {

enum class Command {
  kSignIn,  // by questions, not by name
  kFind,
  kCase,
  kInspect,
  kSend,
  kCheck,
  kToken,
  kUnlock,
  kLift,
  kNote,
  kWaiting,
  kLeave,
  kHelp,
  kSignOut,
};

struct CommandInfo {
  Command command;
  std::string_view name;
  std::string_view arguments;  // as help shows them
  std::string_view meaning;
};

// In the order of a visit.
const std::vector<CommandInfo>& Commands();
const CommandInfo& InfoOf(Command command);
// Whether it is about the customer who is open.
bool NeedsCase(Command command);
// By its whole name, in small letters or capitals; nullopt for anything else.
std::optional<Command> CommandNamed(std::string_view word);

// An argument as it is meant: numbers are printed in groups, and typed so.
std::string Tidied(Command command, size_t index, std::string_view text);

// Of an answer that is yes or no.
bool IsYes(std::string_view text);

// What is wrong with an argument as soon as it is given, as the end of a sentence; empty: it can be
// right.
std::string ArgumentFault(Command command, size_t index, std::string_view text);

// What staff write for a reason and for a document; nullopt for anything else.
std::optional<v1::Reason> ReasonNamed(std::string_view word);
std::optional<v1::DocumentKind> DocumentNamed(std::string_view word);

}  // namespace latchkey::branch
