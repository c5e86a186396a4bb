// SPDX-License-Identifier: Apache-2.0
#include "crypto/private_file.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

namespace latchkey::crypto {
namespace {

constexpr size_t kLongestWithALine = 4096;

// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

// Must be called before anything else can change errno.
Failure SystemFailure(std::string_view what, const std::filesystem::path& path) {
  std::string why = std::generic_category().message(errno);
  return Fail(Reason::kUnavailable, std::string(what) + " " + path.string() + ": " + why);
}

Done WriteAll(int fd, std::string_view contents, const std::filesystem::path& path) {
  while (!contents.empty()) {
    ssize_t written = ::write(fd, contents.data(), contents.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemFailure("cannot write", path);
    contents.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

// Fills a new file and makes it durable. An operator who runs as root must not take the file from
// the service's user.
Done FillTemporary(const std::filesystem::path& temporary, const std::filesystem::path& path,
                   std::string_view contents) {
  Descriptor file(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.ok()) return SystemFailure("cannot create", temporary);
  struct stat before{};
  if (::stat(path.c_str(), &before) == 0 &&
      (before.st_uid != ::geteuid() || before.st_gid != ::getegid()) &&
      ::fchown(file.get(), before.st_uid, before.st_gid) != 0) {
    return SystemFailure("cannot keep the owner of", path);
  }
  if (::fchmod(file.get(), 0600) != 0) return SystemFailure("cannot set the mode of", temporary);
  LATCHKEY_TRY(WriteAll(file.get(), contents, temporary));
  if (::fsync(file.get()) != 0) return SystemFailure("cannot write", temporary);
  return {};
}

Done SyncFolder(const std::filesystem::path& path) {
  std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.ok() || ::fsync(opened.get()) != 0) return SystemFailure("cannot sync", folder);
  return {};
}

std::string Octal(mode_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777));
  return text.data();
}

}  // namespace

Done WritePrivateFile(const std::filesystem::path& path, std::string_view contents) {
  std::filesystem::path temporary = path;
  temporary += ".new";
  ::unlink(temporary.c_str());  // what a crash left behind
  if (Done filled = FillTemporary(temporary, path, contents); !filled.ok()) {
    ::unlink(temporary.c_str());
    return filled;
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    Failure failure = SystemFailure("cannot replace", path);
    ::unlink(temporary.c_str());
    return failure;
  }
  return SyncFolder(path);
}

Result<Secret> ReadPrivateFile(const std::filesystem::path& path, size_t longest) {
  // O_NONBLOCK, so that a pipe in the file's place cannot hold up the start.
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.ok()) return SystemFailure("cannot open", path);
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return SystemFailure("cannot open", path);
  if (!S_ISREG(info.st_mode)) {
    return Fail(Reason::kUnavailable, path.string() + " is not a plain file");
  }
  if (mode_t mode = info.st_mode & 07777; mode != 0600 && mode != 0400) {
    return Fail(Reason::kUnavailable, path.string() + " has mode " + Octal(mode) +
                                          " and holds secrets: run chmod 600 " + path.string());
  }
  if (info.st_size < 0 || static_cast<size_t>(info.st_size) > longest) {
    return Fail(Reason::kUnavailable,
                path.string() + " is longer than " + std::to_string(longest) + " bytes");
  }
  std::string contents(static_cast<size_t>(info.st_size), '\0');
  size_t filled = 0;
  while (filled < contents.size()) {
    ssize_t got = ::read(file.get(), contents.data() + filled, contents.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      Failure failure = SystemFailure("cannot read", path);
      sodium_memzero(contents.data(), contents.size());
      return failure;
    }
    filled += static_cast<size_t>(got);
  }
  return Secret::Adopt(contents);
}

Result<Secret> ReadPrivateLine(const std::filesystem::path& path) {
  LATCHKEY_ASSIGN(const Secret file, ReadPrivateFile(path, kLongestWithALine));
  std::string_view line = file.Reveal();
  line = line.substr(0, line.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return Secret(line);
}

}  // namespace latchkey::crypto
