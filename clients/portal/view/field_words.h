// SPDX-License-Identifier: Apache-2.0
// What is wrong with a field, in words that say how to put it right (WCAG 3.3.1, 3.3.3).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "clients/portal/view/advice.h"
#include "clients/portal/view/catalog.h"

namespace latchkey::portal {

// The fields that a task's page shows, from the top down.
std::span<const std::string_view> FieldsOf(Task task);

// What can be seen from the text alone, whoever is meant; empty when nothing can.
std::string FieldWords(const Catalog& catalog, const std::string& language, std::string_view field,
                       std::string_view typed);

}  // namespace latchkey::portal
