// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/trace.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace latchkey::simulation {
namespace {

constexpr size_t kLinesKept = 30;

}  // namespace

Trace::Trace(const RunOptions& options, uint64_t first) : options_(options), steps_(first) {
  crypto_generichash_init(&hash_, nullptr, 0, crypto_generichash_BYTES);
}

void Trace::Note(std::string_view bytes) {
  crypto_generichash_update(&hash_, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

void Trace::Begin(TimePoint now, std::string_view who, std::string_view what, std::string details) {
  ++steps_;
  if (last_.size() == kLinesKept) last_.pop_front();
  last_.push_back({.step = steps_,
                   .at = now,
                   .who = std::string(who),
                   .what = std::string(what),
                   .details = std::move(details),
                   .answer = {},
                   .depth = depth_});
  ++depth_;
  Note(last_.back().who);
  Note(last_.back().what);
}

void Trace::Answer(std::string_view answer) {
  --depth_;
  Note(answer);
  auto open = std::find_if(last_.rbegin(), last_.rend(), [&](const Line& line) {
    return line.answer.empty() && line.depth == depth_;
  });
  if (open == last_.rend()) return;
  open->answer = answer;
  if (options_.verbose) Print(*open);
}

std::string Trace::Digest() {
  unsigned char digest[crypto_generichash_BYTES];
  crypto_generichash_final(&hash_, digest, sizeof digest);
  char hex[33];
  sodium_bin2hex(hex, sizeof hex, digest, 16);
  return hex;
}

void Trace::Print(const Line& line) const {
  std::printf("%8llu %+12.3f s %*s%-10s %-16s %-48s %s\n",
              static_cast<unsigned long long>(line.step),
              static_cast<double>(ToUnixMillis(line.at) - 1'800'000'000'000) / 1000, line.depth * 2,
              "", line.who.c_str(), line.what.c_str(), line.details.c_str(),
              line.answer.empty() ? "(no answer yet)" : line.answer.c_str());
}

void Trace::Broken(std::string_view law, const std::string& what) {
  std::printf("\nsimulation: seed %llu, step %llu: %s is broken\n  %s\n\nthe last steps:\n",
              static_cast<unsigned long long>(options_.seed),
              static_cast<unsigned long long>(steps_), std::string(law).c_str(), what.c_str());
  for (const Line& line : last_) Print(line);
  std::printf("\nagain: ./deploy/test simulation --seed %llu --steps %llu\n",
              static_cast<unsigned long long>(options_.seed),
              static_cast<unsigned long long>(steps_));
  std::fflush(stdout);
  std::exit(1);
}

}  // namespace latchkey::simulation
