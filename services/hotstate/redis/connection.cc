// SPDX-License-Identifier: Apache-2.0
#include "services/hotstate/redis/connection.h"

#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/time.h>

#include <charconv>
#include <utility>

namespace latchkey::hotstate {
namespace {

timeval ToTimeval(Millis wait) {
  return {.tv_sec = wait.count() / 1000, .tv_usec = wait.count() % 1000 * 1000};
}

RedisReply Convert(const redisReply& reply) {
  RedisReply converted;
  switch (reply.type) {
    case REDIS_REPLY_INTEGER:
      converted.kind = RedisReply::Kind::kNumber;
      converted.number = reply.integer;
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      converted.kind = RedisReply::Kind::kText;
      converted.text.assign(reply.str, reply.len);
      break;
    case REDIS_REPLY_ERROR:
      converted.kind = RedisReply::Kind::kError;
      converted.text.assign(reply.str, reply.len);
      break;
    case REDIS_REPLY_ARRAY:
      converted.kind = RedisReply::Kind::kList;
      for (size_t i = 0; i < reply.elements; ++i)
        converted.list.push_back(Convert(*reply.element[i]));
      break;
    default:
      break;
  }
  return converted;
}

// An idle connection must be silent. One that has something to say was closed by the other side (a
// restarted Redis), or is out of step; asking now spares the next command a doubtful end.
bool IsStale(const redisContext& context) {
  pollfd waiting{.fd = context.fd, .events = POLLIN, .revents = 0};
  return poll(&waiting, 1, 0) != 0;
}

Result<RedisReply> Send(redisContext& context, const std::vector<std::string_view>& words) {
  std::vector<const char*> texts;
  std::vector<size_t> lengths;
  for (std::string_view word : words) {
    texts.push_back(word.data());
    lengths.push_back(word.size());
  }
  auto* reply = static_cast<redisReply*>(
      redisCommandArgv(&context, static_cast<int>(texts.size()), texts.data(), lengths.data()));
  if (reply == nullptr) return Fail(Reason::kUnavailable, std::string("redis: ") + context.errstr);
  RedisReply converted = Convert(*reply);
  freeReplyObject(reply);
  return converted;
}

struct HostAndPort {
  std::string host;
  int port = 0;
};

Result<HostAndPort> SplitAddress(const std::string& address) {
  const size_t colon = address.rfind(':');
  HostAndPort split;
  if (colon != std::string::npos && colon > 0) {
    split.host = address.substr(0, colon);
    const char* end = address.data() + address.size();
    auto [stopped, error] = std::from_chars(address.data() + colon + 1, end, split.port);
    if (error != std::errc() || stopped != end) split.port = 0;
  }
  if (split.host.size() > 2 && split.host.front() == '[' && split.host.back() == ']') {
    split.host = split.host.substr(1, split.host.size() - 2);
  }
  if (split.port < 1 || split.port > 65535) {
    return Malformed("hot_state.redis", "\"" + address + "\" is not host:port or unix:/path");
  }
  return split;
}

}  // namespace

void RedisPool::Close::operator()(redisContext* context) const { redisFree(context); }

RedisPool::RedisPool(RedisOptions options) : options_(std::move(options)) {}
RedisPool::~RedisPool() = default;

Result<RedisReply> RedisPool::Run(const std::vector<std::string_view>& words) {
  LATCHKEY_ASSIGN(Connection connection, Take());
  Result<RedisReply> reply = Send(*connection, words);
  if (reply.ok()) {
    GiveBack(std::move(connection));
  } else {
    connection
        .reset();  // its answer may still come: it must not be taken for that of a later command
    CountClosed();
  }
  return reply;
}

Result<RedisPool::Connection> RedisPool::Connect() const {
  const timeval timeout = ToTimeval(options_.timeout);
  constexpr std::string_view kUnixPrefix = "unix:";
  Connection connection;
  if (options_.address.starts_with(kUnixPrefix)) {
    connection.reset(
        redisConnectUnixWithTimeout(options_.address.c_str() + kUnixPrefix.size(), timeout));
  } else {
    LATCHKEY_ASSIGN(HostAndPort to, SplitAddress(options_.address));
    connection.reset(redisConnectWithTimeout(to.host.c_str(), to.port, timeout));
  }
  if (connection == nullptr || connection->err != 0) {
    return Fail(Reason::kUnavailable,
                "redis at " + options_.address + ": " +
                    (connection == nullptr ? "out of memory" : connection->errstr));
  }
  redisSetTimeout(connection.get(), timeout);
  if (!options_.password.empty()) {
    LATCHKEY_ASSIGN(RedisReply reply, Send(*connection, {"AUTH", options_.password.Reveal()}));
    if (reply.kind == RedisReply::Kind::kError) {
      return Fail(Reason::kUnavailable, "redis at " + options_.address + " refuses the password");
    }
  }
  return connection;
}

Result<RedisPool::Connection> RedisPool::Take() {
  {
    std::unique_lock lock(mutex_);
    const bool free = freed_.wait_for(
        lock, options_.timeout, [this] { return !idle_.empty() || open_ < options_.connections; });
    if (!free) return Fail(Reason::kUnavailable, "redis: all connections are in use");
    while (!idle_.empty()) {
      Connection connection = std::move(idle_.back());
      idle_.pop_back();
      if (!IsStale(*connection)) return connection;
      --open_;
    }
    ++open_;
  }
  auto connection = Connect();
  if (!connection.ok()) CountClosed();
  return connection;
}

void RedisPool::GiveBack(Connection connection) {
  {
    std::lock_guard lock(mutex_);
    idle_.push_back(std::move(connection));
  }
  freed_.notify_one();
}

void RedisPool::CountClosed() {
  {
    std::lock_guard lock(mutex_);
    --open_;
  }
  freed_.notify_one();
}

}  // namespace latchkey::hotstate
