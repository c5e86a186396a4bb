// SPDX-License-Identifier: Apache-2.0
// Words for staff, in one place. Every refusal says what can be done now (Law 10).
#pragma once

#include <string>
#include <string_view>

#include "clients/branch/commands.h"
#include "clients/common/refusal.h"
#include "latchkey/v1/cases.pb.h"

namespace latchkey::branch {

// What was refused while doing `command`, and the way on. One sentence or more on one line.
std::string RefusalWords(const client::Refused& refused, Command command);

// Why `command` (send, token) cannot be done for a customer without an address for codes: one that
// is too new, or none.
std::string NoAddressWords(Command command, const v1::Case& one);

// For a word that is no command: the nearest one, and where all are.
std::string NoSuchCommandWords(std::string_view word);
// Why nothing can be done on a closed case.
std::string ClosedCaseWords(const v1::Case& one);

std::string_view StateWords(v1::AccountState state);
std::string_view PasswordWords(v1::PasswordState state);
std::string_view ActivityWords(v1::ActivityKind kind);
std::string_view ChannelWords(v1::Channel channel);
// "2026-07-19 14:05 CEST" in the terminal's time zone.
std::string TimeWords(int64_t unix_ms);
// When something is over: rounded up to the minute, as the web tells it too. Told rounded down, it
// would still rest when the customer tries.
std::string UntilWords(int64_t unix_ms);

}  // namespace latchkey::branch
