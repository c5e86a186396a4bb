// SPDX-License-Identifier: Apache-2.0
#include "services/latchkeyd/metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <exception>
#include <mutex>
#include <utility>
#include <vector>

#include "services/rpc/errors.h"

namespace latchkey {
namespace {

// Seconds; from a lookup to a sign-in behind a full hash queue.
const prometheus::Histogram::BucketBoundaries kCallSeconds = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10};

}  // namespace

struct Metrics::State {
  // Reads its numbers only when somebody scrapes.
  class Readings final : public prometheus::Collectable {
   public:
    void Add(prometheus::MetricType type, std::string name, std::string help,
             std::function<double()> read) {
      std::lock_guard lock(mutex_);
      readings_.push_back({type, std::move(name), std::move(help), std::move(read)});
    }

    std::vector<prometheus::MetricFamily> Collect() const override {
      std::lock_guard lock(mutex_);
      std::vector<prometheus::MetricFamily> families;
      for (const Reading& reading : readings_) {
        prometheus::ClientMetric metric;
        metric.gauge.value = metric.counter.value = reading.read();
        prometheus::MetricFamily family;
        family.name = reading.name;
        family.help = reading.help;
        family.type = reading.type;
        family.metric.push_back(metric);
        families.push_back(std::move(family));
      }
      return families;
    }

   private:
    struct Reading {
      prometheus::MetricType type;
      std::string name;
      std::string help;
      std::function<double()> read;
    };
    mutable std::mutex mutex_;
    std::vector<Reading> readings_;
  };

  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  std::shared_ptr<Readings> readings = std::make_shared<Readings>();
  prometheus::Family<prometheus::Counter>& calls = prometheus::BuildCounter()
                                                       .Name("latchkey_calls_total")
                                                       .Help("Calls by method and outcome")
                                                       .Register(*registry);
  prometheus::Family<prometheus::Histogram>& seconds =
      prometheus::BuildHistogram()
          .Name("latchkey_call_seconds")
          .Help("Time from arrival to answer, by method")
          .Register(*registry);
  std::unique_ptr<prometheus::Exposer> exposer;
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

void Metrics::Count(const rpc::Observation& observation) {
  const std::string method(observation.method.substr(observation.method.rfind('/') + 1));
  const std::string outcome(observation.failure ? rpc::ReasonName(observation.failure->reason)
                                                : "ok");
  state_->calls.Add({{"method", method}, {"outcome", outcome}}).Increment();
  state_->seconds.Add({{"method", method}}, kCallSeconds)
      .Observe(std::chrono::duration<double>(observation.took).count());
}

void Metrics::Gauge(std::string name, std::string help, std::function<double()> read) {
  state_->readings->Add(prometheus::MetricType::Gauge, std::move(name), std::move(help),
                        std::move(read));
}

void Metrics::Counter(std::string name, std::string help, std::function<double()> read) {
  state_->readings->Add(prometheus::MetricType::Counter, std::move(name), std::move(help),
                        std::move(read));
}

Done Metrics::Serve(const std::string& address) {
  try {
    state_->exposer = std::make_unique<prometheus::Exposer>(address);
  } catch (const std::exception&) {
    return Fail(Reason::kUnavailable,
                "cannot serve metrics on " + address +
                    ": is another program using it? Set [metrics] address, or leave it empty");
  }
  state_->exposer->RegisterCollectable(state_->registry);
  state_->exposer->RegisterCollectable(state_->readings);
  return {};
}

}  // namespace latchkey
