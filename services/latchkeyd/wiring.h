// SPDX-License-Identifier: Apache-2.0
// From what a bank configured to what each room takes: the only place that knows both.
#pragma once

#include <vector>

#include "services/assist/assist.h"
#include "services/base/config.h"
#include "services/base/result.h"
#include "services/courier/bank.h"
#include "services/courier/courier.h"
#include "services/courier/smtp.h"
#include "services/hotstate/open.h"
#include "services/ledger/open.h"
#include "services/recovery/rules.h"
#include "services/rpc/server.h"
#include "services/signin/hash_slots.h"
#include "services/signin/lanes.h"
#include "services/signin/sign_in.h"

namespace latchkey {

ledger::LedgerOptions LedgerOptionsOf(const Config& config);
signin::GuessRules GuessRulesOf(const Config& config);
signin::SignInOptions SignInOptionsOf(const Config& config);
signin::HashSlots::Options HashSlotsOf(const Config& config);
recovery::RecoveryRules RecoveryRulesOf(const Config& config);
assist::Rules AssistRulesOf(const Config& config);
courier::BankOptions BankOf(const Config& config);
courier::CourierOptions CourierOptionsOf(const Config& config);
// Reads the relays' credentials. kUnavailable names the file that cannot be read.
Result<courier::SmtpOptions> SmtpOptionsOf(const Config& config);
// Reads certificate and key.
Result<rpc::ServerOptions> ServerOptionsOf(const Config& config);

}  // namespace latchkey
