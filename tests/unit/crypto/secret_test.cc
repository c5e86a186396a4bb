// SPDX-License-Identifier: Apache-2.0
// Law 12: secrets stay in. Most of it is what does not compile.
#include "crypto/secret.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <concepts>
#include <memory>
#include <new>
#include <ostream>
#include <type_traits>

namespace latchkey {
namespace {

template <typename T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };

template <typename T>
concept Comparable = requires(const T& a, const T& b) { a == b; };

static_assert(Streamable<std::string>, "the concept itself works");
static_assert(!Streamable<Secret>);
static_assert(!fmt::is_formattable<Secret>::value);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<std::string, Secret>);
static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret>);
static_assert(!Comparable<Secret>, "only Matches compares");

TEST(Secret, IsEmptyAfterAMove) {
  Secret first("hunter2");
  Secret second(std::move(first));
  EXPECT_TRUE(first.empty());  // NOLINT: what a move leaves is the subject
  EXPECT_EQ(second.Reveal(), "hunter2");
  Secret third;
  third = std::move(second);
  EXPECT_TRUE(second.empty());  // NOLINT
  EXPECT_EQ(third.Reveal(), "hunter2");
}

TEST(Secret, WipesWhatItAdopts) {
  std::string source = "hunter2";
  const char* bytes = source.data();
  Secret secret = Secret::Adopt(source);
  EXPECT_EQ(secret.Reveal(), "hunter2");
  EXPECT_TRUE(source.empty());
  EXPECT_EQ(std::string_view(bytes, 7), std::string_view("\0\0\0\0\0\0\0", 7));
}

TEST(Secret, WipesItsBytesWhenItEnds) {
  alignas(Secret) unsigned char storage[sizeof(Secret)] = {};
  auto* secret = new (storage) Secret("hunter2");  // short enough to lie in the object itself
  std::string_view raw(reinterpret_cast<const char*>(storage), sizeof storage);
  ASSERT_NE(raw.find("hunter2"), std::string_view::npos);
  std::destroy_at(secret);
  EXPECT_EQ(raw.find("unter2"), std::string_view::npos);
}

TEST(Secret, MatchesOnlyTheSameBytes) {
  EXPECT_TRUE(Secret("abc").Matches(Secret("abc")));
  EXPECT_FALSE(Secret("abc").Matches(Secret("abd")));
  EXPECT_FALSE(Secret("abc").Matches(Secret("abcd")));
  EXPECT_FALSE(Secret(std::string_view("ab\0", 3)).Matches(Secret("ab")));
  EXPECT_TRUE(SameDigest("", ""));
  EXPECT_FALSE(SameDigest("a", ""));
}

}  // namespace
}  // namespace latchkey
