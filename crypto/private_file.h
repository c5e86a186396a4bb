// SPDX-License-Identifier: Apache-2.0
// Files with secrets in them: written whole or not at all, and readable by their owner only.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

#include "crypto/secret.h"
#include "services/base/result.h"

namespace latchkey::crypto {

// Replaces `path` with `contents`, mode 0600, owner and group kept where the file was there before:
// temporary file beside it, fsync, rename, fsync of the folder. After a crash the file is the old
// one or the new one. kUnavailable with a line for the operator.
Done WritePrivateFile(const std::filesystem::path& path, std::string_view contents);

// Reads at most `longest` bytes. kUnavailable with a line that says what to do when the file is
// absent, is no plain file, is longer, or has another mode than 0600 or 0400.
Result<Secret> ReadPrivateFile(const std::filesystem::path& path, size_t longest);
// The first line of such a file of a few kilobytes, without its end: a password.
Result<Secret> ReadPrivateLine(const std::filesystem::path& path);

}  // namespace latchkey::crypto
