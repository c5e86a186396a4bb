// SPDX-License-Identifier: Apache-2.0
// Argon2 as other systems store it: PHC strings of all three variants, any number of lanes.
#include <argon2.h>

#include <optional>
#include <string>
#include <vector>

#include "crypto/argon2.h"
#include "crypto/legacy.h"
#include "crypto/stored_text.h"

namespace latchkey::crypto {
namespace {

constexpr uint32_t kMaxLanes = 16;

struct ForeignArgon2 {
  argon2_type type = Argon2_id;
  argon2_version version = ARGON2_VERSION_13;
  Argon2Cost cost;
  uint32_t lanes = 1;
  std::string salt;
  std::string hash;
};

// libsodium is twice as fast as libargon2 but knows only what Latchkey itself makes.
bool SodiumCan(const ForeignArgon2& stored) {
  return stored.type == Argon2_id && stored.version == ARGON2_VERSION_13 && stored.lanes == 1 &&
         stored.salt.size() == kArgon2SaltBytes && stored.hash.size() >= kMinArgon2HashBytes;
}

Result<bool> CheckByLibArgon2(const ForeignArgon2& stored, std::string_view password) {
  std::string computed(stored.hash.size(), '\0');
  std::string salt = stored.salt;
  argon2_context context{};
  context.out = reinterpret_cast<uint8_t*>(computed.data());
  context.outlen = static_cast<uint32_t>(computed.size());
  // libargon2 takes mutable pointers but writes to the password only when
  // ARGON2_FLAG_CLEAR_PASSWORD is set.
  context.pwd = reinterpret_cast<uint8_t*>(const_cast<char*>(password.data()));
  context.pwdlen = static_cast<uint32_t>(password.size());
  context.salt = reinterpret_cast<uint8_t*>(salt.data());
  context.saltlen = static_cast<uint32_t>(salt.size());
  context.t_cost = stored.cost.passes;
  context.m_cost = stored.cost.memory_kib;
  context.lanes = stored.lanes;
  context.threads = 1;  // the lanes are computed in turn: a stored string must not start threads
  context.version = stored.version;
  int error = argon2_ctx(&context, stored.type);
  if (error == ARGON2_MEMORY_ALLOCATION_ERROR) {
    return Fail(Reason::kUnavailable, "no memory for Argon2");
  }
  if (error != ARGON2_OK) return Fail(Reason::kInternal, argon2_error_message(error));
  return SameDigest(computed, stored.hash);
}

std::optional<argon2_type> TypeFromName(std::string_view name) {
  if (name == "argon2id") return Argon2_id;
  if (name == "argon2i") return Argon2_i;
  if (name == "argon2d") return Argon2_d;
  return std::nullopt;
}

Result<LegacyCheck> CheckWith(ForeignArgon2 stored) {
  LATCHKEY_TRY(CheckArgon2Cost(stored.cost));
  if (stored.lanes < 1 || stored.lanes > kMaxLanes || stored.cost.memory_kib < 8 * stored.lanes) {
    return Malformed("verifier", "Argon2 with more than 16 lanes, or too little memory for them");
  }
  if (stored.salt.size() < ARGON2_MIN_SALT_LENGTH || stored.salt.size() > 64 ||
      stored.hash.size() < kMinArgon2HashBytes || stored.hash.size() > 64) {
    return Malformed("verifier", "Argon2 wants a salt of 8 to 64 bytes and a hash of 16 to 64");
  }
  return LegacyCheck([stored = std::move(stored)](std::string_view password) -> Result<bool> {
    if (!SodiumCan(stored)) return CheckByLibArgon2(stored, password);
    LATCHKEY_ASSIGN(Secret hash,
                    Argon2idRaw(password, stored.salt, stored.cost, stored.hash.size()));
    return SameDigest(hash.Reveal(), stored.hash);
  });
}

}  // namespace

// "$argon2id$v=19$m=65536,t=3,p=4$salt$hash"; strings of before version 19 have no v.
Result<LegacyCheck> ReadArgon2(std::string_view stored) {
  ForeignArgon2 read;
  std::vector<std::string_view> fields = SplitFields(stored, '$');
  if (fields.size() == 5) {
    read.version = ARGON2_VERSION_10;
  } else if (fields.size() == 6 && (fields[2] == "v=19" || fields[2] == "v=16")) {
    if (fields[2] == "v=16") read.version = ARGON2_VERSION_10;
    fields.erase(fields.begin() + 2);
  } else {
    return Malformed("verifier",
                     "this Argon2 string is not $argon2..$v=19$m=..,t=..,p=..$salt$hash");
  }
  auto type = TypeFromName(fields[1]);
  auto numbers = ParseNumbers(fields[2], {"m", "t", "p"});
  auto salt = FromBase64(fields[3], Padding::kNone);
  auto hash = FromBase64(fields[4], Padding::kNone);
  if (!type || !numbers || !salt || !hash) {
    return Malformed("verifier",
                     "this Argon2 string is not $argon2..$v=19$m=..,t=..,p=..$salt$hash");
  }
  read.type = *type;
  read.cost = {.memory_kib = (*numbers)[0], .passes = (*numbers)[1]};
  read.lanes = (*numbers)[2];
  read.salt = std::move(*salt);
  read.hash = std::move(*hash);
  return CheckWith(std::move(read));
}

}  // namespace latchkey::crypto
