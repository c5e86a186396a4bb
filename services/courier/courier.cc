// SPDX-License-Identifier: Apache-2.0
#include "services/courier/courier.h"

#include <sodium.h>

#include <algorithm>
#include <utility>

#include "services/base/log.h"
#include "services/courier/address.h"
#include "services/courier/templates.h"
#include "services/ledger/journal.h"
#include "services/model/canonical.h"

namespace latchkey::courier {
namespace {

using ledger::LeasedMessage;
using ledger::MessageState;
using ledger::Transaction;

void Wipe(std::string& text) {
  if (!text.empty()) sodium_memzero(text.data(), text.size());
  text.clear();
}

// Codes and tokens do not stay in memory longer than they are needed (Law 12).
void Wipe(LeasedMessage& message) {
  for (auto& [name, value] : message.values) Wipe(value);
}
void Wipe(Parcel& parcel) {
  Wipe(parcel.content.text);
  Wipe(parcel.content.html);
}

// Something by which the account could be opened, unlike a notice.
bool CarriesKey(const LeasedMessage& message) {
  return message.values.contains(std::string(kCode)) ||
         message.values.contains(std::string(kLinkToken));
}

std::string DetailsOf(const LeasedMessage& message, const std::string& masked,
                      const std::string& more) {
  std::string words = message.template_name;
  if (!masked.empty()) words += " to " + masked;
  if (!more.empty()) words += ": " + more;
  return words;
}

}  // namespace

// Where one message goes, as the ledger has it now.
struct Courier::Destination {
  std::string address;
  std::string masked;
  std::string language;
  Channel* channel = nullptr;
  std::string obsolete;  // why it must not be sent any more; empty: it may
};

Courier::Courier(ledger::Ledger& ledger, const ledger::StoreContext& context,
                 const Renderer& renderer, std::vector<Channel*> channels,
                 const CourierOptions& options)
    : ledger_(ledger),
      context_(context),
      renderer_(renderer),
      channels_(std::move(channels)),
      options_(options) {}

// Long enough for a whole batch of which each conversation takes as long as it may: a lease that
// ran out earlier would give a message to two workers.
Millis Courier::Lease() const {
  Millis longest{0};
  for (const Channel* channel : channels_) longest = std::max(longest, channel->longest_send());
  return longest * options_.batch + std::chrono::minutes(1);
}

Channel* Courier::ChannelFor(model::ContactKind kind) const {
  for (Channel* channel : channels_) {
    if (channel->kind() == kind) return channel;
  }
  return nullptr;
}

Result<int> Courier::RunOnce() {
  auto leased = ledger_.Transact([this](Transaction& tx) {
    return ledger::LeaseMessages(tx, context_, options_.batch, Lease());
  });
  if (!leased.ok()) return leased.failure();
  Done done;
  int handled = 0;
  for (LeasedMessage& message : *leased) {
    if (done.ok()) {
      done = Handle(message);
      if (done.ok()) ++handled;
    }
    Wipe(message);
  }
  if (done.ok()) return handled;
  GiveBack(*leased, static_cast<size_t>(handled));
  return done.failure();
}

// The ledger faltered at one message of a batch. That one may be with the relay, so it waits like
// one whose answer was lost; those behind it were not begun and are due at once. Without an answer
// to this either, all wait for the end of their lease.
void Courier::GiveBack(const std::vector<LeasedMessage>& leased, size_t faltered) {
  const TimePoint now = context_.clock.Now();
  const LeasedMessage& begun = leased[faltered];
  const TimePoint next_at = now + PauseAfter(begun.attempts, options_.pauses, context_.random);
  const Done given_back = ledger_.Commit([&](Transaction& tx) -> Done {
    LATCHKEY_TRY(ledger::PostponeMessage(tx, begun.id, next_at, ledger::LastTry::kUnanswered,
                                         "the ledger did not answer"));
    for (size_t i = faltered + 1; i < leased.size(); ++i)
      LATCHKEY_TRY(ledger::GiveBackMessage(tx, leased[i], now));
    return {};
  });
  if (!given_back.ok()) log::Warning("courier.kept", {{"messages", leased.size() - faltered}});
}

Done Courier::Handle(const LeasedMessage& message) {
  auto found = FindDestination(message);
  if (!found.ok()) {
    if (found.reason() == Reason::kUnavailable) return found.failure();
    return Poison(message, {}, found.failure().detail);
  }
  const Destination& to = *found;
  if (!to.obsolete.empty()) return Overtake(message, to, to.obsolete);
  if (message.expires_at <= context_.clock.Now())
    return Overtake(message, to, "expired before it could be sent");
  if (to.channel == nullptr)
    return Poison(message, to, "no channel leads to a contact of this kind");
  if (!message.unreadable.empty()) return Poison(message, to, message.unreadable);
  auto rendered = renderer_.Render(message, to.language);
  if (!rendered.ok()) return Poison(message, to, rendered.failure().detail);

  Parcel parcel{message.id, to.address, message.made_at, std::move(*rendered)};
  const Delivery delivery = to.channel->Send(parcel);
  Wipe(parcel);
  switch (delivery.fate) {
    case Fate::kAccepted:
      return Accept(message, to, delivery);
    case Fate::kPermanent:
      return SetAside(message, to, "refused for good, " + delivery.note);
    case Fate::kUnknown:
      ++unknown_;
      return TryLater(message, to, delivery);
    case Fate::kTemporary:
      return TryLater(message, to, delivery);
  }
  LATCHKEY_CHECK(false);
}

// The address is read now and from the ledger only, by the contact that was chosen when the message
// was made: no request can lead a message elsewhere (attack C05).
Result<Courier::Destination> Courier::FindDestination(const LeasedMessage& message) {
  return ledger_.Query([&](Transaction& tx) -> Result<Destination> {
    Destination to;
    LATCHKEY_ASSIGN(auto account, ledger::FindAccountById(tx, message.account_id));
    if (!account) return Fail(Reason::kInternal, "the account is not there");
    to.language = account->language;
    // The code for the branch opens nothing and is half of what lifts a freeze: it must get
    // through.
    const bool opens = CarriesKey(message) && message.template_name != kBranchCode;
    if (account->state != model::AccountState::kActive && opens) {
      to.obsolete = "the account is stopped";
      return to;
    }
    // Removed contacts too: notices still go to them for a while (Law 9), codes never.
    LATCHKEY_ASSIGN(auto contacts,
                    ledger::LoadContacts(tx, context_.keys, message.account_id, TimePoint{}));
    auto contact = std::find_if(contacts.begin(), contacts.end(), [&](const model::Contact& c) {
      return c.id == message.contact_id;
    });
    if (contact == contacts.end()) {
      to.obsolete = "the contact is gone";
      return to;
    }
    to.masked = model::MaskContact(contact->kind, contact->address);
    if (contact->removed_at != TimePoint{} && CarriesKey(message)) {
      to.obsolete = "the contact was removed";
      return to;
    }
    to.channel = ChannelFor(contact->kind);
    to.address = contact->address;
    return to;
  });
}

// Ended and journaled together: neither without the other (Law 13). A worker that was stopped for
// longer than its lease may find that another has ended the message: its word stands alone.
Done Courier::End(const LeasedMessage& message, MessageState state, const Destination& to,
                  const std::string& why) {
  const auto event = state == MessageState::kAccepted ? model::Event::kMessageAccepted
                                                      : model::Event::kMessageFailed;
  return ledger_.Commit([&](Transaction& tx) -> Done {
    LATCHKEY_ASSIGN(const bool ended,
                    ledger::EndMessage(tx, message.id, state, context_.clock.Now(), why));
    if (!ended) return {};
    return ledger::Append(tx, context_,
                          {.account_id = message.account_id,
                           .event = event,
                           .case_id = message.case_id,
                           .recovery_id = message.recovery_id,
                           .details = DetailsOf(message, to.masked, why)});
  });
}

Done Courier::Accept(const LeasedMessage& message, const Destination& to,
                     const Delivery& delivery) {
  LATCHKEY_TRY(End(message, MessageState::kAccepted, to, ""));
  ++accepted_;
  log::Info("courier.accepted", {{"message", message.id},
                                 {"template", message.template_name},
                                 {"attempt", message.attempts},
                                 {"relay", delivery.note}});
  return {};
}

Done Courier::TryLater(const LeasedMessage& message, const Destination& to,
                       const Delivery& delivery) {
  const TimePoint next_at =
      context_.clock.Now() + PauseAfter(message.attempts, options_.pauses, context_.random);
  const bool unanswered = delivery.fate == Fate::kUnknown;
  // Each such try may be a double. What nobody took waits until it expires, so that a relay that is
  // away for a night, or for a weekend, costs no notice and no link that stops a thief (Laws 9,
  // 11).
  if (unanswered && message.unanswered + 1 >= options_.max_attempts) {
    return SetAside(message, to,
                    "given up after " + std::to_string(message.unanswered + 1) +
                        " tries without an answer, " + delivery.note);
  }
  if (next_at >= message.expires_at) {
    const std::string why = "not taken before it expired, " + delivery.note;
    // What told of a deed and never got out is for the operator to know (Law 9).
    return CarriesKey(message) ? Overtake(message, to, why) : SetAside(message, to, why);
  }
  LATCHKEY_TRY(ledger_.Commit([&](Transaction& tx) {
    return ledger::PostponeMessage(
        tx, message.id, next_at,
        unanswered ? ledger::LastTry::kUnanswered : ledger::LastTry::kNotTaken, delivery.note);
  }));
  ++postponed_;
  log::Warning("courier.postponed", {{"message", message.id},
                                     {"template", message.template_name},
                                     {"attempt", message.attempts},
                                     {"next_at", next_at},
                                     {"note", delivery.note}});
  return {};
}

Done Courier::Overtake(const LeasedMessage& message, const Destination& to,
                       const std::string& why) {
  LATCHKEY_TRY(End(message, MessageState::kOvertaken, to, why));
  ++overtaken_;
  log::Info("courier.overtaken",
            {{"message", message.id}, {"template", message.template_name}, {"why", why}});
  return {};
}

Done Courier::SetAside(const LeasedMessage& message, const Destination& to,
                       const std::string& why) {
  LATCHKEY_TRY(End(message, MessageState::kSetAside, to, why));
  ++set_aside_;
  log::Error("courier.set_aside",
             {{"message", message.id}, {"template", message.template_name}, {"why", why}});
  return {};
}

// What can never be sent must not come again and again, and must not keep others waiting.
Done Courier::Poison(const LeasedMessage& message, const Destination& to, const std::string& why) {
  Done done = SetAside(message, to, "cannot be sent, " + why);
  if (!done.ok() && done.reason() != Reason::kUnavailable) {
    // The account's own chain cannot take the entry, as when its key is lost: the service's takes
    // it.
    LeasedMessage orphan;
    orphan.id = message.id;
    orphan.template_name = message.template_name;
    done = SetAside(orphan, {}, "cannot be sent, " + why);
  }
  if (done.ok()) ++poison_;
  return done;
}

void Courier::Start() {
  LATCHKEY_CHECK(workers_.empty());
  for (int i = 0; i < options_.workers; ++i) {
    workers_.push_back(std::make_unique<Periodic>(options_.idle, [this] {
      auto handled = RunOnce();
      if (!handled.ok()) log::Warning("courier.waiting", {{"reason", handled.reason()}});
      return handled.ok() && *handled > 0;
    }));
  }
}

void Courier::Stop() {
  for (auto& worker : workers_) worker->Stop();
  workers_.clear();
}

void Courier::Wake() {
  for (auto& worker : workers_) worker->Nudge();
}

CourierCounts Courier::counts() const {
  return {.accepted = accepted_,
          .postponed = postponed_,
          .unknown = unknown_,
          .overtaken = overtaken_,
          .set_aside = set_aside_,
          .poison = poison_};
}

}  // namespace latchkey::courier
