// SPDX-License-Identifier: Apache-2.0
// What every benchmark is: a function from how much and how long to figures.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/bank.h"
#include "tests/bench/figure.h"

namespace latchkey::bench {

// How much and how long. The numbers of the published figures; `Moment` is enough to see that a
// benchmark works, and tells nothing about speed.
struct Scale {
  int runs = 5;
  uint64_t accounts = 10'000;
  uint64_t few_accounts = 1'000;
  uint64_t many_accounts = 1'000'000;
  uint64_t import_rows = 50'000;
  uint64_t messages = 2'000;
  uint64_t resets = 600;          // for each run
  uint64_t mixed_sign_ins = 800;  // for each run of the load that memory is measured under
  uint64_t pairs = 400;           // of a known and an unknown name, for each run
  double seconds = 5;
  double warm_up = 1;
  size_t idle_connections = 10'000;
  size_t slow_connections = 1'000;

  static Scale Moment();
};

struct Setting {
  Places places;
  Scale scale;
};

struct Benchmark {
  std::string name;
  std::string what;
  std::function<std::vector<Figure>(const Setting&)> run;
};

// All of them, in the order in which they are run.
const std::vector<Benchmark>& Benchmarks();

std::vector<Figure> SignInFigures(const Setting& setting);
std::vector<Figure> ResetFigures(const Setting& setting);
std::vector<Figure> BeginFigures(const Setting& setting);
std::vector<Figure> BeginMillionFigures(const Setting& setting);
std::vector<Figure> StormFigures(const Setting& setting);
std::vector<Figure> OverloadFigures(const Setting& setting);
std::vector<Figure> SilentSignInFigures(const Setting& setting);
std::vector<Figure> SilentBeginFigures(const Setting& setting);
std::vector<Figure> SilentCodeFigures(const Setting& setting);
std::vector<Figure> PortalPageFigures(const Setting& setting);
std::vector<Figure> PortalSlowFigures(const Setting& setting);
std::vector<Figure> CourierFigures(const Setting& setting);
std::vector<Figure> MemoryFigures(const Setting& setting);
std::vector<Figure> ImportFigures(const Setting& setting);

// Argon2id a second on every core: the service's own function, with work areas kept, in a bare
// loop; and the library's plain call.
double HashesPerSecond(double seconds);
double PlainHashesPerSecond(double seconds);

}  // namespace latchkey::bench
