// SPDX-License-Identifier: Apache-2.0
#include "services/proof/blocklist.h"

#include <ostream>

#include "services/operator/commands.h"
#include "services/operator/folder.h"

namespace latchkey::operate {

Exit BuildBlocklist(Terminal& terminal, const BlocklistOptions& options) {
  if (options.words.empty() && options.sha1_ranges.empty()) {
    return Refuse(terminal,
                  Malformed("words", "name at least one file by --words or --sha1-ranges"));
  }
  if (Done fresh = CheckNew("--out", options.out); !fresh.ok())
    return Refuse(terminal, fresh.failure());
  Progress progress(terminal, "building", "bytes");
  auto report =
      proof::BuildBlocklist(options.out, {.words = options.words, .ranges = options.sha1_ranges},
                            [&](uint64_t done, uint64_t all) { progress.Show(done, all, done); });
  progress.Clear();
  if (!report.ok()) return Refuse(terminal, report.failure());
  if (report->entries == 0) {
    std::error_code left_behind;
    std::filesystem::remove(options.out, left_behind);
    return Refuse(terminal, Malformed("words",
                                      "there is no password in what was named; name a file that "
                                      "has one on each line. Nothing was made"));
  }
  terminal.out << options.out.string() << ": " << Grouped(report->entries) << " passwords from "
               << Grouped(report->lines) << " lines\n";
  if (report->rejected == 0) return Exit::kDone;
  terminal.notes << "latchkey: " << Grouped(report->rejected)
                 << " lines are no SHA-1, the first is " << report->first_rejected
                 << "; the rest is in the file\n";
  return Exit::kFoundFaults;
}

}  // namespace latchkey::operate
