// SPDX-License-Identifier: Apache-2.0
// A line while it is typed: arrows, Home, End, Backspace, Delete, Ctrl-U and Ctrl-W. Remembers no
// earlier line, because some of them are secrets.
#pragma once

#include <cstddef>
#include <string>

namespace latchkey::client {

// Told byte by byte what a terminal without a line mode of its own sends. Sequences of other keys
// are thrown away whole. What is pasted becomes one line, with blanks between its own: a paste must
// not enter commands that nobody has read. No input, no output; one thread.
class LineEditor {
 public:
  LineEditor();
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  // kEnd: Ctrl-D where nothing is typed.
  enum class After { kTyping, kEnter, kEnd };
  After Feed(char c);

  // The line, which is forgotten here.
  std::string Take();
  void Forget();  // what was typed; a paste that is too long goes on being one
  size_t size() const { return before_.size() + after_.size(); }

  // What stands on a row of `width` columns, and how many of them the cursor stands left of its
  // end. A longer line is shown around its cursor.
  struct View {
    std::string text;
    size_t left = 0;
  };
  View Shown(size_t width) const;

 private:
  After Control(char c);
  void Sequence(char final);
  void Left();
  void Right();
  void Home();
  void End();

  std::string before_, after_;  // the cursor
  std::string sequence_;        // of a key, from its escape on
  bool pasting_ = false, blank_due_ = false;
};

}  // namespace latchkey::client
