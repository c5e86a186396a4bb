// SPDX-License-Identifier: Apache-2.0
// How a link's token reaches a post: its fragment never travels by itself (attack L04).
#pragma once

#include <optional>
#include <string>

#include "clients/portal/http/form.h"

namespace latchkey::portal {

// The token from the hidden field `t`, which a script fills from the fragment, or from `link`, into
// which a customer without scripts pastes the whole link. Absent when neither holds 32 bytes.
std::optional<std::string> LinkTokenOf(const Form& form);

}  // namespace latchkey::portal
