// SPDX-License-Identifier: Apache-2.0
// One trial after another of one use case: something fails, the laws are looked at, and the same
// call comes again with everything well.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "services/base/log.h"
#include "tests/crash/sweep/place.h"
#include "tests/crash/sweep/use_cases.h"

namespace latchkey::crash {

namespace fs = std::filesystem;

inline constexpr TimePoint kStart{Millis(1'800'000'000'000)};

inline std::vector<UseCase> AllCases() {
  std::vector<UseCase> all;
  for (auto list : {RecoveryCases, SignInCases, BranchCases, WorkerCases}) {
    for (UseCase& one : list()) all.push_back(std::move(one));
  }
  return all;
}

// Of one use case on one engine.
using Trials = std::tuple<std::string, size_t>;

class Sweep : public ::testing::TestWithParam<Trials> {
 protected:
  Sweep() : use_(AllCases()[std::get<size_t>(GetParam())]), place_(std::get<0>(GetParam())) {
    log::CaptureForTest(&log_);  // what fails here is meant to
    {
      const auto house = place_.Open(kStart);
      house->Furnish();
      use_.prepare(*house, given_);
      prepared_at_ = house->clock.Now() + Millis(1);
    }
    place_.Keep();
    auto house = HouseAsKept();
    stages_.push_back(house->Picture());
    house->faults.Watch([&] { Note(house->Picture()); });
    const auto clean = use_.call(*house, given_);
    house->faults.Watch({});
    expected_ok_ = clean.ok();
    Note(house->Picture());
  }
  ~Sweep() override { log::CaptureForTest(nullptr); }

  // Where things fail.
  virtual testing::Faults& Turnstile(House& house) { return house.faults; }

  // Once and from then on, for every N until the use case does not ask for so much. How many.
  int64_t TryAll(testing::When when) {
    int64_t tried = 0;
    for (const bool from_then_on : {false, true}) {
      for (int64_t n = 1;; ++n, ++tried) {
        SCOPED_TRACE(use_.name + ": operation " + std::to_string(n) +
                     (when == testing::When::kBefore ? " before" : " after") + " its effect" +
                     (from_then_on ? " and all that follow" : ""));
        if (!Try({.when = when, .at = n, .from_then_on = from_then_on})) break;
        if (HasFailure()) return tried;
      }
    }
    return tried;
  }

  void Note(std::string picture) {
    if (picture != stages_.back()) stages_.push_back(std::move(picture));
  }

  // The prepared house, whatever became of it since.
  std::unique_ptr<House> HouseAsKept() {
    place_.BringBack();
    return place_.Open(prepared_at_);
  }

  // One N. False: the use case does not ask for so much.
  bool Try(const testing::Faults::Plan& plan) {
    auto house = HouseAsKept();
    testing::Faults& turnstile = Turnstile(*house);
    turnstile.Arm(plan);
    const int64_t hashes = house->HashesComputed();
    const auto first = use_.call(*house, given_);
    const bool struck = turnstile.struck();
    turnstile.Disarm();
    if (!struck) {
      EXPECT_EQ(first.ok(), expected_ok_);
      return false;
    }
    Trial trial;
    if (first.ok()) {
      trial.first = *first;
    } else {
      trial.refused = first.reason();
    }
    trial.compared = house->HashesComputed() > hashes;
    CheckFirst(*house, trial);
    if (use_.at_once) use_.at_once(*house, given_, trial);
    house->clock.Advance(use_.retry_after);
    const auto second = use_.call(*house, given_);
    if (second.ok()) trial.second = *second;
    CheckSecond(*house, trial);
    if (use_.law) use_.law(*house, given_, trial);
    EXPECT_EQ(house->JournalFault(), "");
    const std::string picture = house->Picture();
    house.reset();
    EXPECT_EQ(place_.Open(prepared_at_)->Picture(), picture) << "not so when it is opened anew";
    return true;
  }

  // All or nothing: what stands is what stands between two commits of a clean run.
  void CheckFirst(House& house, Trial& trial) {
    const std::string picture = house.Picture();
    const auto stage = std::find(stages_.begin(), stages_.end(), picture);
    ASSERT_NE(stage, stages_.end()) << "half done:\n"
                                    << picture << "\nafter all:\n"
                                    << stages_.back();
    trial.stage = stage - stages_.begin();
    const bool promises = use_.repeat != Repeat::kWorker && !InSpool(house);
    if (trial.first && promises) {
      EXPECT_EQ(picture, stages_.back()) << "answered and not done";
    }
  }

  void CheckSecond(House& house, const Trial& trial) {
    switch (use_.repeat) {
      case Repeat::kSameAnswer:
        ASSERT_TRUE(trial.second) << "refused what it must answer again";
        if (trial.first) {
          EXPECT_EQ(*trial.first, *trial.second);
        }
        ExpectDoneOnce(house);
        break;
      case Repeat::kWorker:
        ASSERT_TRUE(trial.second);
        ExpectDoneOnce(house);
        break;
      case Repeat::kOnce:
        EXPECT_FALSE(trial.first && trial.second) << "succeeded twice";
        // Without an answer: it is still good, or its effect stands.
        if (!trial.first && !trial.second) {
          EXPECT_EQ(stages_[static_cast<size_t>(trial.stage)], stages_.back());
        }
        break;
      case Repeat::kAgain:
        EXPECT_TRUE(trial.second);
        break;
      case Repeat::kRefused:
        EXPECT_FALSE(trial.first || trial.second);
        break;
    }
  }

  void ExpectDoneOnce(House& house) {
    while (recovery::DrainSpool(house.parts).value() > 0) {
    }
    EXPECT_EQ(house.Picture(), stages_.back());
  }

  static bool InSpool(const House& house) {
    std::error_code none;
    const auto size = fs::file_size(house.folder / "spool" / "intakes.spool", none);
    return !none && size > 0;
  }

  UseCase use_;
  std::string log_;
  Place place_;
  Given given_;
  TimePoint prepared_at_;
  bool expected_ok_ = false;
  std::vector<std::string> stages_;  // after each commit of a clean run
};

inline std::string NameOf(const ::testing::TestParamInfo<Trials>& at) {
  return AllCases()[std::get<size_t>(at.param)].name + "_" + std::get<0>(at.param);
}

}  // namespace latchkey::crash
