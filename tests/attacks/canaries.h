// SPDX-License-Identifier: Apache-2.0
// Every secret that a test makes is a canary: at the end no file, no log line and no answer to
// somebody else may hold it, in any of the forms in which bytes get written down.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::attacks {

// Threads: any.
class Canaries {
 public:
  // A secret of at least 8 bytes, three of them different (others appear by chance), and who has it
  // rightly. Planting it again adds `party` to those.
  void Plant(std::string_view name, std::string_view bytes, std::string_view party);
  // A password: no answer to anybody may hold it, not even to whoever typed it.
  void PlantPassword(std::string_view password);
  // `party` was sent these bytes.
  void Hear(std::string_view party, std::string_view bytes);

  // All that was planted and heard.
  void Forget() {
    const std::lock_guard<std::mutex> lock(mutex_);
    canaries_.clear();
    heard_.clear();
  }

  // What was found where it must not be, one line each: in answers…
  std::vector<std::string> InAnswers() const;
  // …in text that nobody may find a secret in…
  std::vector<std::string> In(std::string_view where, std::string_view text) const;
  // …and in every file below a folder.
  std::vector<std::string> InFiles(const std::filesystem::path& folder) const;
  // The same for one text, whatever was planted: for tests of the scan itself.
  static std::vector<std::string> FormsOf(std::string_view bytes);

 private:
  struct Canary {
    std::string name;
    bool is_password = false;
    std::set<std::string, std::less<>> parties;
  };
  std::vector<std::string> Find(std::string_view where, std::string_view text,
                                std::string_view party) const;

  mutable std::mutex mutex_;
  std::map<std::string, Canary, std::less<>> canaries_;    // by bytes
  std::map<std::string, std::string, std::less<>> heard_;  // by party
};

}  // namespace latchkey::attacks
