// SPDX-License-Identifier: Apache-2.0
// Attacks by speed, and by calls that never end.
#include <chrono>

#include "tests/attacks/limits.h"

namespace latchkey::attacks {
namespace {

// P06. Fails without: GRPC_ARG_MAX_CONCURRENT_STREAMS in server.cc (seen: not announced). That a
// library without the known holes is installed is Debian's part.
TEST_F(Limits, P06_AFloodOfFramesCostsNobodyElseAnything) {
  const std::string path = "/latchkey.v1.SignIn/SignIn";
  {
    auto announced = Wire()->Greet();
    EXPECT_EQ(announced[3], 1024u) << "streams at once";
    EXPECT_EQ(announced[6], 8192u) << "bytes of headers";
  }
  const Memory memory;
  const std::string open = RawH2::Block(RawH2::Call(path));
  const auto rapid_reset = Wire();
  rapid_reset->Greet();
  for (int i = 0; i < 20'000 && rapid_reset->open(); ++i) {
    const uint32_t stream = rapid_reset->TakeStream();
    rapid_reset->Send(RawH2::FrameOf(RawH2::kHeaders, RawH2::kEndHeaders, stream, open) +
                      RawH2::FrameOf(RawH2::kReset, 0, stream, RawH2::Big(8, 4)));
  }
  const auto half_open = Wire();
  half_open->Greet();
  for (int i = 0; i < 3'000 && half_open->open(); ++i)
    half_open->Send(
        RawH2::FrameOf(RawH2::kHeaders, RawH2::kEndHeaders, half_open->TakeStream(), open));
  const auto endless = Wire();
  endless->Greet();
  endless->Send(RawH2::FrameOf(RawH2::kHeaders, 0, 1, open));
  const std::string more = RawH2::Block({{"x-more", std::string(8'000, 'x')}});
  for (int i = 0; i < 5'000 && endless->open(); ++i)
    endless->Send(RawH2::FrameOf(RawH2::kContinuation, 0, 1, more));
  const auto pings = Wire();
  pings->Greet();
  for (int i = 0; i < 20'000 && pings->open(); ++i)
    pings->Send(RawH2::FrameOf(RawH2::kPing, 0, 0, "12345678") +
                RawH2::FrameOf(RawH2::kSettings, 0, 0, {}));
  const auto started = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) ExpectHonestCallsWork();
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(10));
  // Twenty thousand calls that were begun and dropped at once are a few kilobytes each, for a
  // moment.
  EXPECT_LT(memory.GrownKib(), 768 * 1024);
}

}  // namespace
}  // namespace latchkey::attacks
