// SPDX-License-Identifier: Apache-2.0
// Who banks and who works here, and what arrives in their mailboxes.
#include <algorithm>

#include "crypto/password.h"
#include "crypto/totp.h"
#include "services/ledger/accounts.h"
#include "services/ledger/staff.h"
#include "tests/simulation/bank.h"

namespace latchkey::simulation {
namespace {

constexpr crypto::Argon2Cost kCheapest{.memory_kib = 8, .passes = 1};

template <typename T>
void Keep(std::deque<T>& kept, T item, size_t most) {
  kept.push_back(std::move(item));
  if (kept.size() > most) kept.pop_front();
}

}  // namespace

int Bank::AddCustomer(const std::string& login, const std::string& number, size_t mails,
                      bool strong) {
  auto customer = std::make_unique<Customer>();
  customer->index = static_cast<int>(model_.customers.size());
  customer->known = mails > 0;
  customer->strong = strong;
  customer->login = login;
  customer->number = number;
  customer->password = NewPassword();
  for (size_t i = 0; i < mails; ++i)
    customer->mails.push_back(login + "@" + std::string(i == 0 ? "first" : "second") + ".example");
  if (customer->known) {
    ledger::NewAccount account;
    account.name = login + " example";
    account.identifiers = {{model::IdentifierKind::kLogin, login},
                           {model::IdentifierKind::kCustomerNumber, number},
                           {model::IdentifierKind::kEmail, customer->mails.front()}};
    for (const std::string& mail : customer->mails)
      account.contacts.emplace_back(model::ContactKind::kEmail, mail);
    account.verifier = crypto::HashPassword(Secret(customer->password), kCheapest, keys_, random_);
    account.pack = strong ? "strong" : "standard";
    customer->id = ledger_
                       .Transact([&](ledger::Transaction& tx) {
                         return ledger::InsertAccount(tx, nodes_[0]->store, account);
                       })
                       .value();
  } else {
    customer->mails.push_back(login + "@first.example");  // nobody's
  }
  model_.customers.push_back(std::move(customer));
  return static_cast<int>(model_.customers.size()) - 1;
}

void Bank::AddOfficer(const std::string& login, int own, bool crooked) {
  Officer officer;
  officer.index = static_cast<int>(model_.officers.size());
  officer.crooked = crooked;
  officer.login = login;
  officer.password = NewPassword();
  officer.totp_key = random_.Take(crypto::kTotpKeyBytes);
  officer.own = own;
  officer.id = ledger_
                   .Transact([&](ledger::Transaction& tx) {
                     return ledger::InsertStaff(
                         tx, nodes_[0]->store,
                         {.login = login,
                          .name = login + " teller",
                          .branch = "west",
                          .verifier = crypto::HashPassword(Secret(officer.password), kCheapest,
                                                           keys_, random_),
                          .totp_key = Secret(officer.totp_key),
                          .own_account_id = own < 0 ? AccountId{} : model_.Of(own).id});
                   })
                   .value();
  model_.officers.push_back(std::move(officer));
}

void Bank::AddPeople() {
  AddCustomer("anna", "10000001", 2, false);
  AddCustomer("bruno", "10000002", 1, false);
  AddCustomer("clara", "10000003", 2, true);
  AddCustomer("mallory", "10000004", 1, false);               // the thief banks here too
  const int own = AddCustomer("tilo", "10000005", 2, false);  // and so does the crooked teller
  AddCustomer("nemo", "10000006", 0, false);
  AddCustomer("nobody", "10000007", 0, false);
  AddOfficer("tessa", -1, false);
  AddOfficer("tom", own, true);
  const size_t people = model_.customers.size();
  for (auto* lists : {&model_.codes, &model_.branch_codes, &model_.tokens}) lists->resize(people);
  for (auto* lists : {&model_.code_tries, &model_.branch_tries}) lists->resize(people);
}

// A person sees which message it is by its subject; the case is read from the ledger, because the
// paper slip that it belongs to may have been handed out by a request whose answer was lost.
void Bank::Sort(Customer& customer, const std::string& address, Mail mail) {
  if (customer.seen.insert(mail.id).second) ++customer.got[address][mail.subject];
  for (const Mail& earlier : customer.mailbox) {
    if (earlier.id != mail.id) continue;
    if (earlier.link != mail.link || earlier.code != mail.code || earlier.freeze != mail.freeze)
      Broken("Law 11", "the same message came twice and differs");
    return;
  }
  if (!mail.link.empty())
    model_.links.emplace(mail.link, Link{.owner = customer.index, .made_at = mail.made_at});
  if (!mail.freeze.empty())
    model_.freeze_links.emplace(mail.freeze,
                                Link{.owner = customer.index, .made_at = mail.made_at});
  if (!mail.code.empty()) {
    const bool branch = mail.subject.find("say in the branch") != std::string::npos;
    auto& codes =
        (branch ? model_.branch_codes : model_.codes)[static_cast<size_t>(customer.index)];
    const int64_t case_id = Number(
        "SELECT case_id FROM tokens WHERE account_id = $1 AND purpose = $3"
        " AND expires_at > $2 AND made_at = $2",
        customer.id, mail.made_at,
        branch ? model::TokenPurpose::kBranchCode : model::TokenPurpose::kRecoveryCode);
    Keep(codes,
         Code{.digits = mail.code,
              .made_at = mail.made_at,
              .expires_at = mail.made_at + (branch ? kSessionLives : kLinkLives),
              .case_id = case_id},
         16);
  }
  Keep(customer.mailbox, std::move(mail), 24);
}

}  // namespace latchkey::simulation
