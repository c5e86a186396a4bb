// SPDX-License-Identifier: Apache-2.0
// latchkey_bench: runs benchmarks by name. deploy/bench builds and calls it.
#include <sodium.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/bench.h"
#include "tests/bench/echo.h"
#include "tests/bench/progress.h"

namespace latchkey::bench {
namespace {

constexpr char kUsage[] =
    "usage: latchkey_bench [NAME...] [--json] [--runs N] [--moment] [--list] --bin DIR --keep "
    "DIR\n";

struct Wishes {
  std::vector<std::string> names;
  bool json = false;
  bool list = false;
  Setting setting;
};

bool Read(const std::vector<std::string>& words, Wishes& wishes) {
  int runs = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const bool more = i + 1 < words.size();
    if (word == "--json") {
      wishes.json = true;
    } else if (word == "--list") {
      wishes.list = true;
    } else if (word == "--moment") {
      wishes.setting.scale = Scale::Moment();
    } else if (word == "--runs" && more) {
      runs = std::atoi(words[++i].c_str());
      if (runs < 1) return false;
    } else if (word == "--bin" && more) {
      wishes.setting.places.bin = std::filesystem::absolute(words[++i]);
    } else if (word == "--keep" && more) {
      wishes.setting.places.kept = std::filesystem::absolute(words[++i]);
    } else if (word.starts_with("-")) {
      return false;
    } else {
      wishes.names.push_back(word);
    }
  }
  if (runs > 0) wishes.setting.scale.runs = runs;
  const Places& places = wishes.setting.places;
  return wishes.list || (!places.bin.empty() && !places.kept.empty());
}

// In the order of the table, whatever the order of the names.
std::vector<Benchmark> Chosen(const std::vector<std::string>& names) {
  if (names.empty()) return Benchmarks();
  std::vector<Benchmark> chosen;
  for (const Benchmark& benchmark : Benchmarks()) {
    for (const std::string& name : names) {
      if (benchmark.name == name) chosen.push_back(benchmark);
    }
  }
  if (chosen.size() != names.size()) Die("there is no such benchmark; --list names them");
  return chosen;
}

int Main(const std::vector<std::string>& words) {
  if (words.size() == 3 && words[0] == "--echo") return ServeEcho(words[1], words[2]);
  Wishes wishes;
  if (!Read(words, wishes)) {
    std::cerr << kUsage;
    return 2;
  }
  if (wishes.list) {
    for (const Benchmark& benchmark : Benchmarks()) {
      std::cout << benchmark.name << "\t" << benchmark.what << "\n";
    }
    return 0;
  }
  bool head = !wishes.json;
  for (const Benchmark& benchmark : Chosen(wishes.names)) {
    const std::vector<Figure> figures = benchmark.run(wishes.setting);
    EndProgress();
    if (std::exchange(head, false)) PrintHead(std::cout);
    for (const Figure& figure : figures) {
      wishes.json ? PrintJson(std::cout, figure) : PrintRow(std::cout, figure);
    }
  }
  return 0;
}

}  // namespace
}  // namespace latchkey::bench

int main(int count, char** words) {
  std::signal(SIGPIPE, SIG_IGN);
  if (sodium_init() < 0) return 1;
  return latchkey::bench::Main(std::vector<std::string>(words + 1, words + count));
}
