// SPDX-License-Identifier: Apache-2.0
// The static files: read once, named by their digest, so that browsers may keep them for good.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "clients/portal/config.h"
#include "clients/portal/http/message.h"
#include "services/base/result.h"

namespace latchkey::portal {

// Threads: any. Nothing is looked up on the disk after Load, so no path of a request can leave it.
class Assets {
 public:
  // The files of `folder`, the bank's logo as "logo.svg", and its colours as "theme.css".
  static Result<Assets> Load(const std::filesystem::path& folder, const BankConfig& bank);

  // "/static/portal.1f2e3d4c5b6a7988.css" of "portal.css". REQUIRES: there is such a file.
  const std::string& PathOf(std::string_view name) const;
  // nullptr when no file has this path.
  const Response* Find(std::string_view path) const;

 private:
  void Add(std::string name, std::string content);
  std::map<std::string, std::string, std::less<>> paths_;
  std::map<std::string, Response, std::less<>> files_;
};

}  // namespace latchkey::portal
