// SPDX-License-Identifier: Apache-2.0
// Requests that came while the ledger was away, in a file, until it is back (Laws 10, 11).
#pragma once

#include <unistd.h>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "crypto/keyring.h"
#include "services/base/bytes.h"
#include "services/base/random.h"
#include "services/base/result.h"
#include "services/ledger/intakes.h"

namespace latchkey::recovery {

// A request as it waits, under the key by which a repetition is recognised.
struct SpooledIntake {
  Bytes request_key;
  ledger::Intake intake;
};

// One file of one node: records that are sealed under the ring's field key, each with its length in
// front. A record is on the disk before Keep returns: those who come while the disk is busy are
// written together next, with one fsync. A record cut short by a crash was never acknowledged and
// is passed over. Threads: any.
class Spool {
 public:
  struct Options {
    std::filesystem::path folder;
    uint64_t largest_bytes = 64u << 20;  // about 250,000 requests
    // Whether the disk has what was written to the file; the door to the disk, for tests.
    std::function<bool(int file)> sync = [](int file) { return ::fsync(file) == 0; };
  };
  Spool(Options options, const crypto::KeyRing& keys, Random& random);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  // Takes the folder for this process, until it ends: two on one spool would cut each other's
  // records. kUnavailable when another has it, with a line for the operator.
  Done Claim();
  // Keeps the request durably and returns it; one with the same key that waits already is returned
  // instead, so that a repetition gets the same answer. kUnavailable: the disk is full or failed,
  // which all who were written together are told, or the file has grown to its bound, which for a
  // request over its budget is half of the other.
  Result<ledger::Intake> Keep(const SpooledIntake& spooled, bool within_budget = true);
  // Gives every waiting request to `store`, some at a time, and forgets them all once each was
  // stored. Stops at the first failure; what was stored already comes again next time, so `store`
  // must bear repetition. Returns how many.
  using Store = std::function<Done(const std::vector<SpooledIntake>&)>;
  Result<int64_t> Drain(const Store& store);
  // How many wait for the write that comes next.
  size_t gathered() const;

 private:
  // Records that are written together, and who waits for them.
  struct Batch {
    std::map<Bytes, Bytes> records;  // sealed, by request key
    std::string framed;              // as they go into the file
    bool ended = false;
    Done result;
    std::condition_variable changed;
  };

  Done OpenLocked();
  // The batch that has or gets this record; none when the record would go beyond the bound.
  std::shared_ptr<Batch> JoinLocked(const Bytes& request_key, Bytes record, bool within_budget);
  // Writes all that is gathered. The lock is not held while the disk works.
  void Write(std::unique_lock<std::mutex>& lock);
  // Takes off the file what failed to get there whole.
  void CutLocked();

  const Options options_;
  const crypto::KeyRing& keys_;
  Random& random_;
  mutable std::mutex mutex_;
  int claim_ = -1;
  int file_ = -1;                   // while a batch is written, its writer's alone
  uint64_t bytes_ = 0;              // of the file, that are on the disk
  std::map<Bytes, Bytes> waiting_;  // sealed records by request key, all on the disk
  std::shared_ptr<Batch> gathering_ = std::make_shared<Batch>();
  std::shared_ptr<Batch> writing_;  // none: nobody writes
};

}  // namespace latchkey::recovery
