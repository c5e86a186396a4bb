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
// A full spool must be stored long before its handles end, and no transaction be long.
constexpr size_t kStoredTogether = 64;

Failure CannotKeep(const std::filesystem::path& path) {
  return Fail(Reason::kUnavailable,
              "cannot write the spool " + path.string() + ": " + std::strerror(errno));
}

// As `latchkey init` makes it, whatever the umask. One that cannot be made is told of by what is
// opened in it.
void MakeFolder(const std::filesystem::path& folder) {
  const std::filesystem::path itself = (folder / "").parent_path();  // without a slash at the end
  std::error_code error;
  std::filesystem::create_directories(itself.parent_path(), error);
  (void)::mkdir(itself.c_str(), 0700);
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
  MakeFolder(options_.folder);
  const auto path = options_.folder / "claimed";
  claim_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (claim_ < 0) return CannotKeep(path);
  if (::flock(claim_, LOCK_EX | LOCK_NB) == 0) return {};
  return Fail(Reason::kUnavailable, "another latchkeyd works with " + options_.folder.string() +
                                        "; stop it, or give each node a [files] spool of its own");
}

Done Spool::OpenLocked() {
  if (file_ >= 0) return {};
  MakeFolder(options_.folder);
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
  // What comes next must not be glued to half a record. And what a process that was killed has
  // written is acknowledged from now on, whether it lived to see it on the disk or not.
  if (::ftruncate(file_, static_cast<off_t>(at)) != 0 || ::lseek(file_, 0, SEEK_END) < 0 ||
      (at > 0 && !options_.sync(file_))) {
    ::close(std::exchange(file_, -1));
    return CannotKeep(path);
  }
  bytes_ = at;
  return {};
}

std::shared_ptr<Spool::Batch> Spool::JoinLocked(const Bytes& request_key, Bytes record,
                                                bool within_budget) {
  if (writing_ && writing_->records.contains(request_key)) return writing_;
  if (gathering_->records.contains(request_key)) return gathering_;
  const uint64_t before =
      bytes_ + (writing_ ? writing_->framed.size() : 0) + gathering_->framed.size();
  // A flood leaves the other half to those who ask as often as people do (Law 10).
  const uint64_t bound = within_budget ? options_.largest_bytes : options_.largest_bytes / 2;
  if (before + kLengthBytes + record.size() > bound) return nullptr;
  for (int shift = 24; shift >= 0; shift -= 8)
    gathering_->framed += static_cast<char>(record.size() >> shift & 0xff);
  gathering_->framed += record.view();
  gathering_->records.emplace(request_key, std::move(record));
  return gathering_;
}

void Spool::CutLocked() {
  if (::ftruncate(file_, static_cast<off_t>(bytes_)) != 0 || ::lseek(file_, 0, SEEK_END) < 0)
    ::close(std::exchange(file_, -1));  // opened anew next time, which passes over what is cut
}

void Spool::Write(std::unique_lock<std::mutex>& lock) {
  const std::shared_ptr<Batch> batch = std::exchange(gathering_, std::make_shared<Batch>());
  batch->result = OpenLocked();
  if (batch->result.ok()) {
    writing_ = batch;
    lock.unlock();
    const auto size = static_cast<ssize_t>(batch->framed.size());
    if (::write(file_, batch->framed.data(), batch->framed.size()) != size || !options_.sync(file_))
      batch->result = CannotKeep(options_.folder);
    lock.lock();
    writing_.reset();
    if (batch->result.ok()) {
      bytes_ += batch->framed.size();
      waiting_.insert(batch->records.begin(), batch->records.end());
    } else {
      CutLocked();
    }
  }
  batch->ended = true;
  batch->changed.notify_all();
  gathering_->changed.notify_one();  // one of those who came meanwhile writes for them all
}

Result<ledger::Intake> Spool::Keep(const SpooledIntake& spooled, bool within_budget) {
  const std::string packed =
      ledger::PackFields({spooled.request_key.view(), ledger::PackIntake(spooled.intake)});
  Bytes record = crypto::SealWithRing(keys_, kPlace, packed, random_);
  std::unique_lock lock(mutex_);
  LATCHKEY_TRY(OpenLocked());
  if (const auto known = waiting_.find(spooled.request_key); known != waiting_.end()) {
    record = known->second;
  } else {
    const std::shared_ptr<Batch> batch =
        JoinLocked(spooled.request_key, std::move(record), within_budget);
    if (!batch) return Fail(Reason::kUnavailable, "the spool has grown to its bound");
    while (!batch->ended) {
      if (!writing_) {
        Write(lock);
      } else {
        batch->changed.wait(lock);
      }
    }
    LATCHKEY_TRY(batch->result);
    record = batch->records.at(spooled.request_key);
  }
  lock.unlock();
  LATCHKEY_ASSIGN(SpooledIntake kept, OpenRecord(keys_, record));
  return std::move(kept.intake);
}

size_t Spool::gathered() const {
  std::lock_guard lock(mutex_);
  return gathering_->records.size();
}

Result<int64_t> Spool::Drain(const Store& store) {
  std::map<Bytes, Bytes> taken;
  {
    std::lock_guard lock(mutex_);
    LATCHKEY_TRY(OpenLocked());
    taken = waiting_;
  }
  // Without the lock: a ledger that is slow to come back must not hold up those who still need the
  // spool.
  std::vector<SpooledIntake> some;
  for (const auto& [key, record] : taken) {
    LATCHKEY_ASSIGN(SpooledIntake spooled, OpenRecord(keys_, record));
    some.push_back(std::move(spooled));
    if (some.size() < kStoredTogether) continue;
    LATCHKEY_TRY(store(some));
    some.clear();
  }
  if (!some.empty()) LATCHKEY_TRY(store(some));
  std::lock_guard lock(mutex_);
  for (const auto& [key, record] : taken) waiting_.erase(key);
  if (waiting_.empty() && !writing_ && bytes_ > 0 && ::ftruncate(file_, 0) == 0) {
    ::lseek(file_, 0, SEEK_SET);
    bytes_ = 0;
  }
  return static_cast<int64_t>(taken.size());
}

}  // namespace latchkey::recovery
