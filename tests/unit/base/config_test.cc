// SPDX-License-Identifier: Apache-2.0
#include "services/base/config.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <fstream>
#include <regex>
#include <sstream>
#include <string>

namespace latchkey {
namespace {

using testing::Test;

class ConfigFile : public Test {
 protected:
  std::filesystem::path Write(const std::string& text) {
    std::filesystem::path path = std::filesystem::path(testing::TempDir()) /
                                 ("config-" + std::to_string(getpid()) + ".toml");
    std::ofstream(path) << text;
    return path;
  }
  static std::string Example() {
    std::ifstream file("deploy/latchkey.toml.example");
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  // The example with one line replaced; the example must hold it.
  static std::string With(const std::string& line, const std::string& instead) {
    std::string text = Example();
    size_t at = text.find(line);
    EXPECT_NE(at, std::string::npos) << line;
    return text.replace(at, line.size(), instead);
  }
  std::string Refusal(const std::string& text) {
    Result<Config> config = LoadConfig(Write(text));
    if (config.ok()) return "(was accepted)";
    EXPECT_EQ(config.reason(), Reason::kMalformed);
    return config.failure().detail;
  }
};

TEST_F(ConfigFile, TheExampleIsAccepted) {
  Result<Config> config = LoadConfig("deploy/latchkey.toml.example");
  ASSERT_TRUE(config.ok()) << config.failure().detail;
  EXPECT_EQ(config->bank.domain, "bank.example");
  EXPECT_TRUE(config->files.keys.is_absolute());
  EXPECT_EQ(config->courier.relays.size(), 1u);
}

TEST_F(ConfigFile, EveryKeyThatTheExampleShowsIsKnown) {
  // Uncomment every `# key = value`: no key may be unknown, and every default shown must be within
  // its bounds.
  std::istringstream lines(Example());
  std::string all, line;
  std::regex commented("^# ([a-z_0-9]+ = .*)$");
  while (std::getline(lines, line)) {
    std::smatch match;
    all += (std::regex_match(line, match, commented) ? match[1].str() : line) + "\n";
  }
  std::string refusal = Refusal(all);
  EXPECT_EQ(refusal.find("unknown key"), std::string::npos) << refusal;
  EXPECT_EQ(refusal.find("must be"), std::string::npos) << refusal;
}

TEST_F(ConfigFile, TheExampleShowsTheDefaults) {
  std::istringstream lines(Example());
  std::string all, line;
  std::regex commented("^# ([a-z_0-9]+ = ([0-9]+|true|false)\\b.*)$");
  while (std::getline(lines, line)) {
    std::smatch match;
    all += (std::regex_match(line, match, commented) ? match[1].str() : line) + "\n";
  }
  Result<Config> shown = LoadConfig(Write(all));
  ASSERT_TRUE(shown.ok()) << shown.failure().detail;
  Result<Config> silent = LoadConfig(Write(Example()));
  ASSERT_TRUE(silent.ok());
  EXPECT_EQ(shown->recovery.lifetime, silent->recovery.lifetime);
  EXPECT_EQ(shown->recovery.session, silent->recovery.session);
  EXPECT_EQ(shown->recovery.messages_per_hour, silent->recovery.messages_per_hour);
  EXPECT_EQ(shown->recovery.freeze_link, silent->recovery.freeze_link);
  EXPECT_EQ(shown->recovery.removed_contact_told, silent->recovery.removed_contact_told);
  EXPECT_EQ(shown->sessions.idle, silent->sessions.idle);
  EXPECT_EQ(shown->sessions.device, silent->sessions.device);
  EXPECT_EQ(shown->lanes.source_first_rest, silent->lanes.source_first_rest);
  EXPECT_EQ(shown->lanes.window, silent->lanes.window);
  EXPECT_EQ(shown->lanes.account_longest_rest, silent->lanes.account_longest_rest);
  EXPECT_EQ(shown->listen.largest_message_kib, silent->listen.largest_message_kib);
  EXPECT_EQ(shown->passwords.memory_kib, silent->passwords.memory_kib);
  EXPECT_EQ(shown->passwords.hash_queue, silent->passwords.hash_queue);
  EXPECT_EQ(shown->hotstate.timeout, silent->hotstate.timeout);
  EXPECT_EQ(shown->checkpoint_every, silent->checkpoint_every);
  EXPECT_EQ(shown->courier.attempts, silent->courier.attempts);
  EXPECT_EQ(shown->listen.port, silent->listen.port);
}

TEST_F(ConfigFile, AnUnknownKeyNamesItsLineAndTheLikelyOne) {
  std::string refusal = Refusal("# one\n" + With("# port = 7443", "prot = 7443"));
  EXPECT_NE(refusal.find(".toml:18: unknown key \"listen.prot\"; did you mean \"port\"?"),
            std::string::npos)
      << refusal;
}

TEST_F(ConfigFile, AllMistakesAreNamedAtOnceInOrder) {
  std::string text = With("# port = 7443", "port = \"x\"");
  text += "colour = \"red\"\n";
  std::string refusal = Refusal(text);
  EXPECT_NE(refusal.find("\"listen.port\" must be a whole number from 1 to 65535"),
            std::string::npos);
  EXPECT_LT(refusal.find("listen.port"), refusal.find("log.colour")) << refusal;
}

TEST_F(ConfigFile, ImpossibleValuesAreRefusedWithAdvice) {
  struct {
    const char* line;
    const char* instead;
    const char* said;
  } cases[] = {
      {"domain = \"bank.example\"", "domain = \"Bank Example\"", "is no domain name"},
      {"domain = \"bank.example\"", "", "\"bank.domain\" is missing; add it under [bank]"},
      {"domain = \"bank.example\"", "domain = \"\"", "is empty; fill it in"},
      {"domain = \"bank.example\"", "domain = 7", "must be text"},
      {"https://recover.bank.example", "http://recover.bank.example", "must begin with https://"},
      {"https://recover.bank.example", "https://recover.bank.example/", "end without a slash"},
      {"https://recover.bank.example", "https://bank.example@evil.example", "must begin with"},
      {"# engine = \"sqlite\"             # or \"postgres\"", "engine = \"oracle\"",
       "must be one of \"sqlite\", \"postgres\""},
      {"# engine = \"sqlite\"             # or \"postgres\"", "engine = \"postgres\"",
       "\"ledger.conninfo\" is missing"},
      {"# conninfo = \"host=db.internal", "conninfo = \"password=x host=db.internal",
       "without a password"},
      {"# engine = \"sqlite\"             # or \"redis\"", "engine = \"redis\"",
       "write exactly one of the two"},
      {"# argon2_memory_kib = 19456 ", "argon2_memory_kib = 8192", "below the least that is safe"},
      {"# min_characters = 15 ", "min_characters = 8", "from 15 to 64"},
      {"# account_failures = 5 ", "account_failures = 50", "from 3 to 5"},
      {"# requests_per_minute = 100 ", "requests_per_minute = 60001", "from 10 to 6000"},
      {"[[courier.relays]]", "[[courier.others]]", "\"courier.relays\" are missing"},
      {"# reflection = false", "reflection = \"no\"", "must be true or false"},
      {"# languages = [\"en\"]", "languages = []", "name at least one"},
      {"# revoked = []", "revoked = [\"01:AB\"]", "must hold SHA-256 fingerprints"},
      {"# languages = [\"en\"]", "languages = [1]", "must be a list of texts"},
      {"display_name = \"Example Bank\"", "display_name = \"Example\\nBank\"", "control character"},
      {"https://recover.bank.example", "https://recover.bank.example/portal", "without a path"},
      {"https://recover.bank.example", "https://recover_bank.example", "without a path"},
      {"https://recover.bank.example", "https://xn--bnk-sla.example", "without a path"},
      {"https://recover.bank.example", "https://recover.bank.example:0x50", "without a path"},
      {"https://recover.bank.example", "http://localhost:8080@evil.example", "without a path"},
      {"# color = \"#0b5c66\" ", "color = \"red\" ", "as \"#rrggbb\""},
      {"# time_zone = \"UTC\" ", "time_zone = \"Europe/Atlantis\" ", "is no time zone"},
      {"# time_zone = \"UTC\" ", "time_zone = \"../zoneinfo/UTC\" ", "is no time zone"},
      {"# time_zone = \"UTC\" ", "time_zone = \"zone.tab\" ", "is no time zone"},
      {"# languages = [\"en\"]", "languages = [\"fr\"]", "must begin with \"en\" or \"de\""},
      {"# languages = [\"en\"]", "languages = [\"en\", \"French\"]", "two small letters"},
      {"+44 20 7946 0000", "call us", "as it is printed"},
      {"+44 20 7946 0000", "+44 20 7946 0000 or +44 20 7946 0001 or the branch", "40 bytes"},
      {"display_name = \"Example Bank\"",
       "display_name = \"The Example Bank of the Northern and Southern Harbours and of all the "
       "Islands between them\"",
       "80 bytes"},
      {"no-reply@bank.example", "@bank.example", "is no e-mail address"},
      {"no-reply@bank.example", "no-reply@bank..example", "is no e-mail address"},
      {"no-reply@bank.example", "the bank <no-reply@bank.example>", "is no e-mail address"},
      {"host = \"smtp.bank.example\"", "host = \"smtp bank\"", "is no host name"},
      {"host = \"smtp.bank.example\"", "host = \"smtp.bank.example:25\"", "is no host name"},
      {"# authority = \"relay-ca.crt\" ", "authority = \"absent.crt\" ", "names no file"},
  };
  for (const auto& each : cases) {
    std::string refusal = Refusal(With(each.line, each.instead));
    EXPECT_NE(refusal.find(each.said), std::string::npos) << each.instead << "\n" << refusal;
    EXPECT_TRUE(std::regex_search(refusal, std::regex("\\.toml:[0-9]+: "))) << refusal;
  }
}

// Fails without: the look at the ledger's engine in ReadHotState (seen: each node allows as many
// guesses again).
TEST_F(ConfigFile, GuessesAreCountedWhereEveryNodeSeesThem) {  // Law 4
  const std::string text =
      With("path = \"data/ledger.db\"", "engine = \"postgres\"\nconninfo = \"dbname=latchkey\"");
  Result<Config> config = LoadConfig(Write(text));
  ASSERT_TRUE(config.ok()) << config.failure().detail;
  EXPECT_EQ(config->hotstate.engine, Config::HotState::Engine::kLedger);
  const std::string in_a_file =
      std::regex_replace(text, std::regex("\\[hotstate\\]"), "[hotstate]\nengine = \"sqlite\"");
  EXPECT_THAT(
      Refusal(in_a_file),
      testing::HasSubstr("must be \"redis\" or \"ledger\" where the ledger is on PostgreSQL"));
}

TEST_F(ConfigFile, WhatABankMayWellWriteIsTaken) {
  struct {
    const char* line;
    const char* instead;
  } cases[] = {
      {"https://recover.bank.example", "https://recover.bank.example:8443"},
      {"https://recover.bank.example", "http://127.0.0.1:8080"},
      {"# color = \"#0b5c66\" ", "color = \"#0B5C66\" "},
      {"# time_zone = \"UTC\" ", "time_zone = \"Europe/Berlin\" "},
      {"# languages = [\"en\"]", "languages = [\"de\", \"fr\"]"},
      {"# revoked = []",
       "revoked = "
       "[\"00:07:0E:15:1C:23:2A:31:38:3F:46:4D:54:5B:62:69:70:77:7E:85:8C:93:9A:A1:A8:AF:B6:BD:C4:"
       "CB:D2:D9\"]"},
      {"no-reply@bank.example", "access+mail@mail.bank.example"},
      {"host = \"smtp.bank.example\"", "host = \"127.0.0.1\""},
      {"host = \"smtp.bank.example\"", "host = \"2001:db8::25\""},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(Refusal(With(each.line, each.instead)), "(was accepted)") << each.instead;
  }
}

TEST_F(ConfigFile, WhatIsNoTomlNamesTheLine) {
  std::string refusal = Refusal("[bank]\ndomain = \"x\"\ndomain = \"y\"\n");
  EXPECT_NE(refusal.find(".toml:3: "), std::string::npos) << refusal;
  EXPECT_NE(Refusal(std::string("a = \"\x1b[2J\0\"", 12)).find(".toml:1: "), std::string::npos);
}

TEST_F(ConfigFile, AnAbsentFileSaysSo) {
  Result<Config> config = LoadConfig("/nonexistent/latchkey.toml");
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(config.reason(), Reason::kUnavailable);
  EXPECT_NE(config.failure().detail.find("cannot be read"), std::string::npos);
}

}  // namespace
}  // namespace latchkey
