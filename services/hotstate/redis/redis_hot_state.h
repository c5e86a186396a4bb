// SPDX-License-Identifier: Apache-2.0
// The verbs on Redis: one script each, one hash for each lane.
#pragma once

#include <memory>

#include "services/hotstate/hotstate.h"
#include "services/hotstate/redis/connection.h"

namespace latchkey::hotstate {

// Connects when it is used, so that it also opens while Redis is away. kUnavailable, with a line
// that says what to set, when Redis answers and is set to throw away keys under memory pressure: it
// would forget failures (attack K04).
Result<std::unique_ptr<HotState>> OpenRedis(RedisOptions options);

}  // namespace latchkey::hotstate
