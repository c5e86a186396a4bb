// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/sql/credentials.h"

#include <utility>
#include <vector>

#include "crypto/seal.h"
#include "services/base/log.h"
#include "services/ledger/fields.h"
#include "services/ledger/sql/sealed_fields.h"

namespace latchkey::ledger {
namespace {

std::string BoundTo(const VerifierPlace& place) {
  return Place("authenticators.verifier_sealed", place.account_id.value) +
         crypto::Part(static_cast<int64_t>(place.kind));
}

std::string BoundTo(const model::Staff& staff) {
  return Place("staff.credentials_sealed", staff.id.value) +
         PackFields({staff.login, staff.name, staff.branch}) +
         crypto::Part(staff.own_account_id.value);
}

}  // namespace

Bytes SealVerifier(const StoreContext& context, const VerifierPlace& place,
                   const std::string& verifier) {
  return crypto::SealWithRing(context.keys, BoundTo(place), verifier, context.random);
}

std::optional<std::string> OpenVerifier(const crypto::KeyRing& keys, const VerifierPlace& place,
                                        const Bytes& sealed) {
  const auto opened = crypto::OpenWithRing(keys, BoundTo(place), sealed);
  if (opened.ok()) return std::string(opened->Reveal());
  log::Error(crypto::LacksKeyOf(keys, sealed) ? "verifier.key_missing" : "verifier.altered",
             {{"account", place.account_id}, {"reason", opened.failure().detail}});
  return std::nullopt;
}

Bytes SealCredentials(const StoreContext& context, const model::Staff& staff,
                      const std::string& verifier, const Secret& totp_key) {
  std::string both = PackFields({verifier, totp_key.Reveal()});
  return crypto::SealWithRing(context.keys, BoundTo(staff), Secret::Adopt(both).Reveal(),
                              context.random);
}

Result<std::optional<Credentials>> OpenCredentials(const crypto::KeyRing& keys,
                                                   const model::Staff& staff, const Bytes& sealed) {
  auto opened = crypto::OpenWithRing(keys, BoundTo(staff), sealed);
  if (!opened.ok()) {
    if (crypto::LacksKeyOf(keys, sealed)) return opened.failure();
    log::Error("staff.altered", {{"staff", staff.id}, {"reason", opened.failure().detail}});
    return std::optional<Credentials>();
  }
  auto both = UnpackFields(opened->Reveal(), 2);
  if (!both) return std::optional<Credentials>();
  return std::optional(
      Credentials{.verifier = std::move((*both)[0]), .totp_key = Secret::Adopt((*both)[1])});
}

}  // namespace latchkey::ledger
