// SPDX-License-Identifier: Apache-2.0
#include "tests/attacks/post.h"

#include <cctype>
#include <sstream>
#include <utility>

#include "crypto/token.h"
#include "services/base/check.h"

namespace latchkey::attacks {
namespace {

// "RCPT TO:<anna@example.org>" gives the address.
std::string AddressIn(const std::string& line) {
  const size_t open = line.find('<'), close = line.find('>');
  return open == std::string::npos || close == std::string::npos
             ? line
             : line.substr(open + 1, close - open - 1);
}

void ReadEnvelope(const std::string& heard, Letter& letter) {
  std::istringstream lines(heard);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("MAIL FROM")) letter.from = AddressIn(line);
    if (line.starts_with("RCPT TO")) letter.recipients.push_back(AddressIn(line));
  }
}

}  // namespace

std::string Letter::subject() const { return courier::FromEncodedWords(read["Subject"]); }

std::string Letter::TokenAt(std::string_view path) const {
  const std::string mark = std::string(path) + "#t=";
  const size_t at = read.text.find(mark);
  if (at == std::string::npos) return {};
  const size_t begin = at + mark.size();
  size_t end = begin;
  while (end < read.text.size() && (std::isalnum(static_cast<unsigned char>(read.text[end])) != 0 ||
                                    read.text[end] == '-' || read.text[end] == '_'))
    ++end;
  return read.text.substr(begin, end - begin);
}

std::string Letter::code() const {
  for (const std::string& line : courier::LinesIn(read.text, "\n")) {
    if (line.size() != 13 || !line.starts_with("    ") || line[8] != ' ') continue;
    std::string digits = line.substr(4, 4) + line.substr(9, 4);
    if (crypto::IsCode(digits, crypto::kCodeDigits)) return digits;
  }
  return {};
}

bool Letter::WarnsOfGuesses() const { return subject().starts_with("Wrong passwords were tried"); }

std::string Letter::Day() const {
  for (const std::string& line : courier::LinesIn(read.text, "\n")) {
    if (!line.starts_with("When:")) continue;
    const size_t begin = line.find_first_not_of(' ', 5);
    return line.substr(begin, line.find(',') - begin);
  }
  return {};
}

Post::Post(std::filesystem::path folder, std::vector<std::string> modes)
    : folder_(std::move(folder)), relay_(courier::Relay::Hostile(folder_, std::move(modes))) {}

std::vector<Letter> Post::Take(Canaries& canaries) {
  std::vector<Letter> letters;
  for (; std::filesystem::exists(folder_ / (std::to_string(taken_ + 1) + ".heard")); ++taken_) {
    const std::string number = std::to_string(taken_ + 1);
    if (!std::filesystem::exists(folder_ / (number + ".mail"))) continue;  // it was not taken
    Letter letter;
    ReadEnvelope(courier::ReadAll(folder_ / (number + ".heard")), letter);
    letter.data = courier::ReadAll(folder_ / (number + ".mail"));
    letter.read = courier::ReadMailText(letter.data);
    const std::string party = "mail to " + letter.to();
    for (const std::string& token : {letter.link(), letter.stop_link()}) {
      if (const auto bytes = crypto::FromBase64Url(token); bytes && !bytes->empty())
        canaries.Plant("a link's token", *bytes, party);
    }
    canaries.Plant("a code", letter.code(), party);
    canaries.Hear(party, letter.data + letter.read.text + letter.read.html);
    letters.push_back(std::move(letter));
  }
  return letters;
}

}  // namespace latchkey::attacks
