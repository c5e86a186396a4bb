// SPDX-License-Identifier: Apache-2.0
// A line of the customers' file, checked and in canonical form. Pure: no ledger, no clock.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/base/clock.h"
#include "services/base/result.h"
#include "services/ledger/accounts.h"
#include "services/model/account.h"

namespace latchkey::operate {

struct CustomerRow {
  model::Identifier customer_number;
  ledger::NewAccount account;
  bool says_pack = false;  // else the account's pack is the standard one, if it is a new account
};

// Which column stands where, by the names in the header.
class Columns {
 public:
  // kMalformed, with the known names, for an unknown, doubled or missing column.
  static Result<Columns> FromHeader(const std::vector<std::string>& header);

  // The row's account. `languages`: those the bank speaks, its default first. `now` bounds
  // contact_since.
  Result<CustomerRow> Read(const std::vector<std::string>& fields,
                           const std::vector<std::string>& languages, TimePoint now) const;
  bool has_contact_since() const { return contact_since_.has_value(); }

 private:
  std::string Field(const std::vector<std::string>& fields,
                    const std::optional<size_t>& column) const;
  Done ReadPerson(const std::vector<std::string>& fields, CustomerRow& row) const;

  size_t count_ = 0;
  std::optional<size_t> customer_number_, login_name_, name_, email_, phone_, password_hash_,
      language_, contact_since_, pack_;
};

// "2019-05-31" as midnight UTC; nullopt when it is no such day.
std::optional<TimePoint> ParseDay(std::string_view text);

}  // namespace latchkey::operate
