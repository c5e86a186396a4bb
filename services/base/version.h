// SPDX-License-Identifier: Apache-2.0
// The version that every program tells; the same as in CMakeLists.txt.
#pragma once

namespace latchkey {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace latchkey
