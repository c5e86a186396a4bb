// SPDX-License-Identifier: Apache-2.0
#include "clients/common/line_editor.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "clients/common/typed.h"

namespace latchkey::client {
namespace {

std::string Typed(std::string_view keys) {
  LineEditor editor;
  for (char c : keys) editor.Feed(c);
  return editor.Take();
}

TEST(LineEditor, MendsALineWhereTheCursorStands) {
  EXPECT_EQ(Typed("find 1000"), "find 1000");
  EXPECT_EQ(Typed("fnd\x1b[D\x1b[Di"), "find");
  EXPECT_EQ(Typed("ab\x1b[D\x1b[C\x1b[C"
                  "c"),
            "abc")
      << "no further than the end";
  EXPECT_EQ(Typed("ab\x7f\x7f\x7f"
                  "c"),
            "c");
  EXPECT_EQ(Typed("ab\x1b[Hx\x1b[Fy"), "xaby");
  EXPECT_EQ(Typed("ab\x1bOHx\x1bOFy"), "xaby");
  EXPECT_EQ(Typed("ab\x1b[1~\x1b[3~"), "b");
  EXPECT_EQ(Typed("find 1\x15"
                  "case"),
            "case");
  EXPECT_EQ(Typed("find  1 \x17"
                  "2"),
            "find  2");
}

// Seen to fail with bytes in place of characters.
TEST(LineEditor, KeepsCharactersWhole) {
  EXPECT_EQ(Typed("Grü\x7f"
                  "o"),
            "Gro");
  EXPECT_EQ(Typed("ü\x1b[Da"), "aü");
  EXPECT_EQ(Typed("你好\x1b[D\x1b[3~"), "你");
}

TEST(LineEditor, ThrowsAwayTheSequencesOfOtherKeys) {
  EXPECT_EQ(Typed("a\x1b[A\x1b[B\x1b[15~\x1b[1;5P\x07"
                  "b"),
            "ab");
}

// Seen to fail before: the key after it was swallowed, and so was one in the midst of another.
TEST(LineEditor, TakesALoneEscapeForNothing) {
  EXPECT_EQ(Typed("\x1b"
                  "fi\x1b\x1bnd\x1b[\x1b[Dn"),
            "finnd");
}

// Seen to fail before: the first of the lines was entered at once.
TEST(LineEditor, TakesWhatIsPastedForOneLine) {
  LineEditor editor;
  for (char c : std::string_view("\x1b[200~note one\r\nunlock\n\x1b[201~"))
    EXPECT_EQ(editor.Feed(c), LineEditor::After::kTyping);
  EXPECT_EQ(editor.Feed('\r'), LineEditor::After::kEnter);
  EXPECT_EQ(editor.Take(), "note one unlock");
  // One that is too long is thrown away, and enters nothing either. Seen to fail with the paste
  // forgotten beside the text.
  for (char c : std::string_view("\x1b[200~much")) editor.Feed(c);
  editor.Forget();
  EXPECT_EQ(editor.Feed('\n'), LineEditor::After::kTyping);
  for (char c : std::string_view("unlock\x1b[201~")) editor.Feed(c);
  EXPECT_EQ(editor.Feed('\n'), LineEditor::After::kEnter);
}

TEST(LineEditor, EndsAtAnEmptyLineOnlyAndTakesEnterInTheMidstOfAKey) {
  LineEditor editor;
  EXPECT_EQ(editor.Feed('\x04'), LineEditor::After::kEnd);
  editor.Feed('a');
  EXPECT_EQ(editor.Feed('\x04'), LineEditor::After::kTyping);
  editor.Feed('\x1b');
  EXPECT_EQ(editor.Feed('\n'), LineEditor::After::kEnter);
  EXPECT_EQ(editor.Take(), "a");
  editor.Feed('b');
  EXPECT_EQ(editor.Take(), "b");
}

TEST(LineEditor, ShowsALongLineAroundItsCursor) {
  LineEditor editor;
  for (char c : std::string_view("0123456789")) editor.Feed(c);
  EXPECT_EQ(editor.Shown(20).text, "0123456789");
  EXPECT_EQ(editor.Shown(5).text, "6789");
  EXPECT_EQ(editor.Shown(5).left, 0u);
  editor.Feed('\x01');
  EXPECT_EQ(editor.Shown(5).text, "01234");
  EXPECT_EQ(editor.Shown(5).left, 5u);
}

// Any bytes: the cursor stays on the row, and nothing that moves it is shown (attack I06).
TEST(LineEditor, StandsAnyBytes) {
  std::mt19937 dice(7);
  constexpr std::string_view kMuch = "ab\x1b[DCHF~13;\x7f\x15\x17\x04\x01\x05\xC3\xBC\xE2\xFF";
  LineEditor editor;
  for (int i = 0; i < 20'000; ++i) {
    editor.Feed(dice() % 2 == 0 ? kMuch[dice() % kMuch.size()] : static_cast<char>(dice() % 256));
    const size_t width = 8 + dice() % 20;
    const auto view = editor.Shown(width);
    ASSERT_LE(view.left, width);
    ASSERT_EQ(view.text.find('\x1b'), std::string::npos);
    if (editor.size() > 100) editor.Forget();
  }
}

}  // namespace
}  // namespace latchkey::client
