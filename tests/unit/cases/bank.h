// SPDX-License-Identifier: Apache-2.0
// A small bank for the tests of cases and of staff: a real ledger and real hot state in a folder of
// their own, a clock that is set, cheap hashes.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/password.h"
#include "crypto/random.h"
#include "services/base/check.h"
#include "services/cases/cases.h"
#include "services/hotstate/sql/sql_hot_state.h"
#include "services/ledger/accounts.h"
#include "services/ledger/cases.h"
#include "services/ledger/journal.h"
#include "services/ledger/recoveries.h"
#include "services/ledger/staff.h"
#include "services/signin/guess.h"

namespace latchkey::testing {

class Folder {
 public:
  Folder() {
    std::string made = (std::filesystem::temp_directory_path() / "latchkey-cases-XXXXXX").string();
    LATCHKEY_CHECK(mkdtemp(made.data()) != nullptr);
    path_ = made;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// The engine under test; one definition for each program.
std::unique_ptr<ledger::Ledger> OpenTestLedger(const std::filesystem::path& folder);

inline constexpr std::string_view kStaffPassword = "nine quiet harbours";

class Bank : public ::testing::Test {
 protected:
  static constexpr crypto::Argon2Cost kCost{.memory_kib = 64, .passes = 1};

  Bank() {
    LATCHKEY_CHECK(ledger_->Migrate().ok());
    ada_ = AddCustomer("Ada Lovelace", "10000001", {"ada@example.org"});
    tessa_ = AddStaff("tessa", "Tessa Teller", "west");
    toni_ = AddStaff("toni", "Toni Tresor", "west");
  }

  // Runs in one transaction that must succeed.
  template <typename F>
  auto Write(F work) {
    auto result = ledger_->Transact(work);
    if (!result.ok()) ADD_FAILURE() << result.failure().detail;
    LATCHKEY_CHECK(result.ok());
    if constexpr (!std::is_void_v<typename decltype(result)::Value>)
      return std::move(result).value();
  }

  AccountId AddCustomer(const std::string& name, const std::string& number,
                        const std::vector<std::string>& mails) {
    ledger::NewAccount account;
    account.name = name;
    account.identifiers = {{model::IdentifierKind::kCustomerNumber, number}};
    for (const std::string& mail : mails)
      account.contacts.emplace_back(model::ContactKind::kEmail, mail);
    return Write(
        [&](ledger::Transaction& tx) { return ledger::InsertAccount(tx, context_, account); });
  }

  model::Staff AddStaff(const std::string& login, const std::string& name,
                        const std::string& branch, AccountId own = {}) {
    const StaffId id = Write([&](ledger::Transaction& tx) {
      return ledger::InsertStaff(
          tx, context_,
          {.login = login,
           .name = name,
           .branch = branch,
           .verifier = crypto::HashPassword(Secret(kStaffPassword), kCost, keys_, random_),
           .totp_key = Secret(kTotpKey),
           .own_account_id = own});
    });
    return {.id = id,
            .login = login,
            .name = name,
            .branch = branch,
            .own_account_id = own,
            .disabled_at = {}};
  }

  // What a person who opens a case in the branch leaves behind.
  model::Case LookAt(const model::Staff& staff, AccountId account,
                     const std::string& reason = "locked") {
    return Write([&](ledger::Transaction& tx) -> Result<model::Case> {
      LATCHKEY_ASSIGN(auto one, ledger::OpenOrJoinCase(tx, context_, account));
      LATCHKEY_TRY(ledger::Append(tx, context_,
                                  {.account_id = account,
                                   .event = model::Event::kStaffViewed,
                                   .channel = model::Channel::kBranch,
                                   .staff_id = staff.id,
                                   .case_id = one.id,
                                   .details = reason}));
      return one;
    });
  }

  void Note(AccountId account, model::Event event, const std::string& details = {}) {
    Write([&](ledger::Transaction& tx) {
      return ledger::Append(tx, context_,
                            {.account_id = account, .event = event, .details = details});
    });
  }

  void Freeze(AccountId account) {
    Write([&](ledger::Transaction& tx) -> Done {
      LATCHKEY_ASSIGN(auto changed,
                      ledger::ChangeAccountState(tx, account, model::AccountState::kActive,
                                                 model::AccountState::kFrozen));
      LATCHKEY_CHECK(changed);
      LATCHKEY_ASSIGN(const auto frozen, ledger::LoadAccount(tx, account));
      LATCHKEY_TRY(ledger::AdvanceSecurityEpoch(tx, account, frozen.security_epoch));
      LATCHKEY_ASSIGN(auto one, ledger::OpenOrJoinCase(tx, context_, account));
      LATCHKEY_TRY(ledger::MarkWaiting(tx, one.id, model::Event::kFrozen, clock_.Now()));
      return ledger::Append(tx, context_, {.account_id = account, .event = model::Event::kFrozen});
    });
  }

  std::vector<model::JournalLine> Journal(AccountId account) {
    return Write(
        [&](ledger::Transaction& tx) { return ledger::LoadRecent(tx, keys_, account, 1000); });
  }
  int64_t Journaled(AccountId account, model::Event event) {
    const auto lines = Journal(account);
    return std::count_if(lines.begin(), lines.end(),
                         [&](const model::JournalLine& line) { return line.entry.event == event; });
  }

  static constexpr std::string_view kTotpKey = "12345678901234567890";

  Folder folder_;
  ManualClock clock_;
  crypto::SystemRandom random_;
  IdMaker ids_{clock_, random_};
  crypto::KeyRing keys_ = crypto::KeyRing::Generate(random_);
  ledger::StoreContext context_{clock_, random_, ids_, keys_};
  std::unique_ptr<ledger::Ledger> ledger_ = OpenTestLedger(folder_.path());
  std::unique_ptr<hotstate::HotState> hot_state_ =
      hotstate::OpenInFile(folder_.path() / "hot.db").value();
  signin::GuessGate gate_{*hot_state_, signin::GuessRules::Default(), keys_, clock_};
  cases::Cases cases_{*ledger_, context_, gate_};
  AccountId ada_;
  model::Staff tessa_;
  model::Staff toni_;
};

}  // namespace latchkey::testing
