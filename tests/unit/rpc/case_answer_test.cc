// SPDX-License-Identifier: Apache-2.0
#include "services/rpc/case_answer.h"

#include <gtest/gtest.h>

namespace latchkey::rpc {
namespace {

// The terminal offers nothing on a case that it is told is closed. Fails without: set_closed
// (seen).
TEST(CaseAnswer, SaysWhetherTheCaseIsClosed) {
  cases::View view;
  v1::Case open, closed;
  FillCase(view, open);
  EXPECT_FALSE(open.closed());
  view.facts.closed_at = FromUnixMillis(1'800'000'000'000);
  FillCase(view, closed);
  EXPECT_TRUE(closed.closed());
}

}  // namespace
}  // namespace latchkey::rpc
