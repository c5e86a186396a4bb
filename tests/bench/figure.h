// SPDX-License-Identifier: Apache-2.0
// What a benchmark found: rounds of ours and of the limit, and how they are told.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace latchkey::bench {

// Ours and the limit, one after the other on the same machine within seconds.
struct Round {
  double value = 0;
  double limit = 0;
};

struct Target {
  double ratio = 0;
  bool at_least = true;  // else at most
};

struct Figure {
  std::string name;
  std::string unit;
  std::string limit_is;  // in a few words, for people
  std::vector<Round> rounds = {};
  std::optional<Target> target = {};

  // Medians over the rounds; the ratio is the median of the rounds' own ratios.
  double value() const;
  double limit() const;
  double ratio() const;
  double lowest_ratio() const;
  double highest_ratio() const;
  // Without a target nothing is promised, so nothing is broken.
  bool held() const;
};

double Median(std::vector<double> numbers);

// One JSON object on a line.
void PrintJson(std::ostream& out, const Figure& figure);
void PrintHead(std::ostream& out);
void PrintRow(std::ostream& out, const Figure& figure);

}  // namespace latchkey::bench
