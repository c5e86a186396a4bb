// SPDX-License-Identifier: Apache-2.0
#include "tests/attacks/canaries.h"

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "crypto/token.h"

namespace latchkey::attacks {
namespace {

constexpr size_t kShortest = 8;

std::string Hex(std::string_view bytes, const char* digits, std::string_view before = {}) {
  std::string text;
  for (const char c : bytes) {
    text += before;
    text += digits[static_cast<unsigned char>(c) >> 4];
    text += digits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

// The characters of base64url that depend on `bytes` alone, when `shift` other bytes stand before
// them.
std::string Base64Core(std::string_view bytes, size_t shift) {
  const std::string text = crypto::ToBase64Url(std::string(shift, '\0') + std::string(bytes));
  const size_t begin = (shift * 8 + 5) / 6;
  const size_t end = (shift + bytes.size()) * 8 / 6;
  return end > begin ? text.substr(begin, end - begin) : std::string();
}

std::string InStandardAlphabet(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  return text;
}

uint64_t HeadOf(const char* text) {
  uint64_t head = 0;
  std::memcpy(&head, text, sizeof head);
  return head;
}

}  // namespace

std::vector<std::string> Canaries::FormsOf(std::string_view bytes) {
  std::set<std::string> forms = {
      std::string(bytes), Hex(bytes, "0123456789abcdef"), Hex(bytes, "0123456789ABCDEF"),
      Hex(bytes, "0123456789abcdef", "%"), Hex(bytes, "0123456789ABCDEF", "%")};
  std::string form_text;  // as a form writes it: only what must be escaped
  for (const char c : bytes) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    form_text += plain ? std::string(1, c) : c == ' ' ? "+" : Hex({&c, 1}, "0123456789ABCDEF", "%");
  }
  forms.insert(form_text);
  for (size_t shift = 0; shift < 3; ++shift) {
    const std::string core = Base64Core(bytes, shift);
    forms.insert(core);
    forms.insert(InStandardAlphabet(core));
  }
  std::vector<std::string> long_enough;
  for (const std::string& form : forms) {
    if (form.size() >= kShortest) long_enough.push_back(form);
  }
  return long_enough;
}

void Canaries::Plant(std::string_view name, std::string_view bytes, std::string_view party) {
  // What is all zeros or all nines appears by chance.
  if (bytes.size() < kShortest || std::set<char>(bytes.begin(), bytes.end()).size() < 3) return;
  std::lock_guard lock(mutex_);
  Canary& canary = canaries_[std::string(bytes)];
  if (canary.name.empty()) canary.name = name;
  canary.parties.insert(std::string(party));
}

void Canaries::PlantPassword(std::string_view password) {
  if (password.size() < kShortest) return;
  std::lock_guard lock(mutex_);
  canaries_[std::string(password)] = {
      .name = "the password \"" + std::string(password.substr(0, 40)) + "\"",
      .is_password = true,
      .parties = {}};
}

void Canaries::Hear(std::string_view party, std::string_view bytes) {
  std::lock_guard lock(mutex_);
  std::string& heard = heard_[std::string(party)];
  heard += bytes;
  heard += '\n';
}

// One pass over the text: what begins like a canary is compared with it.
std::vector<std::string> Canaries::Find(std::string_view where, std::string_view text,
                                        std::string_view party) const {
  std::unordered_map<uint64_t, std::vector<std::pair<std::string, const Canary*>>> by_head;
  for (const auto& [bytes, canary] : canaries_) {
    if (!party.empty() && !canary.is_password && canary.parties.contains(party)) continue;
    for (std::string& form : FormsOf(bytes))
      by_head[HeadOf(form.data())].emplace_back(std::move(form), &canary);
  }
  std::set<std::string> found;
  for (size_t at = 0; at + kShortest <= text.size(); ++at) {
    const auto candidates = by_head.find(HeadOf(text.data() + at));
    if (candidates == by_head.end()) continue;
    for (const auto& [form, canary] : candidates->second) {
      if (text.substr(at).starts_with(form))
        found.insert(canary->name + " stands in " + std::string(where) + " as " + form);
    }
  }
  return {found.begin(), found.end()};
}

std::vector<std::string> Canaries::InAnswers() const {
  std::lock_guard lock(mutex_);
  std::vector<std::string> all;
  for (const auto& [party, heard] : heard_) {
    for (std::string& line : Find("what " + party + " was answered", heard, party))
      all.push_back(std::move(line));
  }
  return all;
}

std::vector<std::string> Canaries::In(std::string_view where, std::string_view text) const {
  std::lock_guard lock(mutex_);
  return Find(where, text, {});
}

std::vector<std::string> Canaries::InFiles(const std::filesystem::path& folder) const {
  std::vector<std::string> all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    for (std::string& line : In(entry.path().filename().string(), text))
      all.push_back(std::move(line));
  }
  return all;
}

}  // namespace latchkey::attacks
