// SPDX-License-Identifier: Apache-2.0
// Looking at a session, which keeps it alive.
#include <algorithm>
#include <utility>

#include "services/ledger/journal.h"
#include "services/signin/sign_in.h"

namespace latchkey::signin {
namespace {

constexpr int kRecentEntries = 20;
// The idle end is moved only when that much would be gained: most calls only read.
constexpr Millis kWorthMoving = std::chrono::minutes(1);

std::string LoginNameOf(const std::vector<model::Identifier>& identifiers) {
  for (const model::Identifier& identifier : identifiers) {
    if (identifier.kind == model::IdentifierKind::kLogin) return identifier.text;
  }
  return identifiers.empty() ? std::string() : identifiers.front().text;
}

}  // namespace

Result<SessionView> SignIn::GetSession(const Secret& session_token) {
  const TimePoint now = context_.clock.Now();
  Bytes digest;
  // Epoch, expiry and state are read on the primary each time: a session dies with the reset's
  // commit (Law 1).
  LATCHKEY_ASSIGN(
      SessionView view, ledger_.Query([&](ledger::Transaction& tx) -> Result<SessionView> {
        LATCHKEY_ASSIGN(auto found, ledger::FindSession(tx, context_.keys, session_token, now));
        if (!found) return Fail(Reason::kExpired);
        digest = found->digest;
        const AccountId account = found->session.account_id;
        SessionView seen{.account_id = account,
                         .display_name = {},
                         .login_name = {},
                         .recent = {},
                         .idle_expires_at = found->session.idle_expires_at,
                         .expires_at = found->session.expires_at};
        LATCHKEY_ASSIGN(seen.display_name, ledger::LoadName(tx, context_.keys, account));
        LATCHKEY_ASSIGN(auto identifiers, ledger::LoadIdentifiers(tx, context_.keys, account));
        seen.login_name = LoginNameOf(identifiers);
        LATCHKEY_ASSIGN(seen.recent,
                        ledger::LoadRecent(tx, context_.keys, account, kRecentEntries));
        return seen;
      }));
  const TimePoint idle_end = std::min(now + options_.idle, view.expires_at);
  if (idle_end - view.idle_expires_at > kWorthMoving) {
    LATCHKEY_TRY(ledger_.Transact(
        [&](ledger::Transaction& tx) { return ledger::ExtendSession(tx, digest, now, idle_end); }));
    view.idle_expires_at = idle_end;
  }
  return view;
}

}  // namespace latchkey::signin
