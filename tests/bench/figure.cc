// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/figure.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace latchkey::bench {
namespace {

double RatioOf(const Round& round) { return round.limit > 0 ? round.value / round.limit : 0; }

std::vector<double> RatiosOf(const Figure& figure) {
  std::vector<double> ratios;
  for (const Round& round : figure.rounds) ratios.push_back(RatioOf(round));
  std::sort(ratios.begin(), ratios.end());
  return ratios;
}

// Four significant digits, never an exponent.
std::string Number(double number) {
  const double size = std::fabs(number);
  const int decimals = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3;
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, number);
  return text;
}

}  // namespace

double Median(std::vector<double> numbers) {
  if (numbers.empty()) return 0;
  std::sort(numbers.begin(), numbers.end());
  const size_t middle = numbers.size() / 2;
  return numbers.size() % 2 == 1 ? numbers[middle] : (numbers[middle - 1] + numbers[middle]) / 2;
}

double Figure::value() const {
  std::vector<double> values;
  for (const Round& round : rounds) values.push_back(round.value);
  return Median(std::move(values));
}

double Figure::limit() const {
  std::vector<double> limits;
  for (const Round& round : rounds) limits.push_back(round.limit);
  return Median(std::move(limits));
}

double Figure::ratio() const { return Median(RatiosOf(*this)); }
double Figure::lowest_ratio() const { return rounds.empty() ? 0 : RatiosOf(*this).front(); }
double Figure::highest_ratio() const { return rounds.empty() ? 0 : RatiosOf(*this).back(); }

bool Figure::held() const {
  if (!target) return true;
  return target->at_least ? ratio() >= target->ratio : ratio() <= target->ratio;
}

void PrintJson(std::ostream& out, const Figure& figure) {
  out << "{\"name\":\"" << figure.name << "\",\"value\":" << Number(figure.value())
      << ",\"unit\":\"" << figure.unit << "\",\"limit\":" << Number(figure.limit())
      << ",\"limit_is\":\"" << figure.limit_is << "\",\"ratio\":" << Number(figure.ratio())
      << ",\"spread\":[" << Number(figure.lowest_ratio()) << "," << Number(figure.highest_ratio())
      << "],\"runs\":" << figure.rounds.size();
  if (figure.target) {
    out << ",\"target\":" << Number(figure.target->ratio) << ",\"target_is\":\""
        << (figure.target->at_least ? "at least" : "at most")
        << "\",\"held\":" << (figure.held() ? "true" : "false");
  }
  out << "}" << std::endl;
}

void PrintHead(std::ostream& out) {
  char line[200];
  std::snprintf(line, sizeof line, "%-22s %10s %-12s %10s %7s  %-15s %-13s %s", "name", "value",
                "unit", "limit", "ratio", "lowest-highest", "target", "limit is");
  out << line << std::endl;
}

void PrintRow(std::ostream& out, const Figure& figure) {
  const std::string spread = Number(figure.lowest_ratio()) + "-" + Number(figure.highest_ratio());
  std::string target = "-";
  if (figure.target) {
    target = std::string(figure.target->at_least ? ">= " : "<= ") + Number(figure.target->ratio) +
             (figure.held() ? " yes" : " NO");
  }
  char line[300];
  std::snprintf(line, sizeof line, "%-22s %10s %-12s %10s %7s  %-15s %-13s %s", figure.name.c_str(),
                Number(figure.value()).c_str(), figure.unit.c_str(), Number(figure.limit()).c_str(),
                Number(figure.ratio()).c_str(), spread.c_str(), target.c_str(),
                figure.limit_is.c_str());
  out << line << std::endl;
}

}  // namespace latchkey::bench
