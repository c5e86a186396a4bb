// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/actors.h"

#include "tests/simulation/calls.h"

namespace latchkey::simulation {
namespace {

constexpr size_t kPeople = 5;  // the rest are names that nobody has

// What a customer sees in their mailbox and types: mostly the newest, sometimes an old one.
const Mail* PickMail(Bank& bank, Customer& customer) {
  if (customer.mailbox.empty()) return nullptr;
  const size_t count = customer.mailbox.size();
  const size_t back = bank.dice().OneIn(3) ? bank.dice().Below(count) : 0;
  return &customer.mailbox[count - 1 - back];
}

// By value: a step that comes in between may move what stands in `from`.
std::string PickOf(Bank& bank, std::vector<std::string>& from) {
  if (from.empty()) return std::string(32, 'x');
  return bank.dice().OneIn(4) ? bank.dice().PickFrom(from) : from.back();
}

// The same key again now and then: a button pressed twice, or an answer that never came.
std::string PickKey(Bank& bank, Customer& customer) {
  std::vector<std::string>& used = customer.keys;
  if (bank.now() > customer.keys_since + hours(12)) {
    used.clear();  // answers are not kept for ever
    customer.keys_since = bank.now();
  }
  if (!used.empty() && bank.dice().OneIn(4)) return bank.dice().PickFrom(used);
  KeepFew(used, bank.Key());
  return used.back();
}

std::string NameOf(Bank& bank, const Customer& customer) {
  switch (bank.dice().Below(3)) {
    case 0:
      return customer.login;
    case 1:
      return customer.number;
    default:
      return customer.mails.front();
  }
}

std::string Home(const Customer& customer) {
  return "192.0.2." + std::to_string(10 + customer.index);
}

void TypePassword(Bank& bank, Customer& customer) {
  std::string password = customer.password;
  if (bank.dice().OneIn(3))
    password = !customer.older.empty() && bank.dice().OneIn(2)
                   ? bank.dice().PickFrom(customer.older)
                   : bank.NewPassword();
  const bool own_device = !bank.dice().OneIn(4);
  SignIn(bank, {.who = "customer",
                .customer = customer,
                .name = NameOf(bank, customer),
                .password = password,
                .address = bank.dice().OneIn(3) ? "198.51.100.7" : Home(customer),
                .device = own_device ? customer.device : ""});
}

void TypeCode(Bank& bank, Customer& customer) {
  const Mail* mail = PickMail(bank, customer);
  std::string digits = mail == nullptr || mail->code.empty() ? bank.dice().Digits(8) : mail->code;
  if (bank.dice().OneIn(6)) digits[bank.dice().Below(digits.size())] = '7';
  const bool by_name = customer.handles.empty() || bank.dice().OneIn(4);
  const CodeBy by{.who = "customer",
                  .holder = customer,
                  .handle = by_name ? "" : PickOf(bank, customer.handles),
                  .named = &customer,
                  .digits = digits,
                  .address = Home(customer),
                  .key = PickKey(bank, customer),
                  .device = bank.dice().OneIn(2) ? customer.device : ""};
  SubmitCode(bank, by);
  if (bank.dice().OneIn(3)) SubmitCode(bank, by);
}

void UseToken(Bank& bank, Customer& customer) {
  Dice& dice = bank.dice();
  const RedeemBy by{
      .who = "customer",
      .holder = customer,
      .named = customer,
      .digits = dice.OneIn(5) ? dice.Digits(12) : std::string(customer.branch_tokens.back()),
      .address = Home(customer),
      .key = PickKey(bank, customer)};
  RedeemAssisted(bank, by);
  if (dice.OneIn(3)) RedeemAssisted(bank, by);
}

void ChoosePassword(Bank& bank, Customer& customer) {
  std::string password = bank.NewPassword();
  const uint64_t what = bank.dice().Below(12);
  if (what == 0) password = customer.password;
  if (what == 1) password = "too short";
  if (what == 2 && !customer.older.empty()) password = bank.dice().PickFrom(customer.older);
  if (what == 3 && !customer.offered.empty()) password = customer.offered;
  customer.offered = password;
  const std::string session = PickOf(bank, customer.recovery_sessions);
  const std::string key = PickKey(bank, customer);
  SetPassword(bank, {.who = "customer", .session = session, .password = password, .key = key});
  // Whoever got no answer sends the very same again.
  if (bank.dice().OneIn(3))
    SetPassword(bank, {.who = "customer", .session = session, .password = password, .key = key});
}

}  // namespace

void ActAsCustomer(Bank& bank) {
  Model& model = bank.model();
  Customer& customer = model.Of(static_cast<int>(bank.dice().Below(kPeople)));
  Dice& dice = bank.dice();
  const uint64_t what = dice.Below(100);
  if (what < 24) return TypePassword(bank, customer);
  if (what < 40) return LookAtSession(bank, "customer", PickOf(bank, customer.sessions));
  if (what < 42) return SignOut(bank, "customer", PickOf(bank, customer.sessions));
  if (what < 52) {
    const BeginBy by{.who = "customer",
                     .customer = customer,
                     .name = NameOf(bank, customer),
                     .intent = dice.OneIn(3) ? model::Intent::kUnlock : model::Intent::kReset,
                     .address = Home(customer),
                     .key = PickKey(bank, customer)};
    Begin(bank, by);
    if (dice.OneIn(3)) Begin(bank, by);
    return;
  }
  if (what < 64) {
    const Mail* mail = PickMail(bank, customer);
    if (mail == nullptr || mail->link.empty()) return;
    const bool opened = OpenLink(bank, "customer", std::string(mail->link));
    if (opened && !dice.OneIn(4)) ChoosePassword(bank, customer);
    return;
  }
  if (what < 74) return TypeCode(bank, customer);
  if (what < 86) return ChoosePassword(bank, customer);
  if (what < 91) {
    // Now and then the page of an unlock of that day is sent again.
    const auto last = model.unlocks.find(customer.unlocked_with);
    const bool old_page =
        last != model.unlocks.end() && bank.now() < last->second.at + hours(12) && dice.OneIn(6);
    return Unlock(bank, "customer", PickOf(bank, customer.recovery_sessions),
                  old_page ? customer.unlocked_with : PickKey(bank, customer));
  }
  if (what < 93) {
    const Mail* mail = PickMail(bank, customer);
    if (mail != nullptr && !mail->freeze.empty() && dice.OneIn(3))
      FreezeByLink(bank, "customer", std::string(mail->freeze));
    return;
  }
  if (what < 94) {
    if (dice.OneIn(4)) FreezeBySession(bank, "customer", PickOf(bank, customer.recovery_sessions));
    return;
  }
  if (what < 95) return AskForPerson(bank, "customer", customer);
  if (!customer.branch_tokens.empty()) UseToken(bank, customer);
}

// The thief has an account of their own, and with it real handles, links and sessions to try
// elsewhere; knows names, numbers, addresses and old passwords of all others.
void ActAsThief(Bank& bank) {
  Model& model = bank.model();
  Dice& dice = bank.dice();
  Customer& victim = model.Of(static_cast<int>(dice.Below(model.customers.size())));
  Customer& own = model.Of(3);
  const std::string address = "203.0.113." + std::to_string(dice.Below(4));
  const auto anything = [&]() -> std::string {
    switch (dice.Below(6)) {
      case 0:
        return PickOf(bank, own.handles);
      case 1:
        return PickOf(bank, own.recovery_sessions);
      case 2:
        return PickOf(bank, own.sessions);
      case 3:
        return own.mailbox.empty() ? "" : own.mailbox.back().freeze;
      case 4:
        return own.device;
      default:
        return dice.Bytes(32);
    }
  };
  const uint64_t what = dice.Below(100);
  if (what < 40) {
    const std::string password = !victim.older.empty() && dice.OneIn(4)
                                     ? dice.PickFrom(victim.older)
                                     : std::string(Secrets::kMark) + std::to_string(dice.Below(40));
    return SignIn(bank, {.who = "thief",
                         .customer = victim,
                         .name = NameOf(bank, victim),
                         .password = password,
                         .address = address,
                         .device = dice.OneIn(3) ? own.device : ""});
  }
  if (what < 55) {
    return Begin(bank, {.who = "thief",
                        .customer = victim,
                        .name = NameOf(bank, victim),
                        .intent = dice.OneIn(2) ? model::Intent::kUnlock : model::Intent::kReset,
                        .address = address,
                        .key = PickKey(bank, own)});
  }
  if (what < 75) {
    const bool by_name = dice.OneIn(2);
    std::string digits = dice.Digits(8);
    if (dice.OneIn(4) && !own.mailbox.empty() && !own.mailbox.back().code.empty())
      digits = own.mailbox.back().code;
    return SubmitCode(bank, {.who = "thief",
                             .holder = own,
                             .handle = by_name ? "" : anything(),
                             .named = &victim,
                             .digits = digits,
                             .address = address,
                             .key = PickKey(bank, own),
                             .device = dice.OneIn(3) ? own.device : ""});
  }
  if (what < 81) return static_cast<void>(OpenLink(bank, "thief", anything()));
  if (what < 85) return LookAtSession(bank, "thief", anything());
  if (what < 89)
    return SetPassword(bank, {.who = "thief",
                              .session = anything(),
                              .password = bank.NewPassword(),
                              .key = PickKey(bank, own)});
  if (what < 91) return Unlock(bank, "thief", anything(), PickKey(bank, own));
  if (what < 92) return FreezeByLink(bank, "thief", dice.Bytes(32));
  if (what < 93) return AskForPerson(bank, "thief", victim);
  RedeemAssisted(bank,
                 {.who = "thief",
                  .holder = own,
                  .named = victim,
                  .digits = dice.OneIn(3) && !own.branch_tokens.empty() ? own.branch_tokens.back()
                                                                        : dice.Digits(12),
                  .address = address,
                  .key = PickKey(bank, own)});
}

void ActAsTeller(Bank& bank) {
  Model& model = bank.model();
  Dice& dice = bank.dice();
  Officer& officer = model.officers[dice.Below(model.officers.size())];
  if (officer.session.empty() || bank.now() >= officer.idle_expires_at || dice.OneIn(25))
    return StaffSignIn(bank, officer, !dice.OneIn(6));
  if (model.cases.empty() || dice.OneIn(5)) {
    const uint64_t people = model.customers.size();
    // The crooked one tries to serve himself; what is said of own accounts holds in every call.
    const int who =
        officer.crooked && dice.OneIn(3) ? officer.own : static_cast<int>(dice.Below(people));
    return FindCustomer(bank, officer, model.Of(who));
  }
  const size_t recent = std::min<size_t>(model.cases.size(), 8);
  CaseFile& file = model.cases[model.cases.size() - 1 - dice.Below(recent)];
  Customer& customer = model.Of(file.owner);
  const auto& codes = model.branch_codes[static_cast<size_t>(file.owner)];
  switch (dice.Below(12)) {
    case 0:
      return GetCase(bank, officer, file);
    case 1:
    case 2:
      return Inspect(bank, officer, file);
    case 3:
    case 4:
      return SendCode(bank, officer, file, static_cast<uint32_t>(1 + dice.Below(2)));
    case 5:
    case 6: {
      const bool said = !codes.empty() && !officer.crooked && !dice.OneIn(8);
      return CheckCode(bank, officer, file, said ? codes.back().digits : dice.Digits(8));
    }
    case 7:
      return UnlockInBranch(bank, officer, file);
    case 8:
    case 9:
      return LiftFreeze(bank, officer, file);
    default:
      break;
  }
  if (officer.crooked && !customer.branch_tokens.empty() && dice.OneIn(3)) {
    // He has seen the token's digits; without the customer's mail they are worth nothing.
    Customer& own = model.Of(officer.own);
    return RedeemAssisted(bank, {.who = "teller",
                                 .holder = own,
                                 .named = customer,
                                 .digits = customer.branch_tokens.back(),
                                 .address = "192.0.2.200",
                                 .key = bank.Key()});
  }
  IssueToken(bank, officer, file);
}

void Act(Bank& bank) {
  if (!bank.within() && bank.dice().OneIn(150)) return Journey(bank);
  const uint64_t who = bank.dice().Below(100);
  if (who < 22) return Work(bank);
  if (who < 62) return ActAsCustomer(bank);
  if (who < 85) return ActAsThief(bank);
  if (bank.outer() != "teller") ActAsTeller(bank);  // two of them have one terminal
}

}  // namespace latchkey::simulation
