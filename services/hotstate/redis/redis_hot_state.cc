// SPDX-License-Identifier: Apache-2.0
#include "services/hotstate/redis/redis_hot_state.h"

#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "services/hotstate/arithmetic.h"
#include "services/hotstate/redis/scripts.h"

namespace latchkey::hotstate {
namespace {

std::string Number(TimePoint time) { return std::to_string(ToUnixMillis(time)); }
std::string Number(Millis span) { return std::to_string(span.count()); }
std::string LaneKey(const Lane& lane) { return "latchkey:lane:" + lane.key.data; }
std::string Fingerprint(uint64_t fingerprint) {
  return fingerprint == 0 ? std::string() : ToHex(FingerprintBytes(fingerprint));
}

std::vector<std::string> LaneKeys(const std::vector<Lane>& lanes) {
  std::vector<std::string> keys;
  keys.reserve(lanes.size());
  for (const Lane& lane : lanes) keys.push_back(LaneKey(lane));
  return keys;
}

// What every script on lanes is given: now, the guess, and four numbers for each lane.
std::vector<std::string> Arguments(const std::vector<Lane>& lanes, uint64_t fingerprint,
                                   TimePoint now) {
  std::vector<std::string> arguments = {Number(now), Fingerprint(fingerprint)};
  for (const Lane& lane : lanes) {
    arguments.insert(arguments.end(),
                     {std::to_string(lane.rule.failures), Number(lane.rule.window),
                      Number(lane.rule.first_rest), Number(lane.rule.longest_rest)});
  }
  return arguments;
}

Failure NotUnderstood() {
  return Fail(Reason::kUnavailable, "redis: an answer that the script cannot give");
}

int64_t NumberOf(const RedisReply& reply) {
  return reply.kind == RedisReply::Kind::kText ? std::strtoll(reply.text.c_str(), nullptr, 10) : 0;
}

class RedisHotState final : public HotState {
 public:
  explicit RedisHotState(RedisOptions options)
      : pool_(std::move(options)), scripts_(RedisScripts::Make()) {}

  Result<Reservation> Reserve(const std::vector<Lane>& lanes, uint64_t fingerprint,
                              TimePoint now) override {
    LATCHKEY_ASSIGN(RedisReply reply, scripts_.reserve.Run(pool_, LaneKeys(lanes),
                                                           Arguments(lanes, fingerprint, now)));
    if (reply.list.size() != 2) return NotUnderstood();
    const TimePoint moment = FromUnixMillis(reply.list[1].number);
    switch (reply.list[0].number) {
      case 0:
        return Reservation{.retry_at = moment};
      case 1:
        return Reservation{.granted = true, .rests_until = moment};
      case 2:
        return Reservation{.granted = true, .repeated = true};
      default:
        return NotUnderstood();
    }
  }

  Done SettleWrong(const std::vector<Lane>& lanes, uint64_t fingerprint, TimePoint now) override {
    if (fingerprint == 0) return {};
    LATCHKEY_TRY(
        scripts_.settle_wrong.Run(pool_, LaneKeys(lanes), Arguments(lanes, fingerprint, now)));
    return {};
  }

  Done SettleRight(const std::vector<Lane>& lanes, TimePoint) override {
    const std::vector<std::string> keys = LaneKeys(lanes);
    std::vector<std::string_view> words = {"DEL"};  // one command: needs no script
    words.insert(words.end(), keys.begin(), keys.end());
    LATCHKEY_ASSIGN(RedisReply reply, pool_.Run(words));
    if (reply.kind != RedisReply::Kind::kNumber) return NotUnderstood();
    return {};
  }

  Done Release(const std::vector<Lane>& lanes, TimePoint now) override {
    LATCHKEY_TRY(scripts_.release.Run(pool_, LaneKeys(lanes), Arguments(lanes, 0, now)));
    return {};
  }

  Result<LaneState> Peek(const Lane& lane, TimePoint now) override {
    const std::string key = LaneKey(lane);
    LATCHKEY_ASSIGN(RedisReply reply, pool_.Run({"HMGET", key, "f", "w", "u", "r", "g"}));
    if (reply.list.size() != 5) return NotUnderstood();
    const LaneRecord record = AsOf({.failures = NumberOf(reply.list[0]),
                                    .window_ends = FromUnixMillis(NumberOf(reply.list[1])),
                                    .rests_until = FromUnixMillis(NumberOf(reply.list[2])),
                                    .rests = NumberOf(reply.list[3]),
                                    .forget_at = FromUnixMillis(NumberOf(reply.list[4]))},
                                   lane.rule, now);
    return LaneState{.failures = record.failures, .rests_until = record.rests_until};
  }

  Result<Spending> Take(const std::vector<Budget>& budgets, TimePoint now) override {
    std::vector<std::string> keys;
    std::vector<std::string> arguments = {Number(now)};
    for (const Budget& budget : budgets) {
      keys.push_back("latchkey:budget:" + budget.key.data);
      arguments.insert(arguments.end(), {std::to_string(budget.capacity), Number(budget.refill)});
    }
    LATCHKEY_ASSIGN(RedisReply reply, scripts_.take.Run(pool_, keys, arguments));
    // 0, or the number of an empty one, from 1.
    if (reply.kind != RedisReply::Kind::kNumber || reply.number < 0 ||
        static_cast<size_t>(reply.number) > budgets.size())
      return NotUnderstood();
    if (reply.number == 0) return Spending{.granted = true};
    return Spending{.empty = static_cast<size_t>(reply.number - 1)};
  }

  Result<int64_t> Sweep(TimePoint) override { return 0; }  // keys expire by themselves

  std::string_view engine() const override { return "redis"; }

  Done Ping() override {
    LATCHKEY_ASSIGN(RedisReply reply, pool_.Run({"PING"}));
    if (reply.kind == RedisReply::Kind::kError)
      return Fail(Reason::kUnavailable, "redis: " + reply.text);
    return {};
  }

  // An error or silence is no reason to refuse: managed services forbid CONFIG, and Redis may be
  // away just now.
  Done CheckEviction() {
    auto reply = pool_.Run({"CONFIG", "GET", "maxmemory-policy"});
    if (!reply.ok() || reply->list.size() != 2 || reply->list[1].text == "noeviction") return {};
    return Fail(Reason::kUnavailable,
                "redis would forget failures when its memory is full: set maxmemory-policy to "
                "noeviction (it is " +
                    reply->list[1].text + ")");
  }

 private:
  RedisPool pool_;
  const RedisScripts scripts_;
};

}  // namespace

Result<std::unique_ptr<HotState>> OpenRedis(RedisOptions options) {
  // hiredis writes to sockets without MSG_NOSIGNAL: a connection that Redis closed must be an
  // error, not our end.
  std::signal(SIGPIPE, SIG_IGN);
  auto hot_state = std::make_unique<RedisHotState>(std::move(options));
  LATCHKEY_TRY(hot_state->CheckEviction());
  return std::unique_ptr<HotState>(std::move(hot_state));
}

}  // namespace latchkey::hotstate
