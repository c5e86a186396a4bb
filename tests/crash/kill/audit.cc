// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/kill/audit.h"

#include <algorithm>

#include "tests/crash/kill/journey.h"

namespace latchkey::crash {
namespace {

constexpr uint64_t kPasswordsChecked = 400;  // each costs a hash
constexpr Millis kLook{50};
constexpr int kLooks = 2400;

void CheckLetters(Bank& bank, Sink& sink, Book& book) {
  std::map<Pile, size_t> came = sink.Counts();
  for (const auto& customer : bank.customers()) {
    for (const auto& [pile, expected] : customer->letters) {
      const auto found = came.find(pile);
      const size_t count = found == came.end() ? 0 : found->second;
      const size_t at_most =
          expected.at_most + (pile.second == kRestingSubject ? bank.Midnights() : 0);
      if (count < expected.at_least || count > at_most) {
        book.Broken(pile.first + " got \"" + pile.second + "\" " + std::to_string(count) +
                    " times, not " + std::to_string(expected.at_least) + " to " +
                    std::to_string(at_most));
      }
      came.erase(pile);
    }
  }
  for (const auto& [pile, count] : came)
    book.Broken(pile.first + " got \"" + pile.second + "\", which nobody asked for");
  for (const std::string& id : sink.changed())
    book.Broken("the message " + id + " came again with other bytes");
}

void CheckJournal(Bank& bank, Customer& customer, Book& book) {
  const std::map<model::Event, int> events = bank.EventsOf(customer);
  for (const model::Event event :
       {model::Event::kPasswordReset, model::Event::kUnlocked, model::Event::kFrozen}) {
    const auto count = [&](const std::map<model::Event, int>& from) {
      const auto found = from.find(event);
      return found == from.end() ? 0 : found->second;
    };
    if (count(events) != count(customer.events)) {
      book.Broken(customer.login + ": event " + std::to_string(static_cast<int>(event)) +
                  " stands " + std::to_string(count(events)) + " times in the journal, not " +
                  std::to_string(count(customer.events)));
    }
  }
  if (customer.call_back_asked && !events.contains(model::Event::kCallBackAsked))
    book.Broken(customer.login + ": a call back that was asked for is not in the journal");
  const auto state = bank.StateOf(customer);
  if (state != (customer.frozen ? model::AccountState::kFrozen : model::AccountState::kActive))
    book.Broken(customer.login + ": the account is not in the state that was acknowledged");
}

}  // namespace

void AwaitCalm(Bank& bank, Service& service, Book& book) {
  for (int look = 0; look < kLooks; ++look) {
    const Bank::Waiting waiting = bank.CountWaiting();
    if (waiting.set_aside > 0) book.Broken("messages were set aside");
    if (waiting.intakes == 0 && waiting.messages == 0) return;
    service.Live(kLook);
  }
  const Bank::Waiting waiting = bank.CountWaiting();
  book.Broken(std::to_string(waiting.intakes) + " requests and " +
              std::to_string(waiting.messages) + " messages wait for ever");
}

void Audit(Bank& bank, Sink& sink, Book& book, Dice& dice) {
  CheckLetters(bank, sink, book);
  std::vector<Customer*> travelled;
  for (auto& customer : bank.customers()) {
    if (customer->journeys > 0) travelled.push_back(customer.get());
  }
  for (Customer* customer : travelled) CheckJournal(bank, *customer, book);
  for (uint64_t i = 0; i < std::min<uint64_t>(kPasswordsChecked, travelled.size()); ++i) {
    Customer& customer = *travelled[dice.Below(travelled.size())];
    if (!bank.PasswordIs(customer, customer.password))
      book.Broken(customer.login + ": the password that was acknowledged is not in force");
  }
  if (const std::string damage = bank.DamageInFiles(); !damage.empty())
    book.Broken("the ledger's file: " + damage);
}

}  // namespace latchkey::crash
