// SPDX-License-Identifier: Apache-2.0
// A folder that appears whole or not at all: filled beside its place and moved there at the end.
#pragma once

#include <filesystem>
#include <string_view>

#include "services/base/result.h"

namespace latchkey::operate {

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
