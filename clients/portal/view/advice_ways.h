// SPDX-License-Identifier: Apache-2.0
// Where a refusal leaves open to go (Law 10).
#pragma once

#include <vector>

#include "clients/common/refusal.h"
#include "clients/portal/view/advice.h"

namespace latchkey::portal {

// Those that the service named, or the usual ones; and the ways that never close, phone and branch.
std::vector<Way> WaysFor(const client::Refused& refused, Task task, const Audience& audience);

}  // namespace latchkey::portal
