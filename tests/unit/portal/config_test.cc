// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/config.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace latchkey::portal {
namespace {

namespace fs = std::filesystem;

constexpr char kService[] =
    "[service]\nserver = \"localhost:1\"\nca = \"a\"\ncertificate = \"b\"\nkey = \"c\"\n";

Result<PortalConfig> Load(const std::string& portal, const std::string& bank = "name = \"B\"\n") {
  const fs::path path = fs::path(testing::TempDir()) / "portal_config_test.toml";
  std::ofstream(path) << "[portal]\n" << portal << "[bank]\n" << bank << kService;
  return LoadPortalConfig(path);
}

void ExpectRefused(const Result<PortalConfig>& config, const std::string& line,
                   const std::string& words) {
  ASSERT_FALSE(config.ok());
  EXPECT_NE(config.failure().detail.find("portal_config_test.toml:" + line + ":"),
            std::string::npos)
      << config.failure().detail;
  EXPECT_NE(config.failure().detail.find(words), std::string::npos) << config.failure().detail;
}

TEST(PortalConfig, OfTheExampleIsGood) {
  auto config = LoadPortalConfig(fs::path(PORTAL_SOURCE) / "portal.toml.example");
  ASSERT_TRUE(config.ok()) << config.failure().detail;
  EXPECT_EQ(config->bank.TextsIn("de").phone_hours, "Montag bis Freitag, 8 bis 20 Uhr");
}

TEST(PortalConfig, NamesTheLineOfAnUnknownKey) {
  ExpectRefused(Load("base_url = \"http://localhost:1\"\nlisten_prot = 1\n"), "3", "listen_port");
  ExpectRefused(Load("base_url = \"http://localhost\"\nfrobnicate = 1\n"), "3",
                "see portal.toml.example");
}

TEST(PortalConfig, RefusesWhatWouldBeUnsafe) {
  ExpectRefused(Load("base_url = \"http://bank.example\"\nlisten_address = \"0.0.0.0\"\n"), "3",
                "TLS");
  ExpectRefused(Load("base_url = \"https://bank.example\"\n"), "2", "trusted_proxies");
  ExpectRefused(Load("base_url = \"https://bank.example/x\"\n"), "2", "scheme and host");
  ExpectRefused(Load("base_url = \"https://b\"\ntls_key = \"k\"\n"), "3", "tls_certificate");
  ExpectRefused(Load("base_url = \"http://localhost:1\"\ntrusted_proxies = [\"x\"]\n"), "3",
                "network");
  EXPECT_TRUE(Load("base_url = \"https://b.example\"\ntrusted_proxies = [\"10.0.0.1\"]\n").ok());
}

TEST(PortalConfig, RefusesAPhoneThatNobodyCanDial) {
  const std::string portal = "base_url = \"http://localhost:1\"\n";
  ExpectRefused(Load(portal, "name = \"B\"\nphone = \"call us\"\n"), "5", "as it is printed");
  EXPECT_TRUE(Load(portal, "name = \"B\"\nphone = \"+44 20 7946 0000\"\n").ok());
  EXPECT_TRUE(Load(portal, "name = \"B\"\n").ok());
}

// WCAG 2.2, 1.4.3: a bank cannot choose colours that some people cannot read.
TEST(PortalConfig, RefusesColoursThatCannotBeRead) {
  const std::string portal = "base_url = \"http://localhost:1\"\n";
  ExpectRefused(Load(portal, "name = \"B\"\naccent = \"#88ccee\"\n"), "5", "darker");
  ExpectRefused(Load(portal, "name = \"B\"\naccent_dark = \"#222288\"\n"), "5", "lighter");
  ExpectRefused(Load(portal, "name = \"B\"\naccent = \"red;}\"\n"), "5", "#rrggbb");
  EXPECT_NEAR(Contrast("#000000", "#ffffff"), 21, 0.01);
  EXPECT_NEAR(Contrast("#767676", "#ffffff"), 4.54, 0.01);
}

}  // namespace
}  // namespace latchkey::portal
