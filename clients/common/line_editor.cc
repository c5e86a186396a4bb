// SPDX-License-Identifier: Apache-2.0
#include "clients/common/line_editor.h"

#include <sodium.h>

#include <algorithm>
#include <utility>

#include "clients/common/typed.h"

namespace latchkey::client {
namespace {

constexpr size_t kRoom = 8192;  // so that growing leaves no copy of a secret behind
constexpr size_t kLongestSequence = 32;
constexpr char kEscape = '\x1b';

bool GoesOn(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }  // in UTF-8

size_t LastCharacter(const std::string& text) {
  size_t at = text.size();
  while (at > 0 && GoesOn(text[--at])) {
  }
  return at;
}

// Where the character with this number begins.
size_t CharacterAt(const std::string& text, size_t number) {
  size_t at = 0;
  for (; at < text.size(); ++at) {
    if (!GoesOn(text[at]) && number-- == 0) break;
  }
  return at;
}

void Wipe(std::string& text) {
  text.resize(text.capacity());
  sodium_memzero(text.data(), text.size());
  text.clear();
}

}  // namespace

LineEditor::LineEditor() {
  before_.reserve(kRoom);
  after_.reserve(kRoom);
}

LineEditor::~LineEditor() { Forget(); }

void LineEditor::Forget() {
  Wipe(before_);
  Wipe(after_);
}

std::string LineEditor::Take() {
  std::string line = before_ + after_;
  Forget();
  sequence_.clear();
  return line;
}

LineEditor::After LineEditor::Feed(char c) {
  if (c == '\n' || c == '\r') {
    if (!pasting_) return After::kEnter;
    blank_due_ = true;
    return After::kTyping;
  }
  const bool opens = sequence_.size() == 1 && (c == '[' || c == 'O');
  // A lone Escape is no key, and the one after it is.
  if (c == kEscape || (sequence_.size() == 1 && !opens)) sequence_.clear();
  if (!sequence_.empty()) {
    sequence_.push_back(c);
    const bool is_final = !opens && c >= '@' && c <= '~';
    if (is_final || sequence_.size() > kLongestSequence) Sequence(c);
    return After::kTyping;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x20 || byte == 0x7F) return Control(c);
  if (std::exchange(blank_due_, false)) before_.push_back(' ');
  before_.push_back(c);
  return After::kTyping;
}

LineEditor::After LineEditor::Control(char c) {
  switch (c) {
    case kEscape:
      sequence_ = c;
      break;
    case '\t':
      before_.push_back(' ');
      break;
    case 0x04:  // Ctrl-D
      if (size() == 0) return After::kEnd;
      after_.erase(0, CharacterAt(after_, 1));
      break;
    case 0x08:
    case 0x7F:
      before_.erase(LastCharacter(before_));
      break;
    case 0x15:  // Ctrl-U
      before_.clear();
      break;
    case 0x17:  // Ctrl-W
      while (before_.ends_with(' ')) before_.pop_back();
      while (!before_.empty() && !before_.ends_with(' ')) before_.pop_back();
      break;
    case 0x01:  // Ctrl-A
      Home();
      break;
    case 0x05:  // Ctrl-E
      End();
      break;
    default:
      break;
  }
  return After::kTyping;
}

void LineEditor::Sequence(char final) {
  const std::string number = sequence_.substr(2);
  sequence_.clear();
  if (final == 'D') Left();
  if (final == 'C') Right();
  if (final == 'H' || number == "1~" || number == "7~") Home();
  if (final == 'F' || number == "4~" || number == "8~") End();
  if (number == "200~" || number == "201~") {
    pasting_ = number == "200~";
    blank_due_ = false;
  }
  if (number == "3~") after_.erase(0, CharacterAt(after_, 1));
}

void LineEditor::Left() {
  const size_t at = LastCharacter(before_);
  after_.insert(0, before_, at);
  before_.erase(at);
}

void LineEditor::Right() {
  const size_t end = CharacterAt(after_, 1);
  before_.append(after_, 0, end);
  after_.erase(0, end);
}

void LineEditor::Home() {
  after_.insert(0, before_);
  before_.clear();
}

void LineEditor::End() {
  before_.append(after_);
  after_.clear();
}

LineEditor::View LineEditor::Shown(size_t width) const {
  const size_t cursor = Columns(before_);
  const size_t hidden = cursor < width ? 0 : cursor + 1 - width;
  std::string text = before_.substr(CharacterAt(before_, hidden)) + after_;
  text.resize(CharacterAt(text, width));
  const size_t left = Columns(text) - (cursor - hidden);
  return {Printable(text), left};
}

}  // namespace latchkey::client
