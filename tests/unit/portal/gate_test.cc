// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/http/gate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace latchkey::portal {
namespace {

struct Crowd {
  explicit Crowd(size_t seats, size_t per_source) : gate(seats, per_source) {}
  std::optional<Gate::Seat> Enter(const std::string& name, const std::string& source) {
    return gate.Enter(source, [this, name] { left.push_back(name); });
  }
  Gate gate;
  std::vector<std::string> left;
};

TEST(Gate, GivesTheSeatOfWhoWaitsLongestToANewcomer) {
  Crowd crowd(2, 10);
  crowd.Enter("first", "a");
  crowd.Enter("second", "b");
  EXPECT_TRUE(crowd.Enter("third", "c"));
  EXPECT_EQ(crowd.left, std::vector<std::string>{"first"});
  EXPECT_EQ(crowd.gate.taken(), 2u);
}

TEST(Gate, NeverCutsOffARequestThatHasArrived) {
  Crowd crowd(2, 10);
  const auto first = crowd.Enter("first", "a");
  const auto second = crowd.Enter("second", "b");
  crowd.gate.Work(*first);
  EXPECT_TRUE(crowd.Enter("third", "c"));
  EXPECT_EQ(crowd.left, std::vector<std::string>{"second"});
  crowd.gate.Work(*second);  // gone already: nothing happens
  crowd.gate.Leave(*second);
  EXPECT_EQ(crowd.gate.taken(), 2u);
}

TEST(Gate, RefusesWhenAllAreAtWork) {
  Crowd crowd(1, 10);
  crowd.gate.Work(*crowd.Enter("first", "a"));
  EXPECT_FALSE(crowd.Enter("second", "b"));
}

TEST(Gate, BoundsOneSourceAndFreesItsSeats) {
  Crowd crowd(10, 2);
  const auto first = crowd.Enter("first", "a");
  crowd.Enter("second", "a");
  EXPECT_FALSE(crowd.Enter("third", "a"));
  EXPECT_TRUE(crowd.Enter("other", "b"));
  crowd.gate.Leave(*first);
  EXPECT_TRUE(crowd.Enter("third", "a"));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(crowd.Enter("proxied", ""));
}

TEST(Gate, LetsTenThousandIdleOnesCostACustomerNothing) {
  Crowd crowd(100, 1000000);
  for (int i = 0; i < 10000; ++i) crowd.Enter("idle", "attacker");
  const auto customer = crowd.Enter("customer", "home");
  ASSERT_TRUE(customer);
  crowd.gate.Work(*customer);
  for (int i = 0; i < 10000; ++i) crowd.Enter("idle", "attacker");
  EXPECT_EQ(std::count(crowd.left.begin(), crowd.left.end(), "customer"), 0);
  EXPECT_EQ(crowd.gate.taken(), 100u);
}

TEST(Gate, ClosesWhoWaitsWhenTheServerStops) {
  Crowd crowd(10, 10);
  crowd.gate.Work(*crowd.Enter("working", "a"));
  crowd.Enter("waiting", "a");
  crowd.gate.CloseWaiting();
  EXPECT_EQ(crowd.left, std::vector<std::string>{"waiting"});
  EXPECT_EQ(crowd.gate.taken(), 1u);
}

}  // namespace
}  // namespace latchkey::portal
