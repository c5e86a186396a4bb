// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/migrate.h"

#include <unicode/utf8.h>

#include <cctype>

#include "services/ledger/schema/schema.h"

namespace latchkey::ledger {
namespace {

std::string_view WithoutComment(std::string_view line) {
  line = line.substr(0, line.find("--"));  // no literal of a migration holds "--"
  size_t end = line.find_last_not_of(" \t\r");
  return end == std::string_view::npos ? std::string_view() : line.substr(0, end + 1);
}

bool IsWordByte(char byte) {
  return std::isalnum(static_cast<unsigned char>(byte)) != 0 || byte == '_';
}

}  // namespace

std::vector<std::string> SplitStatements(std::string_view migration) {
  std::vector<std::string> statements;
  std::string statement;
  while (!migration.empty()) {
    size_t end = migration.find('\n');
    std::string_view line = WithoutComment(migration.substr(0, end));
    migration = end == std::string_view::npos ? std::string_view() : migration.substr(end + 1);
    if (line.empty()) continue;
    bool last = line.back() == ';';
    statement += last ? line.substr(0, line.size() - 1) : line;
    if (last) {
      statements.push_back(std::move(statement));
      statement.clear();
    } else {
      statement += '\n';
    }
  }
  if (!statement.empty()) statements.push_back(std::move(statement));
  return statements;
}

std::string ReplaceWord(std::string statement, std::string_view word, std::string_view by) {
  size_t at = 0;
  while ((at = statement.find(word, at)) != std::string::npos) {
    size_t end = at + word.size();
    bool whole = (at == 0 || !IsWordByte(statement[at - 1])) &&
                 (end == statement.size() || !IsWordByte(statement[end]));
    if (whole) statement.replace(at, word.size(), by);
    at += whole ? by.size() : word.size();
  }
  return statement;
}

Done CheckSchemaVersion(int64_t version) {
  int64_t known = Migrations().back().version;
  if (version <= known) return {};
  return Fail(Reason::kInternal, "the database's schema is version " + std::to_string(version) +
                                     ", this program knows " + std::to_string(known) +
                                     ": run the newer program");
}

Failure NotAsMigrated(const std::string& engines_words) {
  return Fail(Reason::kInternal,
              "the ledger is not as latchkey migrate made it, somebody changed its tables: put its "
              "last copy back (" +
                  engines_words + ")");
}

bool IsStorableText(std::string_view text) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  for (size_t at = 0; at < text.size();) {
    UChar32 point = 0;
    U8_NEXT(bytes, at, text.size(), point);
    if (point <= 0) return false;
  }
  return true;
}

}  // namespace latchkey::ledger
