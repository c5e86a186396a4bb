// SPDX-License-Identifier: Apache-2.0
// Any configuration file is one, or refused with its mistakes named.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "clients/portal/config.h"
#include "services/base/config.h"

namespace {

template <typename Config>
void Expect(const latchkey::Result<Config>& config) {
  if (!config.ok() && config.failure().detail.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const int file = memfd_create("config", 0);
  if (file < 0 || write(file, data, size) != static_cast<ssize_t>(size)) std::abort();
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  Expect(latchkey::LoadConfig(path));
  Expect(latchkey::portal::LoadPortalConfig(path));
  close(file);
  return 0;
}
