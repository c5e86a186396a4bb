// SPDX-License-Identifier: Apache-2.0
// One line on a terminal that tells what is going on; nothing anywhere else.
#pragma once

#include <cstdint>
#include <string>

namespace latchkey::bench {

void Progress(const std::string& what, uint64_t done, uint64_t of);
void Progress(const std::string& what);
// Removes the line, so that a result can stand there.
void EndProgress();

}  // namespace latchkey::bench
