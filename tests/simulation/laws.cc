// SPDX-License-Identifier: Apache-2.0
// The laws that no single answer shows.
#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "services/courier/templates.h"
#include "services/ledger/journal.h"
#include "services/ledger/sessions.h"
#include "tests/simulation/calls.h"

namespace latchkey::simulation {
namespace {

constexpr const char* kCheckpoints = "checkpoints";

// How many entries of each kind, and messages of each template.
std::map<int64_t, int64_t> CountEntries(Bank& bank, const Customer& customer) {
  std::map<int64_t, int64_t> counts;
  const auto rows = bank.inner_ledger().Query([&](ledger::Transaction& tx) {
    return tx.Run("SELECT kind, COUNT(*) FROM journal WHERE account_id = $1 GROUP BY kind",
                  customer.id);
  });
  for (const ledger::Row& row : rows.value().rows) counts[row.Int(0)] = row.Int(1);
  return counts;
}
std::map<std::string, int64_t, std::less<>> CountMessages(Bank& bank, const Customer& customer) {
  std::map<std::string, int64_t, std::less<>> counts;
  const auto rows = bank.inner_ledger().Query([&](ledger::Transaction& tx) {
    return tx.Run("SELECT template, COUNT(*) FROM outbox WHERE account_id = $1 GROUP BY template",
                  customer.id);
  });
  for (const ledger::Row& row : rows.value().rows) counts.emplace(row.Text(0), row.Int(1));
  return counts;
}

void Expect(Bank& bank, std::string_view law, const std::string& what, int64_t got,
            int64_t expected) {
  if (got != expected)
    bank.Broken(law, what + ": " + std::to_string(got) + ", not " + std::to_string(expected));
}

const Mail* NewestLiveLink(Bank& bank, const Customer& customer) {
  for (auto mail = customer.mailbox.rbegin(); mail != customer.mailbox.rend(); ++mail) {
    if (!mail->link.empty() &&
        bank.model().Stands(customer.index, mail->made_at, mail->made_at + kLinkLives, bank.now()))
      return &*mail;
  }
  return nullptr;
}

// Whatever channel and courier lost on the way: each address has got each notice, and none that
// nothing had happened for.
void CheckMailboxes(Bank& bank, const Customer& customer) {
  const std::pair<std::string, int64_t> notices[] = {
      {"Your password for Harbour Bank was changed", customer.resets},
      {"Your access to Harbour Bank was unlocked", customer.unlocks},
      {"Your access to Harbour Bank is frozen", customer.freezes},
      {"Your access to Harbour Bank is open again", customer.lifts},
      {"A branch token for your access to Harbour Bank was issued", customer.issues}};
  for (const std::string& address : customer.mails) {
    const auto got = customer.got.find(address);
    for (const auto& [subject, times] : notices) {
      const bool any = got != customer.got.end() && got->second.contains(subject);
      Expect(bank, "Law 11", "\"" + subject + "\" in the mailbox " + address,
             any ? got->second.at(subject) : 0, times);
    }
  }
}

void CheckCustomer(Bank& bank, const Customer& customer) {
  const std::string& who = customer.login;
  const Bank::Facts facts = bank.Look(customer);
  const auto entries = CountEntries(bank, customer);
  const auto messages = CountMessages(bank, customer);
  const struct {
    std::string_view what;
    model::Event event;
    std::string_view notice;
    int64_t times;
  } deeds[] = {
      {"resets", model::Event::kPasswordReset, courier::kPasswordResetNotice, customer.resets},
      {"unlocks", model::Event::kUnlocked, courier::kUnlockedNotice, customer.unlocks},
      {"freezes", model::Event::kFrozen, courier::kFrozenNotice, customer.freezes},
      {"lifted freezes", model::Event::kFreezeLifted, courier::kFreezeLiftedNotice, customer.lifts},
      {"tokens", model::Event::kAssistedTokenIssued, courier::kTokenIssuedNotice, customer.issues}};
  for (const auto& deed : deeds) {
    const std::string of = std::string(deed.what) + " of " + who;
    const auto entered = entries.find(static_cast<int64_t>(deed.event));
    Expect(bank, "Law 13", of + " in the journal", entered == entries.end() ? 0 : entered->second,
           deed.times);
    const auto told = messages.find(deed.notice);
    Expect(bank, "Law 9", "notices of " + of, told == messages.end() ? 0 : told->second,
           deed.times * Addresses(customer));
  }
  const int64_t to_each = Addresses(customer);
  const auto warned = messages.find(courier::kPasswordsResting);
  const int64_t told = warned == messages.end() ? 0 : warned->second;
  const auto must = static_cast<int64_t>(customer.told_of_rest.size());
  const auto may = must + static_cast<int64_t>(customer.perhaps_told_of_rest.size());
  if (told % to_each != 0 || told < must * to_each || told > may * to_each)
    bank.Broken("Law 9", who + " was told " + std::to_string(told) +
                             " times that passwords rest, not on " + std::to_string(must) + " to " +
                             std::to_string(may) + " days at " + std::to_string(to_each) +
                             " addresses");
  // Not told while the account is frozen.
  const auto disabled = messages.find(courier::kPasswordDisabledNotice);
  const int64_t told_disabled = disabled == messages.end() ? 0 : disabled->second;
  if (told_disabled % to_each != 0 || told_disabled > customer.guessed_out * to_each)
    bank.Broken("Law 9", who + " was told " + std::to_string(told_disabled) +
                             " times that the password is disabled, which it was " +
                             std::to_string(customer.guessed_out) + " times by failures");
  const auto disablings = entries.find(static_cast<int64_t>(model::Event::kPasswordDisabled));
  Expect(bank, "Law 13", "disabled passwords of " + who + " in the journal",
         disablings == entries.end() ? 0 : disablings->second, customer.disablings);
  CheckMailboxes(bank, customer);
  Expect(bank, "Law 2", "the state of " + who, facts.state, customer.frozen ? 2 : 1);
  Expect(bank, "Law 4", "failures in a row of " + who, facts.failures, customer.failures);
  Expect(bank, "Law 4", "whether the password of " + who + " is disabled", facts.disabled ? 1 : 0,
         customer.disabled ? 1 : 0);
  if (bank.Number("SELECT COUNT(*) FROM devices WHERE account_id = $1", customer.id) >
      ledger::kDevicesOfAnAccount)
    bank.Broken("Law 4", who + " has more devices than an account may have");
  if (!bank.PasswordIs(customer, customer.password))
    bank.Broken("Law 1", "the verifier of " + who + " is not that of the last password");
}

}  // namespace

void ProbePassword(Bank& bank, Customer& customer) {
  if (bank.within()) return;  // whoever is interrupted is looked at for what came before them
  Bank::Calm calm(bank);
  // Whoever was in before the reset is out.
  for (const std::string& session : std::vector(customer.sessions))
    LookAtSession(bank, "law 1", session);
  for (size_t node = 0; node < bank.nodes(); ++node) {
    bank.UseNode(node);
    SignIn(bank, {.who = "law 1",
                  .customer = customer,
                  .name = customer.login,
                  .password = customer.older.back(),
                  .address = "2001:db8:1::/64"});
    bank.UseNode(node);
    SignIn(bank, {.who = "law 1",
                  .customer = customer,
                  .name = customer.login,
                  .password = customer.password,
                  .address = "2001:db8:2::/64"});
  }
}

void ProbeOwner(Bank& bank, Customer& customer) {
  if (customer.frozen) return;  // the branch opens it again
  Bank::Calm calm(bank);
  for (int minute = 0; minute < 60; ++minute) {
    if (minute % 31 == 0)
      Begin(bank, {.who = "law 5",
                   .customer = customer,
                   .name = customer.login,
                   .address = "2001:db8:3::/64",
                   .key = bank.Key()});
    WorkAll(bank);
    if (const Mail* mail = NewestLiveLink(bank, customer); mail != nullptr) {
      static_cast<void>(OpenLink(bank, "law 5", std::string(mail->link)));
      const std::string session = customer.recovery_sessions.back();
      if (bank.dice().OneIn(2)) return Unlock(bank, "law 5", session, bank.Key());
      return SetPassword(
          bank,
          {.who = "law 5", .session = session, .password = bank.NewPassword(), .key = bank.Key()});
    }
    bank.Wait(minutes(1));
  }
  bank.Broken("Law 5", customer.login + " asked twice within an hour and got no link that works");
}

void CheckUnlocks(Bank& bank, std::deque<TimePoint>& times) {
  times.push_back(bank.now());
  if (times.size() > 20) times.pop_front();
  for (size_t n = 6; n <= times.size(); ++n) {
    const Millis since = times.back() - times[times.size() - n];
    if (since < minutes(30) * static_cast<int64_t>(n - 5) - minutes(1))
      bank.Broken("Law 4", std::to_string(n) + " unlocks within " +
                               std::to_string(since.count() / 60'000) + " minutes");
  }
}

void Bank::CheckEverything() {
  Calm calm(*this);
  // Law 11: whatever was acknowledged is done at last, though workers died with it in their hands.
  for (int round = 0; round < 12; ++round) {
    WorkAll(*this);
    Wait(minutes(40));
  }
  Expect(*this, "Law 11", "requests that nobody worked on",
         Number("SELECT COUNT(*) FROM intakes WHERE done_at IS NULL"), 0);
  Expect(*this, "Law 11", "messages that nobody sent",
         Number("SELECT COUNT(*) FROM outbox WHERE ended_at IS NULL"), 0);
  Expect(*this, "Law 11", "messages that were set aside",
         Number("SELECT COUNT(*) FROM outbox WHERE state = 3"), 0);
  // Intakes are kept for a day.
  for (const std::string& handle : std::exchange(model_.acknowledged, {})) {
    if (model_.handles.at(handle).made_at + hours(24) > now() && !KnowsHandle(handle))
      Broken("Law 11", "a request was acknowledged, and nobody knows its handle");
  }
  for (const auto& customer : model_.customers) {
    if (customer->known) CheckCustomer(*this, *customer);
  }
  model_.asked.clear();  // what is still there has reached nobody
  model_.spooled.clear();
  const auto checkpoints = folder_ / kCheckpoints;
  LATCHKEY_CHECK(ledger::WriteCheckpoint(ledger_.inner(), keys_, checkpoints, now(), now()).ok());
}

void Bank::CheckJournal() {
  const auto report = ledger::VerifyJournal(ledger_.inner(), keys_, folder_ / kCheckpoints, {});
  if (!report.ok()) Broken("Law 13", "the journal cannot be verified: " + report.failure().detail);
  if (report->first_fault) Broken("Law 13", "the journal: " + report->first_fault->what);
  trace_.Note(std::to_string(report->entries));
}

}  // namespace latchkey::simulation
