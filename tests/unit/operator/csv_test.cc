// SPDX-License-Identifier: Apache-2.0
#include "services/operator/csv.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

namespace latchkey::operate {
namespace {

// Every record and fault as one text, such as "1:a|b" and "2!reason", read in pieces of `step`
// bytes.
std::vector<std::string> ReadAll(std::string text, size_t step = 7, bool breaks = false) {
  size_t at = 0;
  CsvReader reader([&](char* out, size_t size) -> std::ptrdiff_t {
    size_t take = std::min({step, size, text.size() - at});
    if (take == 0 && breaks) return -1;
    std::memcpy(out, text.data() + at, take);
    at += take;
    return static_cast<std::ptrdiff_t>(take);
  });
  std::vector<std::string> all;
  while (true) {
    CsvNext next = reader.Next();
    if (auto* end = std::get_if<CsvEnd>(&next)) {
      if (end->broken) all.push_back("broken");
      return all;
    }
    if (auto* fault = std::get_if<CsvFault>(&next)) {
      all.push_back(std::to_string(fault->line) + "!" + fault->reason.substr(0, 12));
      continue;
    }
    const CsvRecord& record = std::get<CsvRecord>(next);
    std::string joined;
    for (const std::string& field : record.fields) joined += (joined.empty() ? "" : "|") + field;
    all.push_back(std::to_string(record.line) + ":" + joined);
  }
}

using Lines = std::vector<std::string>;

TEST(Csv, ReadsWhatRfc4180Describes) {
  EXPECT_EQ(ReadAll("a,b\r\n1,\"x,\"\"y\"\"\r\nz\"\r\n3,4\n"),
            (Lines{"1:a|b", "2:1|x,\"y\"\r\nz", "4:3|4"}));
}

TEST(Csv, TheLastLineNeedsNoEnd) { EXPECT_EQ(ReadAll("a,b\nc,d"), (Lines{"1:a|b", "2:c|d"})); }

TEST(Csv, EmptyLinesAndAByteOrderMarkAreSkipped) {
  EXPECT_EQ(ReadAll("\xef\xbb\xbf"
                    "a,b\n\n\r\nc,d\n"),
            (Lines{"1:a|b", "4:c|d"}));
}

TEST(Csv, SemicolonsAndTabsSeparateWhenTheHeaderHasNoComma) {
  EXPECT_EQ(ReadAll("a;b\n1;2,3\n"), (Lines{"1:a|b", "2:1|2,3"}));
  EXPECT_EQ(ReadAll("a\tb\n1\t2\n"), (Lines{"1:a|b", "2:1|2"}));
}

TEST(Csv, AStrayQuoteCostsOneLineOnly) {
  EXPECT_EQ(ReadAll("a,b\nx,y\"z\n1,2\n"), (Lines{"1:a|b", "2!has a quote ", "3:1|2"}));
  EXPECT_EQ(ReadAll("a,b\n\"x\"y,z\n1,2\n"), (Lines{"1:a|b", "2!has text aft", "3:1|2"}));
  // An unclosed quote meets the next line's quote, or the end of the file.
  EXPECT_EQ(ReadAll("a,b\n\"x,y\n\"1\",2\n3,4\n"),
            (Lines{"1:a|b", "2!has text aft", "3:1|2", "4:3|4"}));
  EXPECT_EQ(ReadAll("a,b\n\"x,y\n3,4\n"), (Lines{"1:a|b", "2!opens a quot", "3:3|4"}));
}

TEST(Csv, AnUnclosedQuoteInALongFileDoesNotEatIt) {
  std::string text = "a,b\n\"x,y\n";
  for (int i = 0; i < 5000; ++i) text += "11111,22222\n";
  Lines all = ReadAll(text, 4096);
  ASSERT_EQ(all.size(), 5002u);
  EXPECT_EQ(all[1].substr(0, 12), "2!is longer ");
  EXPECT_EQ(all[2], "3:11111|22222");
}

TEST(Csv, NulAndForeignEncodingsAreFaults) {
  EXPECT_EQ(ReadAll(std::string("a,b\nx,\0y\n1,2\n", 13)),
            (Lines{"1:a|b", "2!holds a NUL ", "3:1|2"}));
  EXPECT_EQ(ReadAll("a,b\nx,M\xfcller\n1,2\n"), (Lines{"1:a|b", "2!is no UTF-8;", "3:1|2"}));
  EXPECT_EQ(ReadAll("a,b\nx,\xed\xa0\x80\n"), (Lines{"1:a|b", "2!is no UTF-8;"}));
  EXPECT_EQ(ReadAll("a,b\rc,d\n1,2\n"), (Lines{"1!holds a carr", "2:1|2"}));
}

TEST(Csv, ALineTooLongIsPassedOver) {
  std::string text = "a,b\n" + std::string(300'000, 'x') + "\n1,2\n";
  Lines all = ReadAll(text, 5000);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[1].substr(0, 12), "2!is longer ");
  EXPECT_EQ(all[2], "3:1|2");
}

TEST(Csv, HowTheBytesArriveChangesNothing) {
  std::string text = "a,b\r\n\"q\"\"\",2\r\n\"x\"y\r\nz,\"\r\n\"\r\n,\n";
  for (size_t step = 1; step < text.size() + 2; ++step)
    EXPECT_EQ(ReadAll(text, step), ReadAll(text, 1)) << step;
}

TEST(Csv, ASourceThatFailsIsNotTakenForTheEnd) {
  EXPECT_EQ(ReadAll("a,b\n1,2\n3,", 3, true), (Lines{"1:a|b", "2:1|2", "broken"}));
}

}  // namespace
}  // namespace latchkey::operate
