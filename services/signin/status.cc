// SPDX-License-Identifier: Apache-2.0
// What can be said about signing in to an account, to those who may know.
#include "services/signin/sign_in.h"

namespace latchkey::signin {

Result<PasswordStatus> SignIn::StatusOf(const model::Account& account) {
  LATCHKEY_ASSIGN(hotstate::LaneState lane,
                  gate_.Peek(Subject::Customer(account), SecretKind::kPassword));
  LATCHKEY_ASSIGN(auto password, ledger_.Query([&](ledger::Transaction& tx) {
    return ledger::FindAuthenticator(tx, context_.keys, account.id,
                                     model::AuthenticatorKind::kPassword);
  }));
  return PasswordStatus{.failures = lane.failures,
                        .rests_until = lane.rests_until,
                        .disabled = password && password->disabled_at != TimePoint{}};
}

}  // namespace latchkey::signin
