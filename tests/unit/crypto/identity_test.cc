// SPDX-License-Identifier: Apache-2.0
// Attack P03: confusion about the name in a certificate.
#include "crypto/identity.h"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

namespace latchkey::crypto {
namespace {

TEST(ParseIdentity, ReadsEachForm) {
  const std::pair<std::string_view, Identity> forms[] = {
      {"spiffe://demo.bank/latchkey/portal", {"demo.bank", Role::kPortal, "", ""}},
      {"spiffe://demo.bank/latchkey/ivr", {"demo.bank", Role::kIvr, "", ""}},
      {"spiffe://demo.bank/latchkey/operator", {"demo.bank", Role::kOperator, "", ""}},
      {"spiffe://demo.bank/latchkey/service", {"demo.bank", Role::kService, "", ""}},
      {"spiffe://localhost/latchkey/portal", {"localhost", Role::kPortal, "", ""}},
      {"spiffe://xn--sparkasse-kln-djb.example/latchkey/portal",
       {"xn--sparkasse-kln-djb.example", Role::kPortal, "", ""}},
      {"spiffe://demo.bank/latchkey/branch/main-street/desk-1",
       {"demo.bank", Role::kBranch, "main-street", "desk-1"}},
      {"spiffe://demo.bank/latchkey/branch/0/-", {"demo.bank", Role::kBranch, "0", "-"}}};
  for (const auto& [uri, identity] : forms) {
    EXPECT_EQ(ParseIdentity(uri), identity) << uri;
    EXPECT_EQ(ToUri(identity), uri);
  }
}

TEST(ParseIdentity, RefusesEverythingElseP03) {
  using namespace std::string_view_literals;
  const std::string long_name(33, 'a');
  const std::string long_label(64, 'a');
  const std::string bad[] = {"",
                             "spiffe://",
                             "spiffe:///latchkey/portal",
                             "spiffe://demo.bank",
                             "spiffe://demo.bank/",
                             "spiffe://demo.bank/latchkey",
                             "spiffe://demo.bank/latchkey/",
                             "spiffe://demo.bank/portal",
                             "https://demo.bank/latchkey/portal",
                             "SPIFFE://demo.bank/latchkey/portal",
                             "spiffe:/demo.bank/latchkey/portal",
                             "spiffe:demo.bank/latchkey/portal",
                             "demo.bank/latchkey/portal",
                             " spiffe://demo.bank/latchkey/portal",
                             "spiffe://demo.bank/latchkey/portal ",
                             "spiffe://demo.bank/latchkey/portal\n",
                             std::string("spiffe://demo.bank/latchkey/portal\0"sv),
                             std::string("spiffe://demo.bank\0.evil/latchkey/portal"sv),
                             std::string("spiffe://demo.bank/latchkey/portal\0/operator"sv),
                             "spiffe://demo.bank/latchkey/portal/",
                             "spiffe://demo.bank/latchkey//portal",
                             "spiffe://demo.bank//latchkey/portal",
                             "spiffe://demo.bank/Latchkey/portal",
                             "spiffe://demo.bank/latchkey/Portal",
                             "spiffe://demo.bank/latchkey/portals",
                             "spiffe://demo.bank/latchkey/porta",
                             "spiffe://demo.bank/latchkey/root",
                             "spiffe://demo.bank/latchkey/portal/operator",
                             "spiffe://demo.bank/latchkey/./portal",
                             "spiffe://demo.bank/latchkey/branch/../operator",
                             "spiffe://demo.bank/latchkey/portal?role=operator",
                             "spiffe://demo.bank/latchkey/portal#operator",
                             "spiffe://demo.bank/latchkey/%70ortal",
                             "spiffe://demo%2ebank/latchkey/portal",
                             "spiffe://demo.bank:443/latchkey/portal",
                             "spiffe://user@demo.bank/latchkey/portal",
                             "spiffe://DEMO.bank/latchkey/portal",
                             "spiffe://demo.bank./latchkey/portal",
                             "spiffe://.demo.bank/latchkey/portal",
                             "spiffe://demo..bank/latchkey/portal",
                             "spiffe://-demo.bank/latchkey/portal",
                             "spiffe://demo-.bank/latchkey/portal",
                             "spiffe://demo_x.bank/latchkey/portal",
                             "spiffe://*.bank/latchkey/portal",
                             "spiffe://d\xc3\xa9mo.bank/latchkey/portal",
                             "spiffe://127.0.0.1/latchkey/portal",
                             "spiffe://[::1]/latchkey/portal",
                             "spiffe://1/latchkey/portal",
                             "spiffe://" + long_label + ".bank/latchkey/portal",
                             "spiffe://" + std::string(300, 'a') + "/latchkey/portal",
                             "spiffe://demo.bank/latchkey/branch",
                             "spiffe://demo.bank/latchkey/branch/",
                             "spiffe://demo.bank/latchkey/branch/a",
                             "spiffe://demo.bank/latchkey/branch/a/",
                             "spiffe://demo.bank/latchkey/branch//b",
                             "spiffe://demo.bank/latchkey/branch/a/b/c",
                             "spiffe://demo.bank/latchkey/branch/a/b/",
                             "spiffe://demo.bank/latchkey/branch/A/b",
                             "spiffe://demo.bank/latchkey/branch/a/B",
                             "spiffe://demo.bank/latchkey/branch/a b/c",
                             "spiffe://demo.bank/latchkey/branch/a./b",
                             "spiffe://demo.bank/latchkey/branch/a_b/c",
                             "spiffe://demo.bank/latchkey/branch/" + long_name + "/b",
                             "spiffe://demo.bank/latchkey/branch/a/" + long_name,
                             "spiffe://demo.bank/latchkey/branches/a/b"};
  for (const std::string& uri : bad) EXPECT_FALSE(ParseIdentity(uri)) << uri;
}

RC_GTEST_PROP(ParseIdentity, ReadsAnyTextAsNothingOrAsItsOnlySpelling, ()) {
  auto tail =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("abranch/.-0A%?\0", 15)));
  std::string uri = "spiffe://demo.bank/latchkey/branch/" + tail;
  auto identity = ParseIdentity(uri);
  if (identity) RC_ASSERT(ToUri(*identity) == uri);
}

}  // namespace
}  // namespace latchkey::crypto
