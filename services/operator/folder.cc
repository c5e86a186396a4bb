// SPDX-License-Identifier: Apache-2.0
#include "services/operator/folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

#include "crypto/private_file.h"

namespace latchkey::operate {
namespace {

Failure Cannot(const std::filesystem::path& path, int error) {
  std::string advice = error == ENOSPC ? "; make room on the disk and run this again" : "";
  return Fail(Reason::kUnavailable, path.string() + ": cannot be written: " +
                                        std::generic_category().message(error) + advice);
}

// What was renamed is durable only once the folder above is.
void SyncFolder(const std::filesystem::path& folder) {
  int fd = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  close(fd);
}

}  // namespace

Done CheckNew(const std::string& option, const std::filesystem::path& file) {
  std::error_code error;
  const auto type = std::filesystem::symlink_status(file, error).type();
  if (type == std::filesystem::file_type::not_found) return {};
  return Malformed(option, option + ": " + file.string() +
                               " is there already and nothing is ever overwritten; name a file "
                               "that is not there");
}

Result<NewFolder> NewFolder::Begin(const std::filesystem::path& place) {
  std::error_code error;
  std::filesystem::path whole = std::filesystem::absolute(place).lexically_normal();
  if (whole.filename().empty()) whole = whole.parent_path();
  if (std::filesystem::exists(whole, error) && !std::filesystem::is_empty(whole, error)) {
    return Fail(Reason::kConflict,
                whole.string() +
                    ": is not empty and nothing is ever overwritten; name another "
                    "folder, or move this one away");
  }
  std::filesystem::create_directories(whole.parent_path(), error);
  if (error) return Cannot(whole.parent_path(), error.value());
  std::string pattern = whole.string() + ".new-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) return Cannot(pattern, errno);  // mode 0700
  return NewFolder(whole, pattern);
}

NewFolder::NewFolder(NewFolder&& other) noexcept
    : place_(std::move(other.place_)), filling_(std::exchange(other.filling_, {})) {}

NewFolder::~NewFolder() {
  std::error_code ignored;
  if (!filling_.empty()) std::filesystem::remove_all(filling_, ignored);
}

Done NewFolder::MakeFolder(const std::filesystem::path& relative) {
  std::error_code error;
  std::filesystem::create_directories(filling_ / relative, error);
  if (error) return Cannot(filling_ / relative, error.value());
  for (std::filesystem::path each = relative; !each.empty(); each = each.parent_path()) {
    if (chmod((filling_ / each).c_str(), 0700) != 0) return Cannot(filling_ / each, errno);
  }
  return {};
}

Done NewFolder::Write(const std::filesystem::path& relative, std::string_view contents) {
  LATCHKEY_TRY(WritePrivate(relative, contents));
  if (chmod((filling_ / relative).c_str(), 0644) != 0) return Cannot(filling_ / relative, errno);
  return {};
}

Done NewFolder::WritePrivate(const std::filesystem::path& relative, std::string_view contents) {
  LATCHKEY_TRY(MakeFolder(relative.parent_path()));
  return crypto::WritePrivateFile(filling_ / relative, contents);
}

Done NewFolder::Finish() {
  // An empty folder that is in the place is replaced; anything else refuses.
  if (rename(filling_.c_str(), place_.c_str()) != 0) return Cannot(place_, errno);
  filling_.clear();
  SyncFolder(place_.parent_path());
  return {};
}

}  // namespace latchkey::operate
