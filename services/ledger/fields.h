// SPDX-License-Identifier: Apache-2.0
// A few strings as one, before they are sealed: each with its length in front, so that no content
// can move a border.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::ledger {

std::string PackFields(std::initializer_list<std::string_view> fields);
// nullopt unless `packed` is exactly `count` fields.
std::optional<std::vector<std::string>> UnpackFields(std::string_view packed, size_t count);

}  // namespace latchkey::ledger
