// SPDX-License-Identifier: Apache-2.0
#include "services/proof/blocklist.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "services/base/check.h"
#include "services/proof/blocklist_format.h"

namespace latchkey::proof {
namespace {

Failure NoBlocklist(const std::filesystem::path& path, const std::string& why) {
  return Fail(Reason::kUnavailable,
              "blocklist " + path.string() + " " + why +
                  "; build one with `latchkey blocklist build`, or correct the path");
}

}  // namespace

Entry EntryOf(std::string_view word) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  LATCHKEY_CHECK(EVP_Digest(word.data(), word.size(), digest, &size, EVP_sha1(), nullptr) == 1);
  return LoadEntry(digest);
}

Result<Blocklist> Blocklist::Open(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return NoBlocklist(path, std::string("cannot be opened: ") + std::strerror(errno));
  struct stat status{};
  void* mapped = MAP_FAILED;
  if (::fstat(file, &status) == 0 && static_cast<size_t>(status.st_size) >= kBlocklistHeader) {
    mapped = ::mmap(nullptr, static_cast<size_t>(status.st_size), PROT_READ, MAP_SHARED, file, 0);
  }
  ::close(file);
  if (mapped == MAP_FAILED) return NoBlocklist(path, "is too short or cannot be mapped");

  Blocklist list;
  list.mapped_ = static_cast<const unsigned char*>(mapped);
  list.mapped_bytes_ = static_cast<size_t>(status.st_size);
  const std::string_view magic(reinterpret_cast<const char*>(list.mapped_), kBlocklistMagic.size());
  if (magic != kBlocklistMagic) return NoBlocklist(path, "is not a blocklist");
  list.count_ = LoadEntry(list.mapped_ + kBlocklistMagic.size());
  const uint64_t room = (list.mapped_bytes_ - kBlocklistHeader) / kEntryBytes;
  if (list.count_ != room || (list.mapped_bytes_ - kBlocklistHeader) % kEntryBytes != 0)
    return NoBlocklist(path, "is cut short");
  ::madvise(mapped, list.mapped_bytes_, MADV_RANDOM);
  return list;
}

Blocklist::~Blocklist() {
  if (mapped_ != nullptr) ::munmap(const_cast<unsigned char*>(mapped_), mapped_bytes_);
}

Blocklist& Blocklist::operator=(Blocklist&& other) noexcept {
  std::swap(mapped_, other.mapped_);
  std::swap(mapped_bytes_, other.mapped_bytes_);
  std::swap(count_, other.count_);
  return *this;
}

bool Blocklist::Contains(std::string_view password) const {
  const Entry wanted = EntryOf(password);
  uint64_t low = 0;
  uint64_t high = count_;
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    const Entry entry = LoadEntry(mapped_ + kBlocklistHeader + middle * kEntryBytes);
    if (entry == wanted) return true;
    if (entry < wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return false;
}

}  // namespace latchkey::proof
