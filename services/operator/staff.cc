// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/staff.h"

#include <filesystem>
#include <ostream>
#include <system_error>
#include <utility>

#include "crypto/identity.h"
#include "crypto/password.h"
#include "crypto/private_file.h"
#include "crypto/totp.h"
#include "services/model/canonical.h"
#include "services/operator/commands.h"
#include "services/operator/open.h"
#include "services/proof/new_password.h"

namespace latchkey::operate {
namespace {

std::string Why(const PasswordVerdict& verdict) {
  switch (verdict.issue) {
    case PasswordIssue::kNone:
      return "";
    case PasswordIssue::kTooShort:
      return "it needs at least " + std::to_string(verdict.min_characters) + " characters";
    case PasswordIssue::kTooLong:
      return "it is longer than 1024 bytes";
    case PasswordIssue::kNotText:
      return "it holds characters that cannot be typed everywhere";
    case PasswordIssue::kBlocklisted:
      return "it is on the list of common passwords";
    case PasswordIssue::kContext:
      return "it is made of a name that belongs to the person or the bank";
    case PasswordIssue::kGuessable:
      return "it is too easy to guess; a few unrelated words are better";
    case PasswordIssue::kUnchanged:
      return "it is the old one";
  }
  return "it cannot be used";
}

struct Person {
  std::string login;
  std::string name;
};

// Staff sign in with password and TOTP, so the shorter minimum holds (NIST SP 800-63B-4, 3.1.1.2).
Result<Secret> SuitablePassword(const Config& config, const Person& person, const Secret& typed) {
  auto canonical = model::CanonicalPassword(typed.Reveal());
  if (!canonical.ok())
    return Malformed("password",
                     "this password is not suitable: it is " + canonical.failure().detail);
  Secret password = Secret::Adopt(*canonical);
  proof::Blocklist blocklist;
  if (!config.files.blocklist.empty()) {
    LATCHKEY_ASSIGN(blocklist, proof::Blocklist::Open(config.files.blocklist));
  }
  PasswordVerdict verdict = proof::CheckNewPassword(
      password, {person.login, person.name, config.bank.display_name}, blocklist,
      {.min_characters = config.passwords.min_characters_beside_factor});
  if (verdict.issue != PasswordIssue::kNone) {
    return Malformed("password", "this password is not suitable: " + Why(verdict));
  }
  return password;
}

struct Credentials {
  std::string verifier;
  Secret totp_key;
};

Result<Credentials> MakeCredentials(OpenBank& bank, const Person& person,
                                    const std::string& password_file) {
  LATCHKEY_ASSIGN(Secret typed, password_file.empty()
                                    ? AskNewPassword("password for " + person.login)
                                    : crypto::ReadPrivateLine(password_file));
  LATCHKEY_ASSIGN(Secret password, SuitablePassword(bank.config, person, typed));
  std::string key = bank.random.Take(crypto::kTotpKeyBytes);
  return Credentials{
      .verifier = crypto::HashPassword(
          password,
          {.memory_kib = bank.config.passwords.memory_kib, .passes = bank.config.passwords.passes},
          bank.keys, bank.random),
      .totp_key = Secret::Adopt(key)};
}

// The one moment at which the shared secret is shown: it goes into the person's authenticator and
// nowhere else.
void Show(Terminal& terminal, const OpenBank& bank, const std::string& login,
          const Secret& totp_key) {
  terminal.out << "login: " << login << "\ntotp: " << crypto::ToBase32(totp_key.Reveal()) << "\n"
               << crypto::TotpUri(totp_key, bank.config.bank.display_name, login).Reveal() << "\n";
  terminal.notes
      << "latchkey: enter this into the person's authenticator now; it is not shown again\n";
}

// Another one is in no certificate, so nobody of it could ever sign in.
Done CheckBranch(const OpenBank& bank, const std::string& branch) {
  const std::string terminal = "spiffe://" + bank.config.bank.domain + "/latchkey/branch/" + branch;
  if (crypto::ParseIdentity(terminal + "/terminal-1")) return {};
  return Malformed("branch",
                   "--branch must be the branch's name in its terminals' certificates, of a-z, 0-9 "
                   "and -, such as main");
}

// Only a hint: terminals' certificates may be kept elsewhere.
bool HasTerminalBeside(const std::filesystem::path& config, const std::string& branch) {
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(
           std::filesystem::absolute(config).parent_path() / "tls", error)) {
    if (file.path().filename().string().starts_with("branch-" + branch + "-")) return true;
  }
  return false;
}

// Login and name as they are kept and listed.
Result<Person> ReadPerson(const StaffAddOptions& options) {
  auto login = model::CanonicalOf(model::IdentifierKind::kLogin, options.login);
  if (!login.ok())
    return Malformed("login",
                     "the login must be letters of one script, digits, dots, hyphens or "
                     "underscores, such as t.miller, and neither a number nor an address");
  auto name = model::CanonicalName(options.name);
  if (!name.ok()) return Malformed("name", "--name must be 1 to 200 bytes that can all be seen");
  return Person{.login = login->text, .name = *std::move(name)};
}

Result<Secret> Add(OpenBank& bank, const StaffAddOptions& options) {
  LATCHKEY_TRY(CheckBranch(bank, options.branch));
  LATCHKEY_ASSIGN(Credentials made,
                  MakeCredentials(bank, {options.login, options.name}, options.password_file));
  Done done = bank.ledger->Commit([&](ledger::Transaction& tx) -> Done {
    AccountId own_account;
    if (!options.own_account.empty()) {
      const auto number =
          model::CanonicalOf(model::IdentifierKind::kCustomerNumber, options.own_account);
      if (!number.ok())
        return Malformed("own-account", "--own-account is a customer's number of 6 to 12 digits");
      LATCHKEY_ASSIGN(auto found, ledger::FindAccount(tx, bank.keys, *number));
      if (!found) return Malformed("own-account", "there is no customer with this number");
      own_account = *found;
    }
    LATCHKEY_TRY(ledger::InsertStaff(tx, bank.context(),
                                     {.login = options.login,
                                      .name = options.name,
                                      .branch = options.branch,
                                      .verifier = made.verifier,
                                      .totp_key = made.totp_key.Copy(),
                                      .own_account_id = own_account}));
    return {};
  });
  if (!done.ok() && done.reason() == Reason::kConflict) {
    return Fail(Reason::kConflict, "there is a member of staff \"" + options.login +
                                       "\" already; choose another login, or for a forgotten "
                                       "password or a lost authenticator: latchkey staff renew");
  }
  if (!done.ok()) return done.failure();
  return std::move(made.totp_key);
}

Failure NoSuchStaff() {
  return Fail(Reason::kNotFound,
              "there is no member of staff with this login; see `latchkey staff list`");
}

Result<Secret> Renew(OpenBank& bank, const StaffRenewOptions& options) {
  LATCHKEY_ASSIGN(auto found, bank.ledger->Query([&](ledger::Transaction& tx) {
    return ledger::FindStaff(tx, bank.keys, options.login);
  }));
  if (!found) return NoSuchStaff();
  const model::Staff& person = found->staff;
  LATCHKEY_ASSIGN(Credentials made,
                  MakeCredentials(bank, {person.login, person.name}, options.password_file));
  LATCHKEY_ASSIGN(const bool active, bank.ledger->Transact([&](ledger::Transaction& tx) {
    return ledger::RenewStaff(tx, bank.context(), person, made.verifier, made.totp_key);
  }));
  if (!active)
    return Fail(Reason::kNotAllowed, person.login +
                                         " is disabled, which is for good; add the "
                                         "person with another login");
  return std::move(made.totp_key);
}

}  // namespace

Exit StaffAdd(Terminal& terminal, const StaffAddOptions& options) {
  auto bank = Open(options.config);
  if (!bank.ok()) return Refuse(terminal, bank.failure());
  auto person = ReadPerson(options);
  if (!person.ok()) return Refuse(terminal, person.failure());
  auto totp_key = Add(*bank, options);
  if (!totp_key.ok()) return Refuse(terminal, totp_key.failure());
  Show(terminal, *bank, person->login, *totp_key);
  if (!HasTerminalBeside(options.config, options.branch)) {
    terminal.notes << "latchkey: beside the configuration there is no terminal's certificate of "
                      "branch \""
                   << options.branch
                   << "\"; without one nobody signs in there: latchkey certificate --role branch/"
                   << options.branch << "/TERMINAL\n";
  }
  return Exit::kDone;
}

Exit StaffRenew(Terminal& terminal, const StaffRenewOptions& options) {
  auto bank = Open(options.config);
  if (!bank.ok()) return Refuse(terminal, bank.failure());
  auto totp_key = Renew(*bank, options);
  if (!totp_key.ok()) return Refuse(terminal, totp_key.failure());
  Show(terminal, *bank, options.login, *totp_key);
  return Exit::kDone;
}

Exit StaffDisable(Terminal& terminal, const std::filesystem::path& config,
                  const std::string& login) {
  auto bank = Open(config);
  if (!bank.ok()) return Refuse(terminal, bank.failure());
  auto was_active = bank->ledger->Transact([&](ledger::Transaction& tx) -> Result<bool> {
    LATCHKEY_ASSIGN(auto found, ledger::FindStaff(tx, bank->keys, login));
    if (!found) return NoSuchStaff();
    if (found->staff.disabled_at != TimePoint{}) return false;
    LATCHKEY_TRY(ledger::DisableStaff(tx, bank->context(), found->staff.id));
    return true;
  });
  if (!was_active.ok()) return Refuse(terminal, was_active.failure());
  terminal.out << login
               << (*was_active ? " is disabled; open sessions have ended\n"
                               : " was disabled already\n");
  return Exit::kDone;
}

Exit StaffList(Terminal& terminal, const std::filesystem::path& config) {
  auto bank = Open(config);
  if (!bank.ok()) return Refuse(terminal, bank.failure());
  auto staff = bank->ledger->Query([](ledger::Transaction& tx) { return ledger::ListStaff(tx); });
  if (!staff.ok()) return Refuse(terminal, staff.failure());
  for (const model::Staff& each : *staff) {
    terminal.out << each.login << "\t" << each.branch << "\t"
                 << (each.disabled_at == TimePoint{} ? "active" : "disabled") << "\t" << each.name
                 << "\n";
  }
  return Exit::kDone;
}

}  // namespace latchkey::operate
