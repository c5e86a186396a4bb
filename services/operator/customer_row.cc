// SPDX-License-Identifier: Apache-2.0
#include "services/operator/customer_row.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "crypto/password.h"
#include "services/model/canonical.h"
#include "services/proof/rule_pack.h"

namespace latchkey::operate {
namespace {

using model::ContactKind;
using model::IdentifierKind;

constexpr std::string_view kKnownColumns =
    "customer_number, login_name, name, email, phone, password_hash, language, contact_since, "
    "pack";

// What would be right, said instead of what is wrong: the value itself is never repeated.
constexpr const char* kNumberForm = "must be 6 to 12 digits, not beginning with 00";
constexpr const char* kNameForm = "must be 1 to 200 bytes that can all be seen";
constexpr const char* kLoginForm =
    "must be letters of one script, digits, dots, hyphens or underscores, and neither a number nor "
    "an address";
constexpr const char* kEmailForm = "must be an address such as ann@mail.example";
constexpr const char* kPhoneForm =
    "must be in the international form: + and 8 to 15 digits, such as +442079460000";
constexpr const char* kHashKinds =
    "; taken are Argon2, bcrypt ($2a$ $2b$ $2y$), SHA-crypt ($5$ $6$), yescrypt ($y$), PBKDF2 and "
    "scrypt as passlib or Django write them, {SSHA} {SSHA256} {SSHA512}, and an empty field";

std::string Joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

// An empty field is an account whose owner has no password yet.
Done CheckHash(const std::string& hash) {
  if (hash.empty()) return {};
  Done known = crypto::CheckImportedVerifier(hash);
  if (!known.ok()) return Malformed("password_hash", known.failure().detail + kHashKinds);
  return {};
}

Result<std::string> LanguageOf(const std::string& text, const std::vector<std::string>& languages) {
  if (text.empty()) return languages.front();
  if (std::find(languages.begin(), languages.end(), text) == languages.end()) {
    return Malformed("language", "must be one of " + Joined(languages) +
                                     " (bank.languages of the configuration), or empty");
  }
  return text;
}

Result<TimePoint> KnownSince(const std::string& day, TimePoint now) {
  const std::optional<TimePoint> since = ParseDay(day);
  if (!since)
    return Malformed("contact_since", "must be a day as year, month and day, such as 2019-05-31");
  if (*since > now)
    return Malformed("contact_since",
                     "lies in the future; it is the day since which the address is known");
  return *since;
}

// An unknown pack would count as the strongest (proof/rule_pack.h), which nobody meant.
Done CheckPack(const std::string& name) {
  std::vector<std::string> known;
  for (const proof::RulePack& pack : proof::RulePacks()) known.emplace_back(pack.name);
  if (std::find(known.begin(), known.end(), name) != known.end()) return {};
  return Malformed("pack", "must be one of " + Joined(known) + ", or empty for " + known.front());
}

// A column's name as it was typed, and nothing of a file without a header, whose first line is
// about a person: names of columns have a letter first, and neither digits nor signs.
std::string NameIfAny(const std::string& text) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const bool is_name = !text.empty() && text.size() <= 40 &&
                       kLetters.find(text.front()) != std::string_view::npos &&
                       text.find_first_not_of(std::string(kLetters) + "_-") == std::string::npos;
  return is_name ? " (\"" + text + "\")" : "";
}

}  // namespace

std::optional<TimePoint> ParseDay(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  auto number = [&](size_t at, size_t size) -> std::optional<int> {
    int value = 0;
    for (char c : text.substr(at, size)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    return value;
  };
  auto year = number(0, 4), month = number(5, 2), day = number(8, 2);
  if (!year || !month || !day) return std::nullopt;
  std::chrono::year_month_day date{std::chrono::year(*year),
                                   std::chrono::month(static_cast<unsigned>(*month)),
                                   std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return TimePoint(std::chrono::sys_days(date));
}

Result<Columns> Columns::FromHeader(const std::vector<std::string>& header) {
  Columns columns;
  columns.count_ = header.size();
  const std::pair<std::string_view, std::optional<size_t>*> known[] = {
      {"customer_number", &columns.customer_number_},
      {"login_name", &columns.login_name_},
      {"name", &columns.name_},
      {"email", &columns.email_},
      {"phone", &columns.phone_},
      {"password_hash", &columns.password_hash_},
      {"language", &columns.language_},
      {"contact_since", &columns.contact_since_},
      {"pack", &columns.pack_}};
  for (size_t i = 0; i < header.size(); ++i) {
    auto found = std::find_if(std::begin(known), std::end(known),
                              [&](const auto& each) { return each.first == header[i]; });
    if (found == std::end(known)) {
      return Malformed(
          "header", "column " + std::to_string(i + 1) + NameIfAny(header[i]) +
                        " of the first line is unknown; known are: " + std::string(kKnownColumns));
    }
    if (found->second->has_value()) {
      return Malformed("header", "column \"" + header[i] + "\" is there twice; remove one");
    }
    *found->second = i;
  }
  if (!columns.customer_number_ || !columns.name_ || (!columns.email_ && !columns.phone_)) {
    return Malformed(
        "header",
        "the first line must name customer_number, name, and email or phone; known are: " +
            std::string(kKnownColumns));
  }
  return columns;
}

std::string Columns::Field(const std::vector<std::string>& fields,
                           const std::optional<size_t>& column) const {
  return column ? fields[*column] : std::string();
}

// Who it is and how they are reached, all in canonical form.
Done Columns::ReadPerson(const std::vector<std::string>& fields, CustomerRow& row) const {
  auto number =
      model::CanonicalOf(IdentifierKind::kCustomerNumber, Field(fields, customer_number_));
  if (!number.ok()) return Malformed("customer_number", kNumberForm);
  row.customer_number = *number;
  row.account.identifiers.push_back(*number);

  auto name = model::CanonicalName(Field(fields, name_));
  if (!name.ok()) return Malformed("name", kNameForm);
  row.account.name = *name;

  struct {
    const std::optional<size_t>& column;
    const char* column_name;
    IdentifierKind kind;
    std::optional<ContactKind> contact;
    const char* form;
  } const others[] = {{login_name_, "login_name", IdentifierKind::kLogin, std::nullopt, kLoginForm},
                      {email_, "email", IdentifierKind::kEmail, ContactKind::kEmail, kEmailForm},
                      {phone_, "phone", IdentifierKind::kPhone, ContactKind::kPhone, kPhoneForm}};
  for (const auto& other : others) {
    std::string text = Field(fields, other.column);
    if (text.empty()) continue;
    auto identifier = model::CanonicalOf(other.kind, text);
    if (!identifier.ok()) return Malformed(other.column_name, other.form);
    if (other.contact) row.account.contacts.emplace_back(*other.contact, identifier->text);
    row.account.identifiers.push_back(*std::move(identifier));
  }
  if (row.account.contacts.empty()) {
    return Malformed("email",
                     "is empty, and phone too; without either this customer cannot be reached");
  }
  return {};
}

Result<CustomerRow> Columns::Read(const std::vector<std::string>& fields,
                                  const std::vector<std::string>& languages, TimePoint now) const {
  if (fields.size() != count_) {
    return Malformed("", "has " + std::to_string(fields.size()) +
                             " fields where the first line names " + std::to_string(count_));
  }
  CustomerRow row;
  LATCHKEY_TRY(ReadPerson(fields, row));
  row.account.verifier = Field(fields, password_hash_);
  LATCHKEY_TRY(CheckHash(row.account.verifier));
  LATCHKEY_ASSIGN(row.account.language, LanguageOf(Field(fields, language_), languages));
  if (std::string day = Field(fields, contact_since_); !day.empty()) {
    LATCHKEY_ASSIGN(row.account.contacts_since, KnownSince(day, now));
  }
  row.says_pack = pack_.has_value();
  if (std::string pack = Field(fields, pack_); !pack.empty()) {
    LATCHKEY_TRY(CheckPack(pack));
    row.account.pack = std::move(pack);
  }
  return row;
}

}  // namespace latchkey::operate
