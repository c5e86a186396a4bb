// SPDX-License-Identifier: Apache-2.0
#include "services/rpc/source.h"

#include <gtest/gtest.h>

namespace latchkey::rpc {
namespace {

Call From(crypto::Role role) {
  Call call;
  call.caller.role = role;
  return call;
}

v1::Source Made(const std::string& address, const std::string& device = "",
                const std::string& language = "en") {
  v1::Source source;
  source.set_address(address);
  source.set_device_token(device);
  source.set_language(language);
  return source;
}

TEST(SourceOf, TakesTheChannelFromTheCallerAndTheAddressInOneForm) {  // K03
  auto web =
      SourceOf(From(crypto::Role::kPortal), Made("2001:DB8::1", std::string(32, 'd'), "de-CH"));
  ASSERT_TRUE(web.ok());
  EXPECT_EQ(web->channel, model::Channel::kWeb);
  EXPECT_EQ(web->address, "2001:db8::/64");
  EXPECT_EQ(web->language, "de-CH");
  auto phone = SourceOf(From(crypto::Role::kIvr), Made(""));
  ASSERT_TRUE(phone.ok()) << "a caller may withhold the number";
  EXPECT_EQ(phone->channel, model::Channel::kPhone);
}

TEST(SourceOf, RefusesWhatNoGatewaySends) {
  const Call portal = From(crypto::Role::kPortal);
  EXPECT_EQ(SourceOf(portal, Made("")).failure().field, "source.address");
  EXPECT_EQ(SourceOf(portal, Made("unknown")).failure().field, "source.address");
  EXPECT_EQ(SourceOf(portal, Made(std::string(2'000, '1'))).failure().field, "source.address");
  EXPECT_EQ(SourceOf(portal, Made("192.0.2.1", "short")).failure().field, "source.device_token");
  EXPECT_EQ(SourceOf(portal, Made("192.0.2.1", "", "en_US.UTF-8")).failure().field,
            "source.language");
  EXPECT_EQ(SourceOf(portal, Made("192.0.2.1", "", std::string(36, 'a'))).failure().field,
            "source.language");
}

}  // namespace
}  // namespace latchkey::rpc
