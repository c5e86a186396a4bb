// SPDX-License-Identifier: Apache-2.0
// What people do on end. Each thing alone is done by the actors too, but seldom meets the next
// while that still matters.
#include <algorithm>

#include "tests/simulation/calls.h"

namespace latchkey::simulation {
namespace {

constexpr int kCustomers = 5;

std::string Home(const Customer& customer) {
  return "192.0.2." + std::to_string(10 + customer.index);
}

template <typename Wanted>
const Mail* NewestMail(const Customer& customer, Wanted&& wanted) {
  const auto found = std::find_if(customer.mailbox.rbegin(), customer.mailbox.rend(), wanted);
  return found == customer.mailbox.rend() ? nullptr : &*found;
}
const Mail* MailWithLink(const Customer& customer) {
  return NewestMail(customer, [](const Mail& mail) { return !mail.link.empty(); });
}

void CarryAll(Bank& bank) {
  for (int i = 0; i < 3; ++i) Carry(bank);
  bank.Wait(Millis(1));
}

// Asks for a message and waits until it is there, or not.
void AskAndRead(Bank& bank, Customer& customer) {
  Begin(bank, {.who = "customer",
               .customer = customer,
               .name = customer.login,
               .address = Home(customer),
               .key = bank.Key()});
  Drain(bank);
  CarryAll(bank);
}

// "This was not me", from any notice that lies there; then everything else that they hold.
void PressStop(Bank& bank, Customer& customer) {
  std::vector<std::string> buttons;
  for (const Mail& mail : customer.mailbox) {
    if (!mail.freeze.empty()) buttons.push_back(mail.freeze);
  }
  if (buttons.empty()) return;
  FreezeByLink(bank, "customer", bank.dice().PickFrom(buttons));
  if (const Mail* mail = MailWithLink(customer); mail != nullptr)
    static_cast<void>(OpenLink(bank, "customer", std::string(mail->link)));
  if (!customer.recovery_sessions.empty())
    Unlock(bank, "customer", std::string(customer.recovery_sessions.back()), bank.Key());
}

// The right code twice; or six tries, which are one more than a code has, though the last one is
// right and no lane rests any more.
void Fumble(Bank& bank, Customer& customer) {
  AskAndRead(bank, customer);
  const Mail* mail = NewestMail(customer, [](const Mail& one) { return !one.code.empty(); });
  if (mail == nullptr) return;
  const std::string right = mail->code;
  const auto type = [&](const std::string& digits) {
    SubmitCode(bank, {.who = "customer",
                      .holder = customer,
                      .handle = {},
                      .named = &customer,
                      .digits = digits,
                      .address = Home(customer),
                      .key = bank.Key(),
                      .device = customer.device});
    bank.Wait(minutes(1));
  };
  if (bank.dice().OneIn(2)) {
    type(right);
    return type(right);
  }
  for (int i = 0; i < kTries; ++i) type(bank.dice().Digits(8));
  bank.Wait(minutes(15));
  type(right);
}

// Signs in with the old password while a new one is set in another window; or just before that.
void UseTwoWindows(Bank& bank, Customer& customer) {
  AskAndRead(bank, customer);
  const Mail* mail = MailWithLink(customer);
  if (mail == nullptr || !OpenLink(bank, "customer", std::string(mail->link))) return;
  const auto choose = [&customer](Bank& b) {
    SetPassword(b, {.who = "customer",
                    .session = customer.recovery_sessions.back(),
                    .password = b.NewPassword(),
                    .key = b.Key()});
  };
  SignIn(bank, {.who = "customer",
                .customer = customer,
                .name = customer.login,
                .password = customer.password,
                .address = Home(customer),
                .device = customer.device,
                .rival = choose});
  choose(bank);
}

// As whoever reads the mail and guesses at the password would.
void UnlockOften(Bank& bank, Customer& customer) {
  for (int i = 0; i < 7; ++i) {
    AskAndRead(bank, customer);
    const Mail* mail = MailWithLink(customer);
    if (mail == nullptr || !OpenLink(bank, "customer", std::string(mail->link))) return;
    Unlock(bank, "customer", std::string(customer.recovery_sessions.back()), bank.Key());
  }
}

// A customer and a teller with both proofs; whatever they wanted, now and then the customer stops
// everything before it is done.
void VisitBranch(Bank& bank, Customer& customer) {
  Model& model = bank.model();
  Dice& dice = bank.dice();
  Officer& officer = dice.PickFrom(model.officers);
  StaffSignIn(bank, officer, true);
  FindCustomer(bank, officer, customer);
  const auto found = std::find_if(model.cases.rbegin(), model.cases.rend(),
                                  [&](const CaseFile& f) { return f.owner == customer.index; });
  if (found == model.cases.rend()) return;
  CaseFile& file = *found;
  Inspect(bank, officer, file);
  SendCode(bank, officer, file, 1);
  CarryAll(bank);
  const auto& codes = model.branch_codes[static_cast<size_t>(customer.index)];
  if (!codes.empty()) CheckCode(bank, officer, file, std::string(codes.back().digits));
  if (dice.OneIn(3)) PressStop(bank, customer);
  if (customer.frozen) {
    LiftFreeze(bank, officer, file);
    if (dice.OneIn(2)) PressStop(bank, customer);
  } else if (dice.OneIn(3)) {
    for (int i = 0; i < 7; ++i) UnlockInBranch(bank, officer, file);
  } else {
    IssueToken(bank, officer, file);
  }
}

}  // namespace

void Journey(Bank& bank) {
  Customer& customer = bank.model().Of(static_cast<int>(bank.dice().Below(kCustomers)));
  switch (bank.dice().Below(7)) {
    case 0:
      return Fumble(bank, customer);
    case 1:
      return UseTwoWindows(bank, customer);
    case 2:
      return UnlockOften(bank, customer);
    case 3:
      AskAndRead(bank, customer);
      return PressStop(bank, customer);
    default:
      return VisitBranch(bank, customer);
  }
}

}  // namespace latchkey::simulation
