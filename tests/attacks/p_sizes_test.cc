// SPDX-License-Identifier: Apache-2.0
// Attacks by size: what is too large, too deep, or grows when it is unpacked.
#include <zlib.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "tests/attacks/limits.h"

namespace latchkey::attacks {
namespace {

constexpr size_t kLargestMessage = 16 * 1024, kLargestMetadata = 8 * 1024;
constexpr int64_t kMiB = 1024;  // in KiB
const std::string kPath = "/latchkey.v1.SignIn/SignIn";

std::string RequestOf(size_t bytes) {
  v1::SignInRequest request;
  request.set_identifier(std::string(bytes - 8, 'a'));
  while (request.ByteSizeLong() < bytes) *request.mutable_identifier() += 'a';
  LATCHKEY_CHECK(request.ByteSizeLong() == bytes);
  return request.SerializeAsString();
}

std::string Gzip(const std::string& plain) {
  constexpr int kWithGzipHeader = 15 + 16;
  z_stream stream{};
  LATCHKEY_CHECK(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kWithGzipHeader, 9,
                              Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(deflateBound(&stream, plain.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  LATCHKEY_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

class Sizes : public Limits {
 protected:
  void SetUp() override {
    Limits::SetUp();
    ExpectHonestCallsWork();  // whatever is made at the first call is there
    before_ = A().effort();
  }
  // gRPC's status; -1 when there came none.
  int StatusOf(const std::string& message, const RawH2::Fields& more = {},
               bool compressed = false) {
    if (!wire_ || !wire_->open()) {
      wire_ = Wire();
      wire_->Greet();
    }
    RawH2::Fields fields = RawH2::Call(kPath);
    fields.insert(fields.end(), more.begin(), more.end());
    const RawH2::Answer answer = wire_->Ask(fields, message, compressed);
    if (answer.closed) wire_.reset();
    return answer.grpc_status.value_or(-1);
  }
  // Nothing was done for any of it, and somebody honest is still answered.
  void ExpectNothingHappened() {
    wire_.reset();
    EXPECT_EQ(A().effort(), before_);
    ExpectHonestCallsWork();
  }
  std::unique_ptr<RawH2> wire_;
  Effort before_;
};

// P05. Fails without: SetMaxReceiveMessageSize in server.cc (seen), or GRPC_ARG_MAX_METADATA_SIZE
// (seen with twice as much; eight kilobytes are gRPC's own default).
TEST_F(Sizes, P05_NothingLargerThanItsLimitIsTaken) {
  EXPECT_EQ(StatusOf(RequestOf(kLargestMessage)), kInvalidArgument) << "taken, and no sign-in";
  EXPECT_EQ(StatusOf(RequestOf(kLargestMessage + 1)), kResourceExhausted);
  // Each field counts with its name and 32 bytes (RFC 7541, 4.1).
  size_t own = 1 + 32;
  for (const auto& [name, value] : RawH2::Call(kPath)) own += name.size() + value.size() + 32;
  const auto with_metadata = [&](size_t bytes) {
    return StatusOf("", {{"x", std::string(bytes - own, 'm')}});
  };
  const Memory memory;
  EXPECT_EQ(with_metadata(kLargestMetadata), kInvalidArgument) << "taken, and no sign-in";
  EXPECT_EQ(with_metadata(kLargestMetadata + 1), kResourceExhausted);
  EXPECT_LT(memory.GrownKib(), 4 * kMiB);
  ExpectNothingHappened();
}

// P05: no message of the contract can hold itself, so only groups that are no field of it are left
// to nest; protobuf reads a hundred of them within each other, and says for more that it cannot.
// Fails without: protobuf's own limit (seen with CodedInputStream::default_recursion_limit_ set to
// a hundred thousand: a hundred and one were read).
TEST_F(Sizes, P05_NothingNestsDeeperThanAHundred) {
  constexpr size_t kDeepest = 100;
  const auto nested = [&](size_t deep) {  // tag 15: start of a group, and its end
    return StatusOf(std::string(deep, '\x7b') + std::string(deep, '\x7c'));
  };
  const Memory memory;
  EXPECT_EQ(nested(kDeepest), kInvalidArgument) << "read, and a field that nobody knows";
  EXPECT_EQ(nested(kDeepest + 1), kUnimplemented);
  EXPECT_EQ(nested(kLargestMessage / 2), kUnimplemented);
  EXPECT_EQ(StatusOf(std::string(10'000, '\x7b')), kUnimplemented) << "and never ends";
  EXPECT_LT(memory.GrownKib(), 4 * kMiB);
  ExpectNothingHappened();
}

// P05: what is compressed is refused before it is unpacked, whatever it holds.
// Fails without: SetCompressionAlgorithmSupportStatus in server.cc (seen).
TEST_F(Sizes, P05_ABombIsNotUnpacked) {
  const std::string bomb = Gzip(RequestOf(16 << 20));
  ASSERT_LT(bomb.size(), kLargestMessage) << "as small as any message";
  const std::string little = Gzip(RequestOf(120)), most = Gzip(RequestOf(kLargestMessage)),
                    beyond = Gzip(RequestOf(kLargestMessage + 1));
  const Memory memory;
  for (const std::string& packed : {little, most, beyond, bomb}) {
    EXPECT_EQ(StatusOf(packed, {{"grpc-encoding", "gzip"}}, true), kUnimplemented);
    EXPECT_EQ(StatusOf(packed, {{"grpc-encoding", "deflate"}}, true), kUnimplemented);
    EXPECT_EQ(StatusOf(packed, {{"grpc-encoding", "zstd"}}, true), kUnimplemented);
    EXPECT_EQ(StatusOf(packed, {}, true), kUnimplemented) << "compressed, and not said how";
    EXPECT_EQ(StatusOf(packed, {{"content-encoding", "gzip"}}), kUnimplemented);
  }
  for (int i = 0; i < 200; ++i) StatusOf(bomb, {{"grpc-encoding", "gzip"}}, true);
  EXPECT_LT(memory.GrownKib(), 4 * kMiB);
  ExpectNothingHappened();
}

// Sends a message that says it is two gigabytes, as fast as the peer's windows let it (RFC 9113,
// 6.9), until the peer ends the stream. Gives how much of it was taken, at most `most`.
int64_t Pour(RawH2& wire, int64_t most) {
  constexpr uint16_t kInitialWindow = 4;
  const std::string piece(16'000, 'a');
  int64_t initial = wire.Greet()[kInitialWindow];
  int64_t stream_room = initial, room = 65'535, taken = 0;
  const uint32_t stream = wire.TakeStream();
  const auto send = [&](std::string_view bytes) {
    wire.Send(RawH2::FrameOf(RawH2::kData, 0, stream, bytes));
    for (int64_t* each : {&stream_room, &room}) *each -= static_cast<int64_t>(bytes.size());
  };
  wire.Send(RawH2::FrameOf(RawH2::kHeaders, RawH2::kEndHeaders, stream,
                           RawH2::Block(RawH2::Call(kPath))));
  send('\0' + RawH2::Big(INT32_MAX, 4));
  while (taken < most) {
    const int64_t size = std::min({std::ssize(piece), stream_room, room});
    if (size > 0) {
      send(std::string_view(piece).substr(0, static_cast<size_t>(size)));
      taken += size;
      continue;
    }
    const auto frame = wire.Read();
    if (!frame || frame->type == RawH2::kReset || frame->type == RawH2::kHeaders) break;
    if (frame->type == RawH2::kWindow)
      (frame->stream == 0 ? room : stream_room) += RawH2::NumberIn(frame->payload);
    if (frame->type != RawH2::kSettings || frame->flags != 0) continue;
    wire.Send(RawH2::FrameOf(RawH2::kSettings, 1, 0, {}));
    const auto settings = RawH2::SettingsIn(frame->payload);
    if (!settings.contains(kInitialWindow)) continue;
    stream_room += settings.at(kInitialWindow) - initial;
    initial = settings.at(kInitialWindow);
  }
  return taken;
}

// P05: gRPC looks at a message's size when it has all of it. Those that never end share so much
// memory and are cut off, and whoever is honest is answered all the while.
// Fails without: SetResourceQuota in server.cc (seen: all was taken, 726 MB).
TEST_F(Sizes, P05_MessagesWithoutAnEndShareOneMeasure) {
  constexpr int64_t kMost = 192 << 20;
  const Memory memory;
  std::vector<std::thread> pourers;
  std::atomic<int> cut_off = 0, pouring = 4;
  for (int i = pouring; i > 0; --i) {
    pourers.emplace_back([&, wire = std::shared_ptr(Wire())] {
      cut_off += Pour(*wire, kMost) < kMost ? 1 : 0;
      --pouring;
    });
  }
  while (pouring > 0) ExpectHonestCallsWork();
  for (std::thread& pourer : pourers) pourer.join();
  EXPECT_EQ(cut_off, 4);
  EXPECT_LT(memory.GrownKib(), 256 * kMiB);
}

}  // namespace
}  // namespace latchkey::attacks
