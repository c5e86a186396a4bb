// SPDX-License-Identifier: Apache-2.0
// import: customers a second from a file into a ledger, by the operator's command, against SQLite
// alone inserting the same rows.
#include <chrono>

#include "tests/bench/bench.h"
#include "tests/bench/ledger_file.h"
#include "tests/bench/progress.h"

namespace latchkey::bench {

std::vector<Figure> ImportFigures(const Setting& setting) {
  const Scale& scale = setting.scale;
  Figure figure{.name = "import",
                .unit = "rows/s",
                .limit_is = "SQLite alone inserting the same bytes",
                .target = Target{.ratio = 0.50}};
  for (int run = 0; run < scale.runs; ++run) {
    Progress("import", run, scale.runs);
    Scratch scratch(setting.places.kept);
    const auto bank = scratch.path() / "bank";
    const auto customers = scratch.path() / "customers.csv";
    InitBank(setting.places, bank);
    WriteCustomers(customers, scale.import_rows);
    const auto started = std::chrono::steady_clock::now();
    Operate(setting.places, bank, {"import", customers});
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    const double limit = BareInserts(bank / "data/ledger.db", scratch.path() / "bare.db");
    figure.rounds.push_back({static_cast<double>(scale.import_rows) / took.count(), limit});
  }
  return {figure};
}

}  // namespace latchkey::bench
