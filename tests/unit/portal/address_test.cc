// SPDX-License-Identifier: Apache-2.0
// P02: who a customer is, is never taken from what a stranger wrote.
#include "clients/portal/http/address.h"

#include <gtest/gtest.h>

namespace latchkey::portal {
namespace {

std::string CustomerOf(std::vector<std::string> proxies, std::string peer,
                       std::vector<std::string> forwarded) {
  Request request;
  request.peer = std::move(peer);
  for (std::string& line : forwarded)
    request.headers.push_back({"X-Forwarded-For", std::move(line)});
  auto parsed = Proxies::Parse(proxies);
  return parsed.ok() ? parsed->CustomerOf(request) : "unparsed";
}

TEST(CustomerAddress, IsTheSocketsWhenNoProxyIsListed) {
  EXPECT_EQ(CustomerOf({}, "203.0.113.9", {"198.51.100.1"}), "203.0.113.9");
  EXPECT_EQ(CustomerOf({"10.0.0.0/8"}, "203.0.113.9", {"198.51.100.1"}), "203.0.113.9");
}

TEST(CustomerAddress, IsTheLastThatNoProxyOfOursAdded) {
  EXPECT_EQ(CustomerOf({"10.0.0.0/8"}, "10.0.0.1", {"198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(CustomerOf({"10.0.0.0/8"}, "10.0.0.1", {"6.6.6.6, 198.51.100.1, 10.9.9.9"}),
            "198.51.100.1");
  EXPECT_EQ(CustomerOf({"10.0.0.0/8"}, "10.0.0.1", {"6.6.6.6", "198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(CustomerOf({"2001:db8::/32"}, "2001:db8::7", {"2001:DB8:0::8, 2a00::1"}), "2a00::1");
}

TEST(CustomerAddress, IsTheProxysWhenItForwardsNonsense) {
  for (const char* line : {"", "unknown", "_hidden", "198.51.100.1:99", "6.6.6.6, x", "1.2.3", ",",
                           "fe80::1%eth0", "999.1.1.1"}) {
    EXPECT_EQ(CustomerOf({"10.0.0.1"}, "10.0.0.1", {line}), "10.0.0.1") << line;
  }
}

TEST(CustomerAddress, HasOneSpelling) {
  EXPECT_EQ(CanonicalAddress("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(CanonicalAddress("2001:DB8:0:0::1"), "2001:db8::1");
  EXPECT_EQ(CanonicalAddress("x"), "");
  EXPECT_EQ(SourceOf("2001:db8:1:2:3::4"), SourceOf("2001:db8:1:2:ffff::"));
  EXPECT_NE(SourceOf("192.0.2.1"), SourceOf("192.0.2.2"));
}

TEST(Proxies, ThatAreNoNetworkRefuseTheStart) {
  EXPECT_FALSE(Proxies::Parse({"10.0.0.0/8", "proxy.bank"}).ok());
  EXPECT_FALSE(Proxies::Parse({"10.0.0.0/33"}).ok());
}

}  // namespace
}  // namespace latchkey::portal
