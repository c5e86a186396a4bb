// SPDX-License-Identifier: Apache-2.0
#include "services/recovery/spool.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "crypto/seal.h"
#include "services/base/log.h"
#include "services/ledger/fields.h"

namespace latchkey::recovery {
namespace {

constexpr size_t kLengthBytes = 4;  // big-endian, in front of each record
constexpr std::string_view kPlace = "spool/intake";

Failure CannotKeep(const std::filesystem::path& path) {
  return Fail(Reason::kUnavailable,
              "cannot write the spool " + path.string() + ": " + std::strerror(errno));
}

Result<SpooledIntake> OpenRecord(const crypto::KeyRing& keys, const Bytes& record) {
  LATCHKEY_ASSIGN(Secret packed, crypto::OpenWithRing(keys, kPlace, record));
  auto fields = ledger::UnpackFields(packed.Reveal(), 2);
  if (!fields) return Fail(Reason::kInternal, "a record of the spool has another shape");
  LATCHKEY_ASSIGN(ledger::Intake intake, ledger::UnpackIntake((*fields)[1]));
  return SpooledIntake{Bytes(std::move((*fields)[0])), std::move(intake)};
}

}  // namespace

Spool::Spool(Options options, const crypto::KeyRing& keys, Random& random)
    : options_(std::move(options)), keys_(keys), random_(random) {}

Spool::~Spool() {
  if (file_ >= 0) ::close(file_);
  if (claim_ >= 0) ::close(claim_);
}

Done Spool::Claim() {
  std::error_code error;
  std::filesystem::create_directories(options_.folder, error);
  const auto path = options_.folder / "claimed";
  claim_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (claim_ < 0) return CannotKeep(path);
  if (::flock(claim_, LOCK_EX | LOCK_NB) == 0) return {};
  return Fail(Reason::kUnavailable, "another latchkeyd works with " + options_.folder.string() +
                                        "; stop it, or give each node a [files] spool of its own");
}

Done Spool::OpenLocked() {
  if (file_ >= 0) return {};
  std::error_code error;
  std::filesystem::create_directories(options_.folder, error);
  const auto path = options_.folder / "intakes.spool";
  std::ifstream before(path, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(before), {}};
  size_t at = 0;
  while (content.size() - at >= kLengthBytes) {
    size_t size = 0;
    for (size_t i = 0; i < kLengthBytes; ++i)
      size = size << 8 | static_cast<unsigned char>(content[at + i]);
    if (content.size() - at - kLengthBytes < size) break;  // cut short: never acknowledged
    Bytes record(std::string_view(content).substr(at + kLengthBytes, size));
    at += kLengthBytes + size;
    auto opened = OpenRecord(keys_, record);
    if (opened.ok()) {
      waiting_.emplace(opened->request_key, std::move(record));
    } else {
      log::Error("spool.unreadable",
                 {{"byte", static_cast<int64_t>(at)}, {"why", opened.failure().detail}});
    }
  }
  file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file_ < 0) return CannotKeep(path);
  // What comes next must not be glued to half a record.
  if (::ftruncate(file_, static_cast<off_t>(at)) != 0 || ::lseek(file_, 0, SEEK_END) < 0) {
    ::close(std::exchange(file_, -1));
    return CannotKeep(path);
  }
  bytes_ = at;
  return {};
}

Done Spool::AppendLocked(const Bytes& record) {
  std::string framed;
  for (int shift = 24; shift >= 0; shift -= 8)
    framed += static_cast<char>(record.size() >> shift & 0xff);
  framed += record.view();
  if (bytes_ + framed.size() > options_.largest_bytes)
    return Fail(Reason::kUnavailable, "the spool has grown to its bound");
  const bool written =
      ::write(file_, framed.data(), framed.size()) == static_cast<ssize_t>(framed.size());
  if (!written || ::fsync(file_) != 0) {
    const Failure failure = CannotKeep(options_.folder);
    if (::ftruncate(file_, static_cast<off_t>(bytes_)) != 0 || ::lseek(file_, 0, SEEK_END) < 0)
      ::close(std::exchange(file_, -1));  // opened anew next time, which passes over what is cut
    return failure;
  }
  bytes_ += framed.size();
  return {};
}

Result<ledger::Intake> Spool::Keep(const SpooledIntake& spooled) {
  const std::string packed =
      ledger::PackFields({spooled.request_key.view(), ledger::PackIntake(spooled.intake)});
  Bytes record = crypto::SealWithRing(keys_, kPlace, packed, random_);
  std::lock_guard lock(mutex_);
  LATCHKEY_TRY(OpenLocked());
  auto known = waiting_.find(spooled.request_key);
  if (known == waiting_.end()) {
    LATCHKEY_TRY(AppendLocked(record));
    known = waiting_.emplace(spooled.request_key, std::move(record)).first;
  }
  LATCHKEY_ASSIGN(SpooledIntake kept, OpenRecord(keys_, known->second));
  return std::move(kept.intake);
}

Result<int64_t> Spool::Drain(const std::function<Done(const SpooledIntake&)>& store) {
  std::map<Bytes, Bytes> taken;
  {
    std::lock_guard lock(mutex_);
    LATCHKEY_TRY(OpenLocked());
    taken = waiting_;
  }
  // Without the lock: a ledger that is slow to come back must not hold up those who still need the
  // spool.
  for (const auto& [key, record] : taken) {
    LATCHKEY_ASSIGN(SpooledIntake spooled, OpenRecord(keys_, record));
    LATCHKEY_TRY(store(spooled));
  }
  std::lock_guard lock(mutex_);
  for (const auto& [key, record] : taken) waiting_.erase(key);
  if (waiting_.empty() && bytes_ > 0 && ::ftruncate(file_, 0) == 0) {
    ::lseek(file_, 0, SEEK_SET);
    bytes_ = 0;
  }
  return static_cast<int64_t>(taken.size());
}

}  // namespace latchkey::recovery
