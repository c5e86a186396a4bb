// SPDX-License-Identifier: Apache-2.0
// Connections to one Redis: a small pool, every wait bounded, a dead connection never used twice.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/secret.h"
#include "services/base/clock.h"
#include "services/base/result.h"

struct redisContext;

namespace latchkey::hotstate {

struct RedisOptions {
  std::string address = "127.0.0.1:6379";  // host:port, [IPv6]:port, or unix:/path/of/socket
  Secret password = {};                    // empty: none
  size_t connections = 8;
  Millis timeout{250};  // to connect, and for each answer
};

// An answer of Redis, taken out of the library's own type: a number, text, nothing, or a list of
// these.
struct RedisReply {
  enum class Kind { kNothing, kNumber, kText, kList, kError };
  Kind kind = Kind::kNothing;
  int64_t number = 0;
  std::string text;  // kText, kError
  std::vector<RedisReply> list;
};

// Threads: any. A command is sent at most once: a verb that ran and was not answered must not run
// again (a released reservation would be given back twice), so a lost answer is kUnavailable.
class RedisPool {
 public:
  explicit RedisPool(RedisOptions options);
  ~RedisPool();

  // kUnavailable when there is no answer in time; an error that Redis itself answers is a reply.
  Result<RedisReply> Run(const std::vector<std::string_view>& words);

 private:
  struct Close {
    void operator()(redisContext* context) const;
  };
  using Connection = std::unique_ptr<redisContext, Close>;

  Result<Connection> Connect() const;
  Result<Connection> Take();
  void GiveBack(Connection connection);
  void CountClosed();

  const RedisOptions options_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<Connection> idle_;
  size_t open_ = 0;
};

}  // namespace latchkey::hotstate
