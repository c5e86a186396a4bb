// SPDX-License-Identifier: Apache-2.0
#include "services/rpc/messages.h"

#include <gtest/gtest.h>

#include "latchkey/v1/operator.pb.h"
#include "latchkey/v1/signin.pb.h"

namespace latchkey::rpc {
namespace {

v1::SignInRequest Canary() {
  v1::SignInRequest request;
  request.set_identifier("canary-name");
  request.set_password("canary-password");
  request.mutable_source()->set_address("192.0.2.7");
  request.mutable_source()->set_device_token(std::string(32, 'd'));
  return request;
}

// Law 12, L05.
TEST(Describe, ShowsLengthsAndNeverContent) {
  const std::string line = Describe(Canary());
  EXPECT_EQ(line.find("canary"), std::string::npos) << line;
  EXPECT_EQ(line.find("192.0.2"), std::string::npos) << line;
  EXPECT_EQ(line,
            "identifier=11 bytes password=15 bytes source={address=9 bytes device_token=32 bytes}");
}

TEST(WipeSecrets, OverwritesWhatIsMarkedInsideToo) {
  v1::SignInRequest request = Canary();
  WipeSecrets(request);
  EXPECT_EQ(request.password(), std::string(15, '\0'));
  EXPECT_EQ(request.source().device_token(), std::string(32, '\0'));
  EXPECT_EQ(request.identifier(), "canary-name");
}

// P07: a newer client's field is refused where it could weaken a proof.
TEST(UnknownFields, AreForbiddenInWhatAuthenticates) {
  v1::SignInRequest request = Canary();
  EXPECT_FALSE(HasForbiddenUnknownFields(request));
  std::string wire = request.SerializeAsString() + "\xF8\x3F\x01";  // field 1023, varint 1
  ASSERT_TRUE(request.ParseFromString(wire));
  EXPECT_TRUE(HasForbiddenUnknownFields(request));
}

TEST(UnknownFields, AreForbiddenInsideWhatAuthenticates) {
  v1::SignInRequest request = Canary();
  v1::Source source = request.source();
  std::string inner = source.SerializeAsString() + "\xF8\x3F\x01";
  ASSERT_TRUE(request.mutable_source()->ParseFromString(inner));
  EXPECT_TRUE(HasForbiddenUnknownFields(request));
}

TEST(UnknownFields, AreLeftAloneElsewhere) {
  v1::GetStatusRequest request;
  ASSERT_TRUE(request.ParseFromString(request.SerializeAsString() + "\xF8\x3F\x01"));
  EXPECT_FALSE(HasForbiddenUnknownFields(request));
}

}  // namespace
}  // namespace latchkey::rpc
