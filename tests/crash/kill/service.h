// SPDX-License-Identifier: Apache-2.0
// The real latchkeyd, one life after another.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "services/base/clock.h"

namespace grpc {
class Channel;
}

namespace latchkey::crash {

// One life, as its clients reach it: each by its own certificate, over a connection of its own.
struct Life {
  int64_t number = 0;
  std::shared_ptr<grpc::Channel> portal, phone, branch;
};

class Service {
 public:
  struct Options {
    std::filesystem::path program;
    std::filesystem::path bank;  // the folder that `latchkey init` made
    uint16_t port = 0;
    std::filesystem::path log;
  };
  explicit Service(Options options) : options_(std::move(options)) {}
  ~Service();

  // These by one thread only.
  void Start();
  // Until it says that it has started; false: it ended by itself or took longer.
  bool AwaitStarted(Millis patience);
  // Sleeps so long while it lives; false: it ended by itself.
  bool Live(Millis time);
  void Kill();

  // Any thread. The life after `number`, once it has started; null when `patience` is over.
  std::shared_ptr<const Life> AwaitLife(int64_t after, Millis patience);

 private:
  void Listen(int pipe);

  const Options options_;
  pid_t pid_ = 0;
  std::thread listener_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int64_t lives_ = 0;
  bool started_ = false;
  bool ended_ = false;
  std::shared_ptr<const Life> life_;
};

}  // namespace latchkey::crash
