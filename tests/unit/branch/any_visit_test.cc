// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string_view>

#include "tests/unit/branch/terminal.h"

namespace latchkey::branch {
namespace {

// Any lines and any answers: no crash, and always something to answer or an end.
TEST(PresenterFuzz, AnyVisitStaysUsable) {
  constexpr std::array<std::string_view, 20> kLines = {"tessa",
                                                       "123456",
                                                       "find 10000001 forgot",
                                                       "find",
                                                       "case",
                                                       "case C-1",
                                                       "inspect passport 4711",
                                                       "inspect",
                                                       "send",
                                                       "send 2",
                                                       "check 12345678",
                                                       "check",
                                                       "token",
                                                       "unlock",
                                                       "lift",
                                                       "note x",
                                                       "waiting",
                                                       "leave",
                                                       "",
                                                       "\x1b[A\xff"};
  for (unsigned seed = 0; seed < 1'000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 dice(seed);
    ManualClock clock;
    client::SystemRandom random;
    Presenter presenter(clock, random);
    Turn turn = presenter.Start();
    for (int i = 0; i < 200 && !turn.finished; ++i) {
      if (!turn.request) {
        const unsigned roll = dice() % 100;
        turn = roll == 0 ? presenter.EndOfInput()
                         : (roll == 1 && presenter.signed_in()
                                ? presenter.IdleEnded()
                                : presenter.Line(std::string(kLines[dice() % kLines.size()])));
        continue;
      }
      if (dice() % 5 == 0) {
        turn = presenter.Answered(
            Refused(static_cast<v1::RefusalReason>(dice() % 15), dice() % 4 == 0));
      } else if (std::holds_alternative<v1::SignInStaffRequest>(*turn.request)) {
        v1::SignInStaffResponse opened;
        opened.set_staff_session("s");
        turn = presenter.Answered(opened);
      } else if (std::holds_alternative<v1::IssueTokenRequest>(*turn.request)) {
        v1::IssueTokenResponse issued;
        issued.set_token("123456789012");
        *issued.mutable_updated() = OpenCase();
        turn = presenter.Answered(issued);
      } else if (std::holds_alternative<v1::ListWaitingRequest>(*turn.request)) {
        turn = presenter.Answered(v1::ListWaitingResponse());
      } else {
        v1::Case one = OpenCase();
        one.set_account_state(static_cast<v1::AccountState>(dice() % 4));
        one.set_document_inspected(dice() % 2 == 0);
        one.set_code_checked(dice() % 2 == 0);
        turn = presenter.Answered(one);
      }
    }
  }
}

}  // namespace
}  // namespace latchkey::branch
