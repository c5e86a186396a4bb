// SPDX-License-Identifier: Apache-2.0
// Whether a row is as one of the ring's token keys left it (attack D07).
#pragma once

#include "crypto/keyring.h"
#include "services/base/bytes.h"

namespace latchkey::ledger {

// `mac_under(key)` is the MAC that the row has under a key.
template <typename MacUnder>
bool IsGenuine(const crypto::KeyRing& keys, const Bytes& mac, const MacUnder& mac_under) {
  for (int version : keys.Versions(crypto::KeyUse::kToken)) {
    const Secret& key = *keys.At(crypto::KeyUse::kToken, version);
    if (SameDigest(mac_under(key).view(), mac.view())) return true;
  }
  return false;
}

}  // namespace latchkey::ledger
