// SPDX-License-Identifier: Apache-2.0
// The verbs as Lua scripts, each atomic in Redis. They say what arithmetic.h says; the contract
// suite holds them to it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/base/result.h"
#include "services/hotstate/redis/connection.h"

namespace latchkey::hotstate {

// One script, run by its SHA-1 and sent whole only when Redis does not have it (after a restart).
// Threads: any.
class RedisScript {
 public:
  explicit RedisScript(std::string text);
  // kUnavailable also when Redis answers an error: the caller refuses the guess.
  Result<RedisReply> Run(RedisPool& pool, const std::vector<std::string>& keys,
                         const std::vector<std::string>& arguments) const;

 private:
  const std::string text_;
  const std::string sha1_;
};

struct RedisScripts {
  // KEYS: lanes. ARGV: now, fingerprint (16 hex digits or empty), then failures, window, first rest
  // and longest rest of each lane. Answers {state, moment}: 0 rests until then, 1 granted and now
  // rests until then (0: does not), 2 repeated.
  RedisScript reserve;
  // KEYS: lanes. ARGV: now, fingerprint.
  RedisScript settle_wrong;
  // KEYS: lanes. ARGV: now.
  RedisScript release;
  // KEYS: one budget. ARGV: now, capacity, refill. Answers 1 or 0.
  RedisScript take;

  static RedisScripts Make();
};

}  // namespace latchkey::hotstate
