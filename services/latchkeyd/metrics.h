// SPDX-License-Identifier: Apache-2.0
// What operators see of a running service, in Prometheus' text form.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "services/base/result.h"
#include "services/rpc/edge.h"

namespace latchkey {

// Threads: any. Labels hold names of methods and reasons, never anything of a customer's.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  void Count(const rpc::Observation& observation);
  // A number that is asked for at each scrape, such as a queue's length.
  void Gauge(std::string name, std::string help, std::function<double()> read);
  // Likewise, for a number that only grows.
  void Counter(std::string name, std::string help, std::function<double()> read);

  // Serves http://<address>/metrics until the end. kUnavailable when the address is taken.
  Done Serve(const std::string& address);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace latchkey
