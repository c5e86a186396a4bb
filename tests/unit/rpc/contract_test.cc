// SPDX-License-Identifier: Apache-2.0
// What must hold of the whole contract, read from its descriptors.
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>

#include "latchkey/v1/assist.pb.h"
#include "latchkey/v1/operator.pb.h"
#include "latchkey/v1/options.pb.h"
#include "latchkey/v1/recovery.pb.h"
#include "latchkey/v1/signin.pb.h"
#include "latchkey/v1/staff.pb.h"
#include "services/rpc/caller.h"

namespace latchkey::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;

std::vector<const FileDescriptor*> Files() {
  return {v1::SignInRequest::descriptor()->file(),
          v1::BeginRequest::descriptor()->file(),
          v1::SignInStaffRequest::descriptor()->file(),
          v1::FindCustomerRequest::descriptor()->file(),
          v1::GetCaseRequest::descriptor()->file(),
          v1::GetStatusRequest::descriptor()->file(),
          v1::Source::descriptor()->file()};
}

void EachMessage(const std::function<void(const Descriptor&)>& visit) {
  for (const FileDescriptor* file : Files()) {
    for (int i = 0; i < file->message_type_count(); ++i) visit(*file->message_type(i));
  }
}

void EachMethod(const std::function<void(const MethodDescriptor&, const std::string&)>& visit) {
  for (const FileDescriptor* file : Files()) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        const MethodDescriptor& method = *file->service(s)->method(m);
        visit(method, "/" + method.service()->full_name() + "/" + method.name());
      }
    }
  }
}

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// K08, L05, L16: a field whose name says that it holds a secret carries the mark that keeps it out
// of every log.
TEST(Contract, MarksEveryFieldThatSoundsLikeASecret) {
  EachMessage([](const Descriptor& message) {
    for (int i = 0; i < message.field_count(); ++i) {
      const FieldDescriptor& field = *message.field(i);
      const std::string& name = field.name();
      bool sounds_secret = field.cpp_type() == FieldDescriptor::CPPTYPE_STRING &&
                           (Has(name, "password") || Has(name, "token") || Has(name, "session") ||
                            name == "code" || name == "handle" || name == "totp");
      if (!sounds_secret) continue;
      EXPECT_TRUE(field.options().GetExtension(v1::secret)) << field.full_name();
    }
  });
}

// P07: whoever brings a secret, a customer's or a person's of the bank, must be understood whole.
TEST(Contract, RequestsWithASecretRefuseUnknownFields) {
  EachMessage([](const Descriptor& message) {
    if (!Has(message.name(), "Request")) return;
    for (int i = 0; i < message.field_count(); ++i) {
      const FieldDescriptor& field = *message.field(i);
      if (!field.options().GetExtension(v1::secret)) continue;
      EXPECT_TRUE(message.options().GetExtension(v1::authenticates)) << field.full_name();
    }
  });
}

// P07: zero is never a meaning.
TEST(Contract, ZeroOfEveryEnumIsUnspecified) {
  for (const FileDescriptor* file : Files()) {
    for (int i = 0; i < file->enum_type_count(); ++i) {
      const auto* zero = file->enum_type(i)->FindValueByNumber(0);
      ASSERT_NE(zero, nullptr) << file->enum_type(i)->full_name();
      EXPECT_TRUE(zero->name().ends_with("_UNSPECIFIED")) << zero->full_name();
    }
  }
}

// Law 8, A01: nobody can ask the service to leave a check out.
TEST(Contract, HasNoOverride) {
  EachMessage([](const Descriptor& message) {
    for (int i = 0; i < message.field_count(); ++i) {
      const std::string& name = message.field(i)->name();
      for (const char* word :
           {"override", "force", "skip", "bypass", "verified", "trusted", "answer", "question"}) {
        EXPECT_FALSE(Has(name, word)) << message.field(i)->full_name();
      }
    }
  });
}

// K10: one secret for each call; nothing that authenticates is a stream.
TEST(Contract, HasNoStreams) {
  EachMethod([](const MethodDescriptor& method, const std::string& path) {
    EXPECT_FALSE(method.client_streaming()) << path;
    EXPECT_FALSE(method.server_streaming()) << path;
  });
}

TEST(Contract, GivesEachMethodItsRoles) {
  EachMethod([](const MethodDescriptor&, const std::string& path) {
    EXPECT_FALSE(RolesOf(path).empty()) << path;
  });
}

// P01: only the one spelling of a method is in the table.
TEST(Contract, GivesOtherSpellingsNobody) {
  for (const char* path :
       {"latchkey.v1.SignIn/SignIn", "//latchkey.v1.SignIn/SignIn", "/latchkey.v1.signin/SignIn",
        "/latchkey.v1.SignIn/SignIn/", "/latchkey.v1.SignIn%2fSignIn", ""}) {
    EXPECT_TRUE(RolesOf(path).empty()) << path;
  }
}

// Law 7: on the web the holder of a session has what a link would give; only the phone sends one.
TEST(Contract, OnlyThePhoneSendsALink) {
  EXPECT_EQ(RolesOf("/latchkey.v1.Recovery/SendLink"),
            std::vector<crypto::Role>{crypto::Role::kIvr});
}

// Law 8: no role may both start a recovery for a customer and finish one.
TEST(Contract, StaffStartAndNeverFinish) {
  for (const char* path : {"/latchkey.v1.Recovery/SetPassword", "/latchkey.v1.Recovery/SubmitCode",
                           "/latchkey.v1.Recovery/OpenLink", "/latchkey.v1.SignIn/SignIn"}) {
    for (crypto::Role role : RolesOf(path)) EXPECT_NE(role, crypto::Role::kBranch) << path;
  }
}

// A08: a gateway may start a flow, never decide for staff.
TEST(Contract, GatewaysCannotActAsStaff) {
  EachMethod([](const MethodDescriptor& method, const std::string& path) {
    if (method.service()->name() != "Assist" && method.service()->name() != "Cases") return;
    EXPECT_EQ(RolesOf(path), std::vector<crypto::Role>{crypto::Role::kBranch}) << path;
  });
}

}  // namespace
}  // namespace latchkey::rpc
