// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/form_key.h"

#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

namespace latchkey::portal {

Result<Secret> LoadFormKey(const std::filesystem::path& path, Random& random) {
  using std::filesystem::perms;
  constexpr size_t kKeyBytes = 32;
  if (path.empty()) {
    std::string made = random.Take(kKeyBytes);
    return Secret::Adopt(made);
  }
  const std::string name = path.string();
  std::error_code error;
  const perms mode = std::filesystem::status(path, error).permissions();
  if (!error && (mode & (perms::group_all | perms::others_all)) != perms::none) {
    return Malformed("form_key_file",
                     name + ": others than its owner may use it; chmod 600 " + name);
  }
  std::ifstream in(path, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(in), {});
  if (bytes.size() != kKeyBytes) {
    return Malformed("form_key_file", name +
                                          " must hold exactly 32 random bytes; make it with: "
                                          "(umask 077; head -c 32 /dev/urandom > " +
                                          name + ")");
  }
  return Secret::Adopt(bytes);
}

}  // namespace latchkey::portal
