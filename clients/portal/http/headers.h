// SPDX-License-Identifier: Apache-2.0
// The headers that every answer carries, errors too.
#pragma once

#include "clients/portal/http/message.h"

namespace latchkey::portal {

// Adds them. `secure`: customers reach this portal over TLS, here or at a proxy.
void AddGuards(Response& response, bool secure);

}  // namespace latchkey::portal
