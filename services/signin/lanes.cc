// SPDX-License-Identifier: Apache-2.0
#include "services/signin/lanes.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "crypto/digest.h"

namespace latchkey::signin {
namespace {

using hotstate::Lane;
using hotstate::LaneRule;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr crypto::Purpose kLanePurpose{"latchkey/lane/1"};
constexpr crypto::Purpose kBucketPurpose{"latchkey/lane-bucket/1"};
constexpr crypto::Purpose kFingerprintPurpose{"latchkey/guess-fingerprint/1"};

enum class LaneKind { kSubject = 1, kSource = 2, kDevice = 3 };

template <typename Enum>
std::string PartOf(Enum value) {
  return crypto::Part(static_cast<int64_t>(value));
}

// The identifier key, because it has one version for good: a lane that moved when a key is rotated
// would forget its failures, and two nodes that rotate one after the other would count in two
// lanes.
const Secret& LaneSecret(const crypto::KeyRing& keys) {
  return keys.Current(crypto::KeyUse::kIdentifier);
}

bool IsUnknown(const Subject& subject) {
  return subject.kind == Subject::Kind::kUnknownName ||
         subject.kind == Subject::Kind::kUnknownStaff;
}

// 20 bits of a digest: a flood of invented names fills 2^20 lanes of each kind and no more (attack
// K04). The fold is keyed, so that nobody can aim at another name's bucket.
std::string Bucket(const crypto::KeyRing& keys, const Subject& subject, LaneKind lane,
                   std::string_view where) {
  Bytes digest = crypto::KeyedDigest(LaneSecret(keys), kBucketPurpose,
                                     {PartOf(subject.kind), PartOf(lane), subject.name, where});
  digest.data.resize(3);
  digest.data[2] = static_cast<char>(digest.data[2] & 0xf0);
  return digest.data;
}

Lane MakeLane(const Subject& subject, SecretKind kind, LaneKind lane, std::string_view where,
              const LaneRule& rule, const crypto::KeyRing& keys) {
  std::string who = IsUnknown(subject)
                        ? Bucket(keys, subject, lane, where)
                        : crypto::Part(subject.id) + crypto::Part(subject.lane_epoch);
  // A bucket stands for name and source together, so the source is not once more in its key.
  std::string_view place = IsUnknown(subject) ? std::string_view() : where;
  return {
      .key = crypto::KeyedDigest(LaneSecret(keys), kLanePurpose,
                                 {PartOf(subject.kind), PartOf(kind), PartOf(lane), who, place}),
      .rule = rule};
}

std::string FormatAddress(int family, const void* bytes) {
  char text[INET6_ADDRSTRLEN];
  LATCHKEY_CHECK(inet_ntop(family, bytes, text, sizeof text) != nullptr);
  return text;
}

bool IsPhoneNumber(const std::string& text) {
  return text.size() >= 4 && text.size() <= 16 && text[0] == '+' &&
         text.find_first_not_of("0123456789", 1) == std::string::npos;
}

}  // namespace

GuessRules GuessRules::Default() {
  // README.md, "The numbers", gives the reasons.
  const LaneRule subject{
      .failures = 5, .window = hours(24), .first_rest = minutes(15), .longest_rest = hours(24)};
  const LaneRule source{
      .failures = 3, .window = hours(24), .first_rest = seconds(30), .longest_rest = minutes(15)};
  const LaneRule device{
      .failures = 5, .window = hours(24), .first_rest = minutes(1), .longest_rest = minutes(15)};
  return {.password = {.subject = subject, .source = source, .device = device},
          .recovery_code = {.subject = subject, .source = source, .device = device},
          .branch_code = {.subject = subject, .source = subject, .device = device},
          .assisted_token = {.subject = device, .source = source, .device = device},
          .staff = {.subject = subject, .source = subject, .device = device}};
}

const KindRules& GuessRules::For(SecretKind kind) const {
  switch (kind) {
    case SecretKind::kPassword:
      return password;
    case SecretKind::kRecoveryCode:
      return recovery_code;
    case SecretKind::kBranchCode:
      return branch_code;
    case SecretKind::kAssistedToken:
      return assisted_token;
    case SecretKind::kStaffPassword:
    case SecretKind::kStaffTotp:
      return staff;
  }
  LATCHKEY_CHECK(false);
}

Subject Subject::Customer(const model::Account& account) {
  return {.kind = Kind::kCustomer,
          .id = account.id.value,
          .lane_epoch = account.lane_epoch,
          .name = {}};
}

Subject Subject::Staff(StaffId id) {
  return {.kind = Kind::kStaff, .id = id.value, .lane_epoch = 0, .name = {}};
}

Subject Subject::UnknownName(const model::Identifier& identifier) {
  return {.kind = Kind::kUnknownName,
          .id = 0,
          .lane_epoch = 0,
          .name = PartOf(identifier.kind) + identifier.text};
}

Subject Subject::UnknownStaff(std::string_view login) {
  return {.kind = Kind::kUnknownStaff, .id = 0, .lane_epoch = 0, .name = std::string(login)};
}

std::vector<Lane> LanesOf(const Guess& guess, const GuessRules& rules,
                          const crypto::KeyRing& keys) {
  const KindRules& rule = rules.For(guess.kind);
  // Nobody who lacks the device's token can count here, so no stranger can make it rest (Law 5).
  if (!guess.device.empty() && !guess.device_is_older) {
    return {MakeLane(guess.subject, guess.kind, LaneKind::kDevice, guess.device.view(), rule.device,
                     keys)};
  }
  // One for all of them: whoever had the password once may have as many devices as they wanted.
  if (!guess.device.empty())
    return {MakeLane(guess.subject, guess.kind, LaneKind::kDevice, {}, rule.subject, keys)};
  const Lane source =
      MakeLane(guess.subject, guess.kind, LaneKind::kSource, guess.source, rule.source, keys);
  // Its 40 bits bear what strangers from everywhere can guess, so they share no lane with the
  // customer who carries it home, and cannot make it rest (Law 5).
  if (guess.kind == SecretKind::kAssistedToken) return {source};
  return {SubjectLane(guess.subject, guess.kind, rules, keys), source};
}

Lane SubjectLane(const Subject& subject, SecretKind kind, const GuessRules& rules,
                 const crypto::KeyRing& keys) {
  return MakeLane(subject, kind, LaneKind::kSubject, {}, rules.For(kind).subject, keys);
}

uint64_t FingerprintOf(const Guess& guess, const Secret& value, const crypto::KeyRing& keys) {
  const Subject& subject = guess.subject;
  const Bytes digest = crypto::KeyedDigest(
      keys.Current(crypto::KeyUse::kToken), kFingerprintPurpose,
      {PartOf(subject.kind), crypto::Part(subject.id), crypto::Part(subject.lane_epoch),
       subject.name, PartOf(guess.kind), guess.context, value.Reveal()});
  uint64_t fingerprint = 0;
  std::memcpy(&fingerprint, digest.view().data(), sizeof fingerprint);
  return fingerprint == 0 ? 1 : fingerprint;
}

Result<std::string> CanonicalSource(std::string_view address) {
  const std::string text(address);
  if (text.empty() || IsPhoneNumber(text)) return text;
  if (text.size() > 64 || text.find('\0') != std::string::npos) return Malformed("source.address");
  in_addr v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return FormatAddress(AF_INET, &v4);
  std::array<unsigned char, 16> v6{};
  if (inet_pton(AF_INET6, text.c_str(), v6.data()) != 1) return Malformed("source.address");
  constexpr std::array<unsigned char, 12> kMappedV4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(kMappedV4.begin(), kMappedV4.end(), v6.begin())) {
    return FormatAddress(AF_INET, v6.data() + kMappedV4.size());
  }
  std::memset(v6.data() + 8, 0, 8);  // one customer has a whole /64
  return FormatAddress(AF_INET6, v6.data()) + "/64";
}

std::string WiderSource(std::string_view canonical_source) {
  if (!canonical_source.ends_with("/64")) return {};
  const std::string network(canonical_source.substr(0, canonical_source.size() - 3));
  std::array<unsigned char, 16> v6{};
  LATCHKEY_CHECK(inet_pton(AF_INET6, network.c_str(), v6.data()) == 1);
  std::memset(v6.data() + 6, 0, 10);
  return FormatAddress(AF_INET6, v6.data()) + "/48";
}

}  // namespace latchkey::signin
