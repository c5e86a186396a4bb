// SPDX-License-Identifier: Apache-2.0
// What a program holds in memory stays there (Law 12).
#pragma once

namespace latchkey {

// For programs that hold secrets, first thing in main: no core file, and no look into the memory by
// other processes of the same user.
void KeepMemoryPrivate();

}  // namespace latchkey
