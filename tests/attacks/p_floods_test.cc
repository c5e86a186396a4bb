// SPDX-License-Identifier: Apache-2.0
// Attacks by speed, and by calls that never end.
#include <chrono>
#include <thread>
#include <vector>

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

class OneWorker : public Limits {
 protected:
  void Configure(Config& config) override {
    config.workers.threads = 1;
    config.workers.queue = 1;
  }
  // Somebody who is content to wait for ever: no grpc-timeout is sent.
  static uint32_t Look(RawH2& wire) {
    v1::GetSessionRequest look;
    look.set_session_token(std::string(32, 's'));
    const uint32_t stream = wire.TakeStream();
    wire.Greet();
    wire.Send(RawH2::FrameOf(RawH2::kHeaders, RawH2::kEndHeaders, stream,
                             RawH2::Block(RawH2::Call("/latchkey.v1.SignIn/GetSession"))) +
              RawH2::DataOf(stream, RawH2::Message(look.SerializeAsString())));
    return stream;
  }
};

// P06: a store does not answer, and nobody who waits behind that has set a deadline. The service's
// own ends them, whatever is done for them then is nothing, and their places are free again.
// Fails without: longest_call in Edge::Admit, or the look at the deadline in Edge::Run (seen each:
// the ledger was asked for somebody whose time was over).
TEST_F(OneWorker, P06_ACallWithoutADeadlineEndsInTheQueue) {
  A().ledger().Hang();
  const auto stuck = Wire(), waiting = Wire(), late = Wire(), later = Wire();
  const uint32_t stuck_stream = Look(*stuck);
  A().ledger().AwaitHanging(1);
  const int64_t asked = A().effort().reads;
  const uint32_t waiting_stream = Look(*waiting);
  while (A().waiting() == 0) std::this_thread::yield();
  EXPECT_EQ(late->ReadAnswer(Look(*late)).grpc_status, kResourceExhausted) << "no place is left";
  clock_.Advance(config_.listen.longest_call);
  A().ledger().LetGo();
  EXPECT_EQ(stuck->ReadAnswer(stuck_stream).grpc_status, kFailedPrecondition)
      << "as the store says";
  EXPECT_EQ(waiting->ReadAnswer(waiting_stream).grpc_status, kResourceExhausted);
  EXPECT_EQ(A().effort().reads, asked);
  EXPECT_EQ(A().waiting(), 0u);
  EXPECT_EQ(later->ReadAnswer(Look(*later)).grpc_status, kFailedPrecondition) << "there is a place";
}

class ShortCalls : public Limits {
 protected:
  static constexpr Millis kLongestCall{50};
  void Configure(Config& config) override { config.listen.longest_call = kLongestCall; }
};

// P06: every place to hash in is taken for good. Whoever waits for one without a deadline is sent
// away after the service's own, before the two seconds that anybody waits there, and nothing was
// counted against the name.
// Fails without: longest_call in Edge::Admit (seen: two seconds).
TEST_F(ShortCalls, P06_ACallWithoutADeadlineEndsBeforeTheHash) {
  const Effort before = A().effort();
  std::vector<signin::HashSlots::Place> taken;
  for (uint32_t i = 0; i < 2 * config_.passwords.hash_slots; ++i)
    taken.push_back(A().slots().Enter(signin::Priority::kStranger, clock_.Now()).value());
  const auto wire = Wire();
  wire->Greet();
  const auto sign_in = [&] {
    return wire
        ->Ask(RawH2::Call("/latchkey.v1.SignIn/SignIn"),
              SignInAs("anna", anna_.password, "192.0.2.1").SerializeAsString())
        .grpc_status;
  };
  const auto started = std::chrono::steady_clock::now();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(sign_in(), kResourceExhausted);
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(10));
  EXPECT_EQ(A().slots().waiting(), 0u);
  EXPECT_EQ((A().effort() - before).hashes, 0);
  taken.clear();
  EXPECT_EQ(sign_in(), 0) << "her ten tries counted nothing";
}

}  // namespace
}  // namespace latchkey::attacks
