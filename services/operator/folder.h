// SPDX-License-Identifier: Apache-2.0
// What commands write: a folder that appears whole or not at all, filled beside its place and moved
// there at the end; and files, which overwrite nothing.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "services/base/result.h"

namespace latchkey::operate {

// Before a file is written that `option` names, such as "--report". kMalformed when anything is
// there already: it may be the input, or somebody's only copy.
Done CheckNew(const std::string& option, const std::filesystem::path& file);

// One thread. What was not moved into place is removed by the destructor.
class NewFolder {
 public:
  // kConflict when `place` holds anything already; kUnavailable when nothing can be written there.
  static Result<NewFolder> Begin(const std::filesystem::path& place);
  ~NewFolder();
  NewFolder(NewFolder&& other) noexcept;
  NewFolder& operator=(NewFolder&&) = delete;

  Done MakeFolder(
      const std::filesystem::path& relative);  // mode 0700, for what only the service reads
  Done Write(const std::filesystem::path& relative, std::string_view contents);         // mode 0644
  Done WritePrivate(const std::filesystem::path& relative, std::string_view contents);  // mode 0600
  const std::filesystem::path& path() const { return filling_; }
  // Moves it into place.
  Done Finish();

 private:
  NewFolder(std::filesystem::path place, std::filesystem::path filling)
      : place_(std::move(place)), filling_(std::move(filling)) {}
  std::filesystem::path place_;
  std::filesystem::path filling_;
};

}  // namespace latchkey::operate
