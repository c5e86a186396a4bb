// SPDX-License-Identifier: Apache-2.0
#include "services/latchkeyd/status.h"

#include <string>

#include "services/ledger/intakes.h"
#include "services/ledger/outbox.h"

namespace latchkey {
namespace {

struct Waiting {
  int64_t intakes = 0;
  ledger::OutboxCounts outbox;
};

Result<Waiting> CountWaiting(ledger::Ledger& ledger) {
  return ledger.Query([](ledger::Transaction& tx) -> Result<Waiting> {
    Waiting waiting;
    LATCHKEY_ASSIGN(waiting.intakes, ledger::CountIntakes(tx));
    LATCHKEY_ASSIGN(waiting.outbox, ledger::CountOutbox(tx));
    return waiting;
  });
}

}  // namespace

Done Status::Fill(v1::GetStatusResponse& answer) const {
  LATCHKEY_ASSIGN(const Waiting waiting, CountWaiting(ledger));
  answer.set_version(LATCHKEY_VERSION);
  answer.set_started_at_unix_ms(ToUnixMillis(started_at));
  answer.set_ledger_engine(std::string(ledger.engine()));
  answer.set_hotstate_engine(std::string(hot_state.engine()));
  answer.set_schema_version(schema_version);
  answer.set_intakes_waiting(waiting.intakes);
  answer.set_messages_waiting(waiting.outbox.waiting);
  answer.set_messages_set_aside(waiting.outbox.set_aside);
  answer.set_hash_slots(static_cast<uint32_t>(hash_slots));
  answer.set_hash_queue_length(static_cast<uint32_t>(slots.waiting()));
  answer.set_last_checkpoint_at_unix_ms(ToUnixMillis(background.last_checkpoint()));
  for (const crypto::KeyUse use : crypto::kAllKeyUses)
    (*answer.mutable_newest_keys())[std::string(crypto::KeyUseName(use))] =
        keys.CurrentVersion(use);
  return {};
}

void Status::Publish(Metrics& metrics) const {
  auto waiting = [&from = ledger](auto pick) {
    return [&from, pick]() -> double {
      Result<Waiting> counts = CountWaiting(from);
      return counts.ok() ? static_cast<double>(pick(*counts)) : -1;
    };
  };
  metrics.Gauge("latchkey_intakes_waiting",
                "Requests for recovery that nobody has worked on yet; -1: not known",
                waiting([](const Waiting& counts) { return counts.intakes; }));
  metrics.Gauge("latchkey_messages_waiting", "Messages in the outbox; -1: not known",
                waiting([](const Waiting& counts) { return counts.outbox.waiting; }));
  metrics.Gauge("latchkey_messages_set_aside", "Messages that could not be sent; -1: not known",
                waiting([](const Waiting& counts) { return counts.outbox.set_aside; }));
  metrics.Gauge("latchkey_hash_queue_length", "Sign-ins and resets that wait for a hash slot",
                [&from = slots] { return static_cast<double>(from.waiting()); });
  metrics.Counter("latchkey_hashes_total", "Password hashes computed",
                  [&from = slots] { return static_cast<double>(from.hashes()); });
  metrics.Counter("latchkey_messages_accepted_total", "Messages that a relay took",
                  [&from = courier] { return static_cast<double>(from.counts().accepted); });
  metrics.Counter("latchkey_messages_postponed_total", "Tries to send that did not work out",
                  [&from = courier] { return static_cast<double>(from.counts().postponed); });
  metrics.Gauge("latchkey_last_checkpoint_seconds",
                "When the journal was last signed, in seconds since 1970", [&from = background] {
                  return static_cast<double>(ToUnixMillis(from.last_checkpoint())) / 1000;
                });
}

}  // namespace latchkey
