// SPDX-License-Identifier: Apache-2.0
// The key that forms and cookies are bound by, where several portals share one.
#pragma once

#include <filesystem>

#include "crypto/secret.h"
#include "services/base/random.h"
#include "services/base/result.h"

namespace latchkey::portal {

// 32 bytes from the file, or new ones when there is none. kMalformed (`form_key_file`) when the
// file holds something else, or others than its owner may read it.
Result<Secret> LoadFormKey(const std::filesystem::path& path, Random& random);

}  // namespace latchkey::portal
