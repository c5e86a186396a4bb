// SPDX-License-Identifier: Apache-2.0
// The running service's own state, for operators and for metrics.
#pragma once

#include <cstddef>
#include <cstdint>

#include "crypto/keyring.h"
#include "latchkey/v1/operator.pb.h"
#include "services/base/result.h"
#include "services/courier/courier.h"
#include "services/hotstate/hotstate.h"
#include "services/latchkeyd/background.h"
#include "services/latchkeyd/metrics.h"
#include "services/ledger/ledger.h"
#include "services/signin/hash_slots.h"

namespace latchkey {

// Threads: any.
struct Status {
  ledger::Ledger& ledger;
  hotstate::HotState& hot_state;
  signin::HashSlots& slots;
  courier::Courier& courier;
  Background& background;
  const crypto::KeyRing& keys;
  int64_t schema_version = 0;
  size_t hash_slots = 0;
  TimePoint started_at;

  Done Fill(v1::GetStatusResponse& answer) const;
  // Makes the same numbers scrapable. `metrics` must not outlive what is referred to here.
  void Publish(Metrics& metrics) const;
};

}  // namespace latchkey
