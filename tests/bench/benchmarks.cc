// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/bench.h"

namespace latchkey::bench {

Scale Scale::Moment() {
  return {.runs = 1,
          .accounts = 500,  // a known device signs in ten times at once and then waits
          .few_accounts = 10,
          .many_accounts = 20,
          .import_rows = 200,
          .messages = 8,
          .resets = 4,
          .mixed_sign_ins = 8,
          .pairs = 1,
          .seconds = 1,
          .warm_up = 0.1,
          .idle_connections = 40,
          .slow_connections = 10};
}

const std::vector<Benchmark>& Benchmarks() {
  static const std::vector<Benchmark> all = {
      {"signin", "sign-ins a second, saturated", SignInFigures},
      {"reset", "resets completed a second", ResetFigures},
      {"begin", "requests a second, durable before the answer", BeginFigures},
      {"begin_million", "the same with a million accounts", BeginMillionFigures},
      {"begin_during_storm", "p99 of a request while sign-ins are saturated", StormFigures},
      {"overload", "sign-ins of known devices at ten times overload", OverloadFigures},
      {"silent_signin", "whether the time of a wrong password tells a customer's name",
       SilentSignInFigures},
      {"silent_begin", "whether the time of a request tells a customer's name", SilentBeginFigures},
      {"silent_code", "whether the time of a wrong code tells a customer's name",
       SilentCodeFigures},
      {"portal_page", "sign-in page a second", PortalPageFigures},
      {"portal_slow", "p99 of the page with idle and slow connections", PortalSlowFigures},
      {"courier", "messages a second into a local receiver", CourierFigures},
      {"memory", "memory of latchkeyd with a million accounts", MemoryFigures},
      {"import", "customers a second from a file", ImportFigures},
  };
  return all;
}

}  // namespace latchkey::bench
