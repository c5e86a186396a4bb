// SPDX-License-Identifier: Apache-2.0
// Greets a mail relay the way the courier does, and says goodbye without a message.
#pragma once

#include "services/base/config.h"
#include "services/base/result.h"

namespace latchkey::operate {

// Connects, starts TLS, verifies the certificate and authenticates. kUnavailable; the detail is for
// people.
Done GreetRelay(const Config::Relay& relay);

}  // namespace latchkey::operate
