// SPDX-License-Identifier: Apache-2.0
// What the dialogue may ask the service for, and what comes back.
#pragma once

#include <variant>

#include "clients/common/refusal.h"
#include "latchkey/v1/recovery.pb.h"

namespace latchkey::ivr {

using Request = std::variant<v1::BeginRequest, v1::SubmitCodeRequest, v1::RedeemAssistedRequest,
                             v1::UnlockRequest, v1::SendLinkRequest, v1::FreezeRequest,
                             v1::AskForPersonRequest>;
using Reply = std::variant<client::Refused, v1::BeginResponse, v1::ProofResponse,
                           v1::RedeemAssistedResponse, v1::UnlockResponse, v1::SendLinkResponse,
                           v1::FreezeResponse, v1::AskForPersonResponse>;

}  // namespace latchkey::ivr
