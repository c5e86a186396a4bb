// SPDX-License-Identifier: Apache-2.0
#include "services/rpc/caller.h"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>

#include <map>
#include <string>

#include "crypto/peer_certificate.h"

namespace latchkey::rpc {
namespace {

using crypto::Role;
// More than a bank has terminals on one node.
constexpr size_t kMostChecked = 4096;

using Table = std::map<std::string_view, std::vector<Role>>;

// Empty means nobody. A method that changes an account by a proof is for the customers' gateways;
// one that starts something for a customer is for branch terminals. No role may both start and
// finish (Law 8).
const Table& MethodTable() {
  static const std::vector<Role> kCustomer = {Role::kPortal, Role::kIvr};
  static const std::vector<Role> kWeb = {Role::kPortal};
  static const std::vector<Role> kPhone = {Role::kIvr};
  static const std::vector<Role> kStaff = {Role::kBranch};
  static const Table table = {
      {"/latchkey.v1.SignIn/SignIn", kWeb},
      {"/latchkey.v1.SignIn/GetSession", kWeb},
      {"/latchkey.v1.SignIn/SignOut", kWeb},
      {"/latchkey.v1.Recovery/Begin", kCustomer},
      {"/latchkey.v1.Recovery/OpenLink", kWeb},
      {"/latchkey.v1.Recovery/SubmitCode", kCustomer},
      {"/latchkey.v1.Recovery/RedeemAssisted", kCustomer},
      {"/latchkey.v1.Recovery/GetRecovery", kCustomer},
      {"/latchkey.v1.Recovery/SendLink", kPhone},
      {"/latchkey.v1.Recovery/SetPassword", kWeb},
      {"/latchkey.v1.Recovery/Unlock", kCustomer},
      {"/latchkey.v1.Recovery/Freeze", kCustomer},
      {"/latchkey.v1.Recovery/AskForPerson", kCustomer},
      {"/latchkey.v1.Staff/SignInStaff", kStaff},
      {"/latchkey.v1.Staff/SignOutStaff", kStaff},
      {"/latchkey.v1.Cases/GetCase", kStaff},
      {"/latchkey.v1.Cases/AddNote", kStaff},
      {"/latchkey.v1.Cases/ListWaiting", kStaff},
      {"/latchkey.v1.Assist/FindCustomer", kStaff},
      {"/latchkey.v1.Assist/RecordInspection", kStaff},
      {"/latchkey.v1.Assist/SendCode", kStaff},
      {"/latchkey.v1.Assist/CheckCode", kStaff},
      {"/latchkey.v1.Assist/IssueToken", kStaff},
      {"/latchkey.v1.Assist/UnlockAccount", kStaff},
      {"/latchkey.v1.Assist/LiftFreeze", kStaff},
      {"/latchkey.v1.Operator/GetStatus", {Role::kOperator}},
  };
  return table;
}

}  // namespace

Result<crypto::Identity> Callers::Identify(const grpc::AuthContext* context) {
  if (context == nullptr || !context->IsPeerAuthenticated()) {
    return Fail(Reason::kNotAllowed, "the connection has no verified certificate");
  }
  const std::vector<grpc::string_ref> pems =
      context->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (pems.size() != 1) return Fail(Reason::kNotAllowed, "the connection has no certificate");
  LATCHKEY_TRY(CheckCertificate(std::string_view(pems[0].data(), pems[0].size())));
  std::vector<grpc::string_ref> names = context->FindPropertyValues(GRPC_PEER_URI_PROPERTY_NAME);
  if (names.size() != 1) {
    return Fail(Reason::kNotAllowed, "the certificate must have exactly one URI name");
  }
  auto identity = crypto::ParseIdentity(std::string_view(names[0].data(), names[0].size()));
  if (!identity || identity->bank != bank_) {
    return Fail(Reason::kNotAllowed, "the certificate's URI name is not one of this bank's");
  }
  return *identity;
}

Done Callers::CheckCertificate(std::string_view pem) {
  {
    std::lock_guard lock(mutex_);
    if (checked_.contains(pem)) return {};
  }
  auto certificate = crypto::ReadPeerCertificate(pem);
  if (!certificate.ok()) return Fail(Reason::kNotAllowed, "the certificate cannot be read");
  if (!certificate->for_clients) {
    return Fail(Reason::kNotAllowed, "the certificate does not name clientAuth among its uses");
  }
  if (revoked_.contains(certificate->fingerprint)) {
    return Fail(Reason::kNotAllowed, "the certificate stands in [tls] revoked");
  }
  std::lock_guard lock(mutex_);
  if (checked_.size() >= kMostChecked) checked_.clear();
  checked_.emplace(pem);
  return {};
}

const std::vector<crypto::Role>& RolesOf(std::string_view method) {
  static const std::vector<Role> nobody;
  auto found = MethodTable().find(method);
  return found == MethodTable().end() ? nobody : found->second;
}

model::Channel ChannelOf(crypto::Role role) {
  switch (role) {
    case Role::kPortal:
      return model::Channel::kWeb;
    case Role::kIvr:
      return model::Channel::kPhone;
    case Role::kBranch:
      return model::Channel::kBranch;
    case Role::kOperator:
    case Role::kService:
      return model::Channel::kNone;
  }
  return model::Channel::kNone;
}

}  // namespace latchkey::rpc
