// SPDX-License-Identifier: Apache-2.0
#include "services/hotstate/redis/scripts.h"

#include <openssl/evp.h>

#include <utility>

#include "services/base/bytes.h"

namespace latchkey::hotstate {
namespace {

// Redis names scripts by SHA-1; it guards nothing here.
std::string Sha1Hex(const std::string& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  LATCHKEY_CHECK(EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr) == 1);
  return ToHex(std::string_view(reinterpret_cast<const char*>(digest), size));
}

// A lane is a hash: f failures, w end of the window, u end of the rest, r rests so far, g when all
// is forgotten, s the fingerprints seen (16 hex digits each). Redis's own expiry only tidies up:
// what counts is `now`, which is passed in. After `now` and the fingerprint four numbers for each
// lane: its rule. 300000 is kClocksDiffer; heal says why.
constexpr std::string_view kLane = R"lua(
local now = tonumber(ARGV[1])
local function whole(number) return string.format('%.0f', number) end
local function rule(i)
  local at = 2 + (i - 1) * 4
  return {failures = tonumber(ARGV[at + 1]), window = tonumber(ARGV[at + 2]),
          rest = tonumber(ARGV[at + 3]), longest = tonumber(ARGV[at + 4])}
end
local function next_rest(by, rests_before)
  local rest = by.rest
  for _ = 1, rests_before do
    if rest >= by.longest then break end
    rest = rest * 2
  end
  return math.min(rest, by.longest)
end
local function heal(lane, by)
  if lane.u > now + next_rest(by, lane.r - 1) + 300000 then
    lane.u = 0
    lane.w = now + by.window
    lane.f = math.min(lane.f, by.failures - 1)
  end
  if lane.w > now + by.window + 300000 then lane.w = now + by.window end
  local latest = now + by.longest + by.window
  if lane.g > latest + 300000 then lane.g = latest end
end
local function load(key, by)
  local v = redis.call('HMGET', key, 'f', 'w', 'u', 'r', 'g', 's')
  local lane = {f = tonumber(v[1] or 0), w = tonumber(v[2] or 0), u = tonumber(v[3] or 0),
                r = tonumber(v[4] or 0), g = tonumber(v[5] or 0), s = v[6] or ''}
  if lane.g <= now then return {f = 0, w = 0, u = 0, r = 0, g = 0, s = ''} end
  heal(lane, by)
  if (lane.u ~= 0 and lane.u <= now) or (lane.u == 0 and lane.w <= now) then
    lane.f = 0
    lane.u = 0
  end
  return lane
end
local function store(key, lane)
  if lane.g <= now then
    redis.call('DEL', key)
    return
  end
  redis.call('HMSET', key, 'f', whole(lane.f), 'w', whole(lane.w), 'u', whole(lane.u), 'r', whole(lane.r),
             'g', whole(lane.g), 's', lane.s)
  redis.call('PEXPIRE', key, whole(lane.g - now))
end
local function seen(lane, fingerprint)
  if fingerprint == '' then return false end
  for at = 1, #lane.s, 16 do
    if string.sub(lane.s, at, at + 15) == fingerprint then return true end
  end
  return false
end
)lua";

constexpr std::string_view kReserve = R"lua(
local lanes, retry_at, repeated = {}, 0, false
for i, key in ipairs(KEYS) do
  lanes[i] = load(key, rule(i))
  if lanes[i].u > now and lanes[i].u > retry_at then retry_at = lanes[i].u end
  repeated = repeated or seen(lanes[i], ARGV[2])
end
if retry_at > 0 then return {0, retry_at} end
if repeated then return {2, 0} end
local rests_until = 0
for i, key in ipairs(KEYS) do
  local lane, by = lanes[i], rule(i)
  if lane.f == 0 then lane.w = now + by.window end
  lane.f = lane.f + 1
  if lane.f >= by.failures then
    lane.u = now + next_rest(by, lane.r)
    lane.r = lane.r + 1
    rests_until = math.max(rests_until, lane.u)
  end
  lane.g = math.max(now, lane.u) + by.window
  store(key, lane)
end
return {1, rests_until}
)lua";

constexpr std::string_view kSettleWrong = R"lua(
for i, key in ipairs(KEYS) do
  local lane = load(key, rule(i))
  if not seen(lane, ARGV[2]) then lane.s = string.sub(lane.s .. ARGV[2], -128) end
  store(key, lane)
end
return 1
)lua";

constexpr std::string_view kRelease = R"lua(
for i, key in ipairs(KEYS) do
  local lane = load(key, rule(i))
  if lane.f > 0 then
    lane.f = lane.f - 1
    if lane.u > now then
      lane.u = 0
      lane.r = lane.r - 1
    end
  end
  store(key, lane)
end
return 1
)lua";

// A budget is one moment: when it would be full again. Further away than the whole capacity takes
// only a clock that was ahead can have put it: then one is left. After `now` two numbers for each.
constexpr std::string_view kTake = R"lua(
local now, full_at = tonumber(ARGV[1]), {}
for i, key in ipairs(KEYS) do
  local capacity, refill = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local full, latest = tonumber(redis.call('GET', key) or 0), now + capacity * refill
  if full > latest + 300000 then full = latest - refill end
  full_at[i] = math.max(full, now) + refill
  if full_at[i] > latest then return i end
end
for i, key in ipairs(KEYS) do
  redis.call('SET', key, string.format('%.0f', full_at[i]), 'PX',
             string.format('%.0f', full_at[i] - now))
end
return 0
)lua";

std::string OnLanes(std::string_view verb) { return std::string(kLane).append(verb); }

Result<RedisReply> Checked(Result<RedisReply> reply) {
  if (reply.ok() && reply->kind == RedisReply::Kind::kError) {
    return Fail(Reason::kUnavailable, "redis: " + reply->text);
  }
  return reply;
}

}  // namespace

RedisScript::RedisScript(std::string text) : text_(std::move(text)), sha1_(Sha1Hex(text_)) {}

Result<RedisReply> RedisScript::Run(RedisPool& pool, const std::vector<std::string>& keys,
                                    const std::vector<std::string>& arguments) const {
  const std::string count = std::to_string(keys.size());
  std::vector<std::string_view> words = {"EVALSHA", sha1_, count};
  words.insert(words.end(), keys.begin(), keys.end());
  words.insert(words.end(), arguments.begin(), arguments.end());
  Result<RedisReply> reply = pool.Run(words);
  if (reply.ok() && reply->kind == RedisReply::Kind::kError &&
      reply->text.starts_with("NOSCRIPT")) {
    // Nothing ran, so sending it whole runs it once.
    words[0] = "EVAL";
    words[1] = text_;
    return Checked(pool.Run(words));
  }
  return Checked(std::move(reply));
}

RedisScripts RedisScripts::Make() {
  return {.reserve = RedisScript(OnLanes(kReserve)),
          .settle_wrong = RedisScript(OnLanes(kSettleWrong)),
          .release = RedisScript(OnLanes(kRelease)),
          .take = RedisScript(std::string(kTake))};
}

}  // namespace latchkey::hotstate
