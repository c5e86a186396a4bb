// SPDX-License-Identifier: Apache-2.0
// "Did you mean": the known word that is nearest to one that somebody mistyped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace latchkey {

// Empty when none is near: more than a third of the letters, and more than two, are others.
std::string Nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace latchkey
