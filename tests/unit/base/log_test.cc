// SPDX-License-Identifier: Apache-2.0
#include "services/base/log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <type_traits>

#include "crypto/secret.h"
#include "services/base/bytes.h"

namespace latchkey::log {
namespace {

// Law 12: a Secret cannot become a field, by no conversion.
static_assert(!std::is_constructible_v<Field, std::string_view, const Secret&>);
static_assert(!std::is_constructible_v<Field, std::string_view, Secret>);
static_assert(!std::is_constructible_v<Field, std::string_view, Bytes>);

class LogLines : public testing::Test {
 protected:
  LogLines() { CaptureForTest(&lines_); }
  ~LogLines() override { CaptureForTest(nullptr); }
  std::string lines_;
};

TEST_F(LogLines, ValuesAreTyped) {
  Info("test.event", {{"text", "a\"b"},
                      {"number", 7},
                      {"flag", true},
                      {"took", Millis(12)},
                      {"account", AccountId{9}},
                      {"reason", Reason::kResting},
                      {"ratio", 0.5},
                      {"nothing", 0.0 / 0.0}});
  EXPECT_NE(
      lines_.find(
          "\"event\":\"test.event\",\"text\":\"a\\\"b\",\"number\":7,\"flag\":true,\"took_ms\":12,"
          "\"account\":9,\"reason\":\"resting\",\"ratio\":0.5,\"nothing\":null}"),
      std::string::npos)
      << lines_;
}

// Attack I06.
TEST_F(LogLines, OneEventIsOneLineWhateverItHolds) {
  const char* hostile[] = {"a\nb",
                           "a\r\nb",
                           "\x1b[2J",
                           "\xe2\x80\xae"
                           "evil",
                           "\xe2\x80\xa8",
                           "\xc2\x85",
                           "\xff\xfe",
                           "\x7f",
                           "\xf3\xa0\x81\x81",
                           "\xed\xa0\x80",
                           "\xc0\xaf",
                           "\",\"event\":\"forged"};
  for (const char* text : hostile) Info("one", {{"value", text}, {text, 1}});
  EXPECT_EQ(std::count(lines_.begin(), lines_.end(), '\n'), std::ssize(hostile));
  for (unsigned char c : lines_) EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f)) << int{c};
  EXPECT_EQ(lines_.find("\"event\":\"forged"), std::string::npos);
}

TEST_F(LogLines, HonestTextStaysReadable) {
  EXPECT_EQ(QuoteJson("Zoë Ångström, 東京"), "\"Zoë Ångström, 東京\"");
  EXPECT_EQ(QuoteJson(std::string_view("a\0b", 3)), "\"a\\u0000b\"");
}

TEST_F(LogLines, LongTextIsCut) { EXPECT_LT(QuoteJson(std::string(100000, 'x')).size(), 5000u); }

TEST_F(LogLines, WhatIsBelowTheLevelIsNotWritten) {
  Start("test", {.level = Config::Log::Level::kWarning});
  Info("hidden");
  Warning("shown");
  Start("test", {});
  EXPECT_EQ(lines_.find("hidden"), std::string::npos);
  EXPECT_NE(lines_.find("\"level\":\"warning\",\"program\":\"test\",\"event\":\"shown\""),
            std::string::npos);
}

TEST_F(LogLines, TextFormatEscapesAsWell) {
  Start("test", {.format = Config::Log::Format::kText});
  Error("broken", {{"value", "a\nb"}});
  Start("test", {});
  EXPECT_NE(lines_.find(" error broken value=\"a\\nb\"\n"), std::string::npos) << lines_;
}

}  // namespace
}  // namespace latchkey::log
