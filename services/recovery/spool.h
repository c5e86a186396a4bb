// SPDX-License-Identifier: Apache-2.0
// Requests that came while the ledger was away, in a file, until it is back (Laws 10, 11).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>

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
// front. A record is on the disk before Keep returns. A record cut short by a crash was never
// acknowledged and is passed over. Threads: any.
class Spool {
 public:
  struct Options {
    std::filesystem::path folder;
    uint64_t largest_bytes = 64u << 20;  // about 250,000 requests
  };
  Spool(Options options, const crypto::KeyRing& keys, Random& random);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  // Takes the folder for this process, until it ends: two on one spool would cut each other's
  // records. kUnavailable when another has it, with a line for the operator.
  Done Claim();
  // Keeps the request durably and returns it; one with the same key that waits already is returned
  // instead, so that a repetition gets the same answer. kUnavailable: the disk is full, or the file
  // has grown to its bound.
  Result<ledger::Intake> Keep(const SpooledIntake& spooled);
  // Gives every waiting request to `store`, and forgets them all once each was stored.
  // Stops at the first failure; what was stored already comes again next time, so `store` must bear
  // repetition. Returns how many.
  Result<int64_t> Drain(const std::function<Done(const SpooledIntake&)>& store);

 private:
  Done OpenLocked();
  Done AppendLocked(const Bytes& record);

  const Options options_;
  const crypto::KeyRing& keys_;
  Random& random_;
  std::mutex mutex_;
  int claim_ = -1;
  int file_ = -1;
  uint64_t bytes_ = 0;
  std::map<Bytes, Bytes> waiting_;  // sealed records by request key
};

}  // namespace latchkey::recovery
