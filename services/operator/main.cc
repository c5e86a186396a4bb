// SPDX-License-Identifier: Apache-2.0
// `latchkey`: reads the arguments and runs one command.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>

#include "crypto/random.h"
#include "services/base/private_memory.h"
#include "services/base/version.h"
#include "services/operator/commands.h"

namespace {

using namespace latchkey::operate;  // NOLINT: one program, one room
using latchkey::SystemClock;

// Every command sets `run`; the last one parsed is the one that was asked for.
struct Commands {
  std::string config = "/etc/latchkey/latchkey.toml";
  std::function<Exit(Terminal&)> run;

  InitOptions init;
  CertificateOptions certificate;
  ImportOptions import;
  StaffAddOptions staff;
  StaffRenewOptions renewal;
  BlocklistOptions blocklist;
  DoctorOptions doctor;
  RestoredOptions restored;
  bool file_is_lost = false;
  std::string login;
  std::string use;
  int version = 0;
};

void AddInit(CLI::App& app, Commands& all) {
  auto* init = app.add_subcommand(
      "init", "Make a bank's folder: authority, certificates, keys, configuration");
  init->add_option("--dir", all.init.dir, "the folder; it must not exist or be empty")->required();
  init->add_option("--bank", all.init.bank, "the bank's domain, such as bank.example")->required();
  init->add_option("--name", all.init.display_name, "the bank's name as customers know it");
  init->add_option("--portal-url", all.init.portal_url, "where customers reach the portal")
      ->required();
  init->add_option("--phone", all.init.phone, "the call centre's number, as it is printed")
      ->required();
  init->add_option("--phone-hours", all.init.phone_hours,
                   "when calls are answered, such as \"Monday to Friday, 8:00 to 20:00\"");
  init->add_option(
      "--branch", all.init.branch,
      "a sentence for the help page: where branches are, when they are open (no name of one: "
      "see --terminal)");
  init->add_option("--privacy-contact", all.init.privacy_contact,
                   "who answers questions on personal data");
  init->add_option("--time-zone", all.init.time_zone,
                   "in which pages and messages tell times, such as Europe/Berlin")
      ->capture_default_str();
  init->add_option("--from", all.init.from_address, "the address that messages come from");
  init->add_option("--listen", all.init.listen, "the service's HOST:PORT")->capture_default_str();
  init->add_option("--portal-listen", all.init.portal_listen, "the portal's HOST:PORT")
      ->capture_default_str();
  init->add_option("--metrics", all.init.metrics, "Prometheus' HOST:PORT")->capture_default_str();
  init->add_option("--relay", all.init.relay, "the mail relay's HOST:PORT")->capture_default_str();
  init->add_option("--relay-authority", all.init.relay_authority,
                   "who signed the relay's certificate, if no public authority");
  init->add_flag("--relay-own-authority", all.init.relay_is_own,
                 "the relay's certificate comes from this bank's authority");
  init->add_option("--relay-credentials", all.init.relay_credentials,
                   "file: first line user, second line password");
  init->add_option("--service-name", all.init.service_names,
                   "a DNS name of the service; may be repeated");
  init->add_option(
          "--terminal", all.init.terminals,
          "a teller's terminal, BRANCH/TERMINAL, such as main/terminal-1: staff add --branch main; "
          "may be repeated")
      ->capture_default_str();
  init->add_option("--language", all.init.languages,
                   "a language of the bank, the default first; may be repeated")
      ->capture_default_str();
  init->add_option("--postgres", all.init.postgres,
                   "libpq's words for the ledger, instead of SQLite");
  init->add_option("--redis-socket", all.init.redis_socket,
                   "Redis for the hot state, instead of SQLite");
  init->callback([&] { all.run = [&](Terminal& t) { return Init(t, all.init); }; });
}

void AddCertificate(CLI::App& app, Commands& all) {
  auto* one =
      app.add_subcommand("certificate", "Issue one more certificate of the bank's authority");
  one->add_option("--authority", all.certificate.authority,
                  "folder with authority.crt and authority.key")
      ->required();
  one->add_option(
      "--role", all.certificate.role,
      "portal, ivr, operator, service or branch/BRANCH/TERMINAL; without: a plain server");
  one->add_option("--bank", all.certificate.bank,
                  "the bank's domain where the configuration is not at hand; else it must agree");
  one->add_option("--dns", all.certificate.dns_names, "a DNS name; may be repeated");
  one->add_option("--days", all.certificate.days, "how long it is good")
      ->check(CLI::Range(1, 825))
      ->capture_default_str();
  one->add_option("--out", all.certificate.out, "writes OUT.crt and OUT.key")->required();
  one->callback([&] {
    all.run = [&](Terminal& t) {
      all.certificate.config = all.config;
      return IssueCertificate(t, all.certificate);
    };
  });
}

void AddLedger(CLI::App& app, Commands& all) {
  auto* migrate = app.add_subcommand(
      "migrate", "Bring the ledger's schema up to date; safe beside a running service");
  migrate->callback([&] { all.run = [&](Terminal& t) { return Migrate(t, all.config); }; });

  auto* restored = app.add_subcommand(
      "restored",
      "After the ledger was put back from an older copy: ends whatever could be used once more");
  restored->add_flag("--passwords", all.restored.passwords_too,
                     "disables every password too: their owners set new ones, and you tell them");
  restored->add_flag("--though-nothing-shows-it", all.restored.unproven,
                     "where the checkpoint file was lost too, or is as old as the copy");
  restored->callback([&] {
    all.run = [&](Terminal& t) {
      all.restored.config = all.config;
      return Restored(t, all.restored);
    };
  });

  auto* import =
      app.add_subcommand("import", "Take customers over from a CSV file; twice does no harm");
  import->add_option("file", all.import.file, "UTF-8 with a header; - for standard input")
      ->required();
  import->add_option("--report", all.import.report,
                     "a new file: every line that was not taken, with the reason");
  import->add_flag("--dry-run", all.import.dry_run, "checks everything and writes nothing");
  import->callback([&] {
    all.run = [&](Terminal& t) {
      all.import.config = all.config;
      return Import(t, all.import);
    };
  });

  auto* journal =
      app.add_subcommand("journal", "The record of every decision")->require_subcommand(1);
  journal->add_subcommand("verify", "Check every chain and name the first broken entry")
      ->callback([&] { all.run = [&](Terminal& t) { return JournalVerify(t, all.config); }; });
  auto* checkpoint = journal->add_subcommand("checkpoint", "Sign what is there now");
  checkpoint->add_flag("--file-is-lost", all.file_is_lost,
                       "and no copy is left: begin the checkpoint file anew from the ledger");
  checkpoint->callback([&] {
    all.run = [&](Terminal& t) {
      return all.file_is_lost ? JournalCheckpointAnew(t, all.config)
                              : JournalCheckpoint(t, all.config);
    };
  });
}

void AddStaff(CLI::App& app, Commands& all) {
  auto* staff = app.add_subcommand("staff", "Tellers and agents")->require_subcommand(1);
  auto* add =
      staff->add_subcommand("add", "Add a person; prints the secret for the authenticator once");
  add->add_option("login", all.staff.login, "the login name")->required();
  add->add_option("--name", all.staff.name, "as colleagues see it")->required();
  add->add_option("--branch", all.staff.branch,
                  "the branch's name in the terminals' certificates, such as main")
      ->required();
  add->add_option("--own-account", all.staff.own_account,
                  "the person's own customer number; it will never be served by this person");
  add->add_option("--password-file", all.staff.password_file,
                  "first line, mode 0600; without: asks");
  add->callback([&] {
    all.run = [&](Terminal& t) {
      all.staff.config = all.config;
      return StaffAdd(t, all.staff);
    };
  });
  auto* renew = staff->add_subcommand(
      "renew", "Another password and authenticator for a person; the old ones end at once");
  renew->add_option("login", all.renewal.login, "the login name")->required();
  renew->add_option("--password-file", all.renewal.password_file,
                    "first line, mode 0600; without: asks");
  renew->callback([&] {
    all.run = [&](Terminal& t) {
      all.renewal.config = all.config;
      return StaffRenew(t, all.renewal);
    };
  });
  auto* disable = staff->add_subcommand("disable", "End a person's access and sessions at once");
  disable->add_option("login", all.login, "the login name")->required();
  disable->callback(
      [&] { all.run = [&](Terminal& t) { return StaffDisable(t, all.config, all.login); }; });
  staff->add_subcommand("list", "Everybody, one on a line")->callback([&] {
    all.run = [&](Terminal& t) { return StaffList(t, all.config); };
  });
}

void AddKeys(CLI::App& app, Commands& all) {
  auto* keys = app.add_subcommand("keys", "The key ring")->require_subcommand(1);
  keys->add_subcommand("list", "Which versions are kept")->callback([&] {
    all.run = [&](Terminal& t) { return KeysList(t, all.config); };
  });
  auto* rotate =
      keys->add_subcommand("rotate", "Add a version and make it current; older ones stay readable");
  rotate->add_option("use", all.use, "pepper, token, field or checkpoint")->required();
  rotate->callback(
      [&] { all.run = [&](Terminal& t) { return KeysRotate(t, all.config, all.use); }; });
  auto* retire = keys->add_subcommand("retire", "Remove an old version for good");
  retire->add_option("use", all.use, "pepper, token, field or checkpoint")->required();
  retire->add_option("version", all.version, "its number, as keys list shows it")
      ->required()
      ->check(CLI::Validator(
          [](std::string& text) -> std::string {
            const bool digits = !text.empty() && text.size() <= 6 &&
                                text.find_first_not_of("0123456789") == std::string::npos;
            return digits ? "" : "\"" + text + "\" is no number; latchkey keys list shows them";
          },
          ""));
  retire->callback([&] {
    all.run = [&](Terminal& t) { return KeysRetire(t, all.config, all.use, all.version); };
  });
}

void AddTools(CLI::App& app, Commands& all) {
  auto* blocklist =
      app.add_subcommand("blocklist", "Passwords that nobody may choose")->require_subcommand(1);
  auto* build = blocklist->add_subcommand("build", "Make the file that files.blocklist names");
  build->add_option("--words", all.blocklist.words, "plain words, one on a line; may be repeated");
  build->add_option("--sha1-ranges", all.blocklist.sha1_ranges,
                    "published SHA-1 lists; may be repeated");
  build->add_option("--out", all.blocklist.out, "a new file, there when it is whole")->required();
  build->callback([&] { all.run = [&](Terminal& t) { return BuildBlocklist(t, all.blocklist); }; });

  auto* doctor =
      app.add_subcommand("doctor", "Look at everything that the service needs, and say what to do");
  doctor->add_option(
      "--tls", all.doctor.tls,
      "folder with operator.crt and operator.key; default: tls beside the configuration");
  doctor->callback([&] {
    all.run = [&](Terminal& t) {
      all.doctor.config = all.config;
      return Doctor(t, all.doctor);
    };
  });
}

bool IsOption(const std::string& word) { return word.starts_with("-"); }

std::vector<std::string> OptionsOf(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// CLI11's own words name neither the word that was typed nor what there is instead.
std::string MistakeIn(CLI::App& app, const CLI::ParseError& error) {
  CLI::App* at = &app;
  std::string program = app.get_name();
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    program += " " + at->get_name();
  }
  const std::vector<std::string> rest = app.remaining(true);
  if (const auto option = std::find_if(rest.begin(), rest.end(), IsOption); option != rest.end()) {
    std::vector<std::string> options = OptionsOf(*at);
    if (at != &app) options.push_back("--config");
    return NoSuchOption(program, *option, options);
  }
  std::vector<std::string> commands;
  for (const CLI::App* each : at->get_subcommands([](CLI::App*) { return true; })) {
    commands.push_back(each->get_name());
  }
  if (!commands.empty() && error.get_name() == "RequiredError")
    return NoSuchCommand(program, rest.empty() ? "" : rest.front(), commands);
  return std::string(error.what()) + ". " + program + " --help lists what it takes.";
}

}  // namespace

int main(int argc, char** argv) try {
  CLI::App app("latchkey: the operator's command", "latchkey");
  app.footer("Exit status: 0 done, 1 something is not as it should be, 2 could not run.");
  app.set_version_flag("--version", latchkey::kVersion);
  app.require_subcommand(1);
  Commands all;
  app.add_option("--config", all.config, "the service's configuration")
      ->envname("LATCHKEY_CONFIG")
      ->capture_default_str();
  app.fallthrough();
  AddInit(app, all);
  AddCertificate(app, all);
  AddLedger(app, all);
  AddStaff(app, all);
  AddKeys(app, all);
  AddTools(app, all);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    std::cerr << "latchkey: " << MistakeIn(app, error) << "\n";
    return static_cast<int>(Exit::kCouldNotRun);
  }
  latchkey::KeepMemoryPrivate();
  latchkey::crypto::Start();
  SystemClock clock;
  const char* term = std::getenv("TERM");
  bool can_draw = isatty(STDERR_FILENO) == 1 && term != nullptr && std::string(term) != "dumb";
  Terminal terminal{std::cout, std::cerr, clock, can_draw};
  Exit exit = all.run(terminal);
  std::cout << std::flush;
  return static_cast<int>(std::cout ? exit : Exit::kCouldNotRun);
} catch (const std::exception& error) {
  std::cerr << "latchkey: " << error.what() << "\n";
  return static_cast<int>(Exit::kCouldNotRun);
}
