// SPDX-License-Identifier: Apache-2.0
// A case as lines of text. Each begins with a word and a colon, so that people and scripts find it
// again.
#pragma once

#include <string>
#include <vector>

#include "latchkey/v1/cases.pb.h"

namespace latchkey::branch {

// The whole case with its timeline.
std::vector<std::string> CaseSheet(const v1::Case& one);
// What is proved and what that allows: after an act, instead of the whole case.
std::vector<std::string> ProofLines(const v1::Case& one);
std::vector<std::string> WaitingSheet(const v1::ListWaitingResponse& list);
// The token, shown once, with the words for the customer.
std::vector<std::string> TokenSlip(const std::string& digits, int64_t expires_at_unix_ms);

}  // namespace latchkey::branch
