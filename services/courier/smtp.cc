// SPDX-License-Identifier: Apache-2.0
#include "services/courier/smtp.h"

#include <sodium.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "services/base/log.h"
#include "services/courier/address.h"
#include "services/courier/mime.h"

namespace latchkey::courier {

SmtpChannel::SmtpChannel(const BankOptions& bank, SmtpOptions options, Clock& clock)
    : bank_(bank),
      options_(std::move(options)),
      clock_(clock),
      spared_until_(options_.relays.size()),
      lines_(options_.relays.size()) {}

Result<std::unique_ptr<SmtpChannel>> SmtpChannel::Make(const BankOptions& bank, SmtpOptions options,
                                                       Clock& clock) {
  LATCHKEY_TRY(CheckBank(bank));
  if (options.relays.empty()) return Malformed("relays", "at least one mail relay");
  for (const RelayOptions& relay : options.relays) LATCHKEY_TRY(CheckRelay(relay));
  return std::unique_ptr<SmtpChannel>(new SmtpChannel(bank, std::move(options), clock));
}

// All relays in the configured order, those that failed lately at the end: a relay is spared, never
// given up.
std::vector<size_t> SmtpChannel::Order() {
  std::vector<size_t> order(options_.relays.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const TimePoint now = clock_.Now();
  std::lock_guard lock(mutex_);
  std::stable_partition(order.begin(), order.end(),
                        [&](size_t relay) { return spared_until_[relay] <= now; });
  return order;
}

void SmtpChannel::Remember(size_t relay, bool failed) {
  std::lock_guard lock(mutex_);
  spared_until_[relay] = failed ? clock_.Now() + options_.spare_for : TimePoint{};
}

std::unique_ptr<RelayLine> SmtpChannel::TakeLine(size_t relay) {
  std::lock_guard lock(mutex_);
  std::vector<std::unique_ptr<RelayLine>>& idle = lines_[relay];
  if (idle.empty()) {
    return std::make_unique<RelayLine>(options_.relays[relay],
                                       std::string(DomainOf(bank_.from_address)));
  }
  std::unique_ptr<RelayLine> line = std::move(idle.back());
  idle.pop_back();
  return line;
}

void SmtpChannel::GiveBack(size_t relay, std::unique_ptr<RelayLine> line) {
  std::lock_guard lock(mutex_);
  lines_[relay].push_back(std::move(line));
}

Delivery SmtpChannel::Send(const Parcel& parcel) {
  const std::string domain(DomainOf(bank_.from_address));
  std::string mail =
      WriteMail({.from_name = bank_.name,
                 .from_address = bank_.from_address,
                 .to_address = parcel.address,
                 .message_id = std::to_string(parcel.id.value) + ".latchkey@" + domain,
                 .language = parcel.content.language,
                 .at = parcel.made_at,
                 .subject = parcel.content.subject,
                 .text = parcel.content.text,
                 .html = parcel.content.html});
  Delivery last;
  for (size_t relay : Order()) {
    const RelayOptions& options = options_.relays[relay];
    std::unique_ptr<RelayLine> line = TakeLine(relay);
    Handover result = line->HandOver({bank_.from_address, parcel.address, mail}, options_.timeout);
    GiveBack(relay, std::move(line));
    Remember(relay, result.relay_failed);
    if (result.relay_failed) {
      log::Warning("courier.relay_failed",
                   {{"relay", options.host}, {"note", result.delivery.note}});
    }
    last = std::move(result.delivery);
    if (last.fate != Fate::kTemporary) break;
  }
  sodium_memzero(mail.data(), mail.size());
  return last;
}

}  // namespace latchkey::courier
