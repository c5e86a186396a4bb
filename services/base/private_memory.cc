// SPDX-License-Identifier: Apache-2.0
#include "services/base/private_memory.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "services/base/check.h"

namespace latchkey {

void KeepMemoryPrivate() {
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  LATCHKEY_CHECK(setrlimit(RLIMIT_CORE, &none) == 0);
  // A core that is piped to a program is not held by that limit.
  LATCHKEY_CHECK(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
}

}  // namespace latchkey
