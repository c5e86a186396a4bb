// SPDX-License-Identifier: Apache-2.0
// The limit of a call that hashes nothing: the service's own listening side with nothing behind it.
#pragma once

#include <string>

namespace latchkey::bench {

// Answers Begin and SignIn at once with as many bytes as the service, until SIGTERM. With the
// certificates of the bank in `folder`; the exit status.
int ServeEcho(const std::string& folder, const std::string& port);

}  // namespace latchkey::bench
