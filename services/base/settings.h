// SPDX-License-Identifier: Apache-2.0
// A strict reader for TOML files: every key is asked for, every other key is a mistake.
//
// A program reads its file once at the start. Mistakes are gathered, so that one run names them
// all, each as "file:line: what is wrong; what to do". Parsing is toml++, which no header of ours
// includes.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/base/clock.h"
#include "services/base/result.h"

namespace latchkey {

enum class Need { kOptional, kRequired };

// One table of the file. Each Read takes the key's value if it is there and fits; otherwise `value`
// keeps its default and the mistake is gathered. Lives as long as its Settings; one thread.
class Section {
 public:
  void Read(std::string_view key, std::string& value, Need need = Need::kOptional);
  void Read(std::string_view key, bool& value);
  void Read(std::string_view key, std::vector<std::string>& value, Need need = Need::kOptional);
  // A relative path means: from the folder of the file.
  void Read(std::string_view key, std::filesystem::path& value, Need need = Need::kOptional);

  template <std::integral T>
    requires(!std::same_as<T, bool>)
  void Read(std::string_view key, T& value, std::type_identity_t<T> least,
            std::type_identity_t<T> most) {
    if (auto number = ReadNumber(key, static_cast<int64_t>(least), static_cast<int64_t>(most))) {
      value = static_cast<T>(*number);
    }
  }
  // A time in the unit of the bounds, which must also be the end of the key's name: "idle_minutes",
  // 1min, 60min.
  template <typename Rep, typename Period>
  void Read(std::string_view key, Millis& value, std::chrono::duration<Rep, Period> least,
            std::chrono::duration<Rep, Period> most) {
    if (auto number = ReadNumber(key, least.count(), most.count())) {
      value = std::chrono::duration<Rep, Period>(*number);
    }
  }
  template <typename Enum>
  void Choose(std::string_view key, Enum& value,
              std::initializer_list<std::pair<std::string_view, Enum>> choices) {
    std::vector<std::string_view> names;
    for (const auto& choice : choices) names.push_back(choice.first);
    if (auto index = ReadChoice(key, names)) value = (choices.begin() + *index)->second;
  }

  bool Has(std::string_view key) const;
  // A table inside this one; an absent table reads as an empty one.
  Section In(std::string_view key);
  // The tables of an array, [[key]].
  std::vector<Section> Each(std::string_view key);
  // A value that is well-formed and yet impossible. `advice` says what to do.
  void Refuse(std::string_view key, std::string_view advice);

 private:
  friend class Settings;
  struct State;
  Section(std::shared_ptr<State> state, const void* table, std::string name, unsigned line)
      : state_(std::move(state)), table_(table), name_(std::move(name)), line_(line) {}
  std::optional<int64_t> ReadNumber(std::string_view key, int64_t least, int64_t most);
  std::optional<size_t> ReadChoice(std::string_view key,
                                   const std::vector<std::string_view>& names);
  const void* Take(std::string_view key, Need need);

  std::shared_ptr<State> state_;
  const void* table_;  // a toml::table, or nullptr when it is absent
  std::string name_;   // "tls"; empty for the root
  unsigned line_;
};

// The whole file.
class Settings {
 public:
  // kUnavailable when the file cannot be read, kMalformed when it is no TOML. `example`: the file
  // that shows every key, for whoever wrote one that there is not.
  static Result<Settings> Load(const std::filesystem::path& path, std::string_view example);
  Section& root() { return root_; }
  // kMalformed with every mistake, unknown keys among them, one on a line in the file's order. Call
  // it last.
  Done Finish();

 private:
  Settings(std::shared_ptr<Section::State> state, Section root)
      : state_(std::move(state)), root_(std::move(root)) {}
  std::shared_ptr<Section::State> state_;
  Section root_;
};

}  // namespace latchkey
