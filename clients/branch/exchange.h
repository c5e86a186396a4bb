// SPDX-License-Identifier: Apache-2.0
// What the presenter may ask the service for, and what comes back.
#pragma once

#include <variant>

#include "clients/common/refusal.h"
#include "latchkey/v1/assist.pb.h"
#include "latchkey/v1/cases.pb.h"
#include "latchkey/v1/staff.pb.h"

namespace latchkey::branch {

using Request =
    std::variant<v1::SignInStaffRequest, v1::SignOutStaffRequest, v1::FindCustomerRequest,
                 v1::GetCaseRequest, v1::RecordInspectionRequest, v1::SendCodeRequest,
                 v1::CheckCodeRequest, v1::IssueTokenRequest, v1::UnlockAccountRequest,
                 v1::LiftFreezeRequest, v1::AddNoteRequest, v1::ListWaitingRequest>;

using Reply = std::variant<client::Refused, v1::SignInStaffResponse, v1::SignOutStaffResponse,
                           v1::Case, v1::IssueTokenResponse, v1::ListWaitingResponse>;

}  // namespace latchkey::branch
