// SPDX-License-Identifier: Apache-2.0
// The canonical form of an e-mail address, for canonical.cc.
#pragma once

#include <string>

#include "services/base/result.h"

namespace latchkey::model {

// `text` holds an "@" and neither controls nor blanks at its ends. The forms that mail servers
// accept and no others: no quoted local parts, no comments, no address literals.
Result<std::string> CanonicalEmail(const std::u32string& text);

}  // namespace latchkey::model
