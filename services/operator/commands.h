// SPDX-License-Identifier: Apache-2.0
// The operator's commands: what each takes, and how it runs. main/main.cc reads the arguments.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "services/operator/terminal.h"

namespace latchkey::operate {

// Makes a bank's folder: authority, certificates, keys, configuration. Whole or not at all; never
// overwrites.
struct InitOptions {
  std::filesystem::path dir;
  std::string bank;          // "bank.example"
  std::string display_name;  // empty: the domain
  std::string portal_url;
  std::string phone;
  std::string phone_hours;  // as pages say it; these three empty: pages leave it out
  std::string branch;       // where branches are and when they are open
  std::string privacy_contact;
  std::string time_zone = "UTC";          // in which pages and messages tell times
  std::string from_address;               // empty: no-reply@<bank>
  std::string listen = "127.0.0.1:7443";  // of the service
  std::string portal_listen = "127.0.0.1:8080";
  std::string metrics = "127.0.0.1:9464";
  std::string relay = "localhost:587";
  std::filesystem::path relay_authority;    // copied; empty: the system's
  bool relay_is_own = false;                // its certificate comes from this very authority
  std::filesystem::path relay_credentials;  // copied; empty: no authentication
  std::vector<std::string> service_names;   // DNS names of the service, beside localhost
  std::vector<std::string> terminals = {"main/terminal-1"};  // branch/terminal
  std::vector<std::string> languages = {"en", "de"};
  std::string postgres;                // conninfo; empty: SQLite
  std::filesystem::path redis_socket;  // empty: SQLite
};
Exit Init(Terminal& terminal, const InitOptions& options);

// One more certificate of the bank's authority: for a client's role, or a plain server.
struct CertificateOptions {
  std::filesystem::path config;     // names the bank, with role; may be absent where `bank` does
  std::filesystem::path authority;  // folder with authority.crt and authority.key
  std::string
      role;  // "portal", "ivr", "operator", "service", "branch/<branch>/<terminal>", or empty
  std::string bank;  // empty: the configuration's; must agree with it where there is one
  std::vector<std::string> dns_names;
  int days = 397;
  std::filesystem::path out;  // writes <out>.crt and <out>.key
};
Exit IssueCertificate(Terminal& terminal, const CertificateOptions& options);

Exit Migrate(Terminal& terminal, const std::filesystem::path& config);

struct ImportOptions {
  std::filesystem::path config;
  std::filesystem::path file;
  std::filesystem::path report;  // empty: the first problems go to the notes
  bool dry_run = false;
};
Exit Import(Terminal& terminal, const ImportOptions& options);

struct StaffAddOptions {
  std::filesystem::path config;
  std::string login;
  std::string name;
  std::string branch;
  std::string own_account;    // customer number; empty: none
  std::string password_file;  // empty: asks
};
Exit StaffAdd(Terminal& terminal, const StaffAddOptions& options);
struct StaffRenewOptions {
  std::filesystem::path config;
  std::string login;
  std::string password_file;  // empty: asks
};
// For a person who forgot the password or lost the authenticator.
Exit StaffRenew(Terminal& terminal, const StaffRenewOptions& options);
Exit StaffDisable(Terminal& terminal, const std::filesystem::path& config,
                  const std::string& login);
Exit StaffList(Terminal& terminal, const std::filesystem::path& config);

struct BlocklistOptions {
  std::vector<std::filesystem::path> words;
  std::vector<std::filesystem::path> sha1_ranges;
  std::filesystem::path out;
};
Exit BuildBlocklist(Terminal& terminal, const BlocklistOptions& options);

Exit KeysList(Terminal& terminal, const std::filesystem::path& config);
Exit KeysRotate(Terminal& terminal, const std::filesystem::path& config, const std::string& use);
Exit KeysRetire(Terminal& terminal, const std::filesystem::path& config, const std::string& use,
                int version);

Exit JournalVerify(Terminal& terminal, const std::filesystem::path& config);
Exit JournalCheckpoint(Terminal& terminal, const std::filesystem::path& config);
// Where the checkpoint file is lost and there is no copy: begins it anew with the ledger's lines.
Exit JournalCheckpointAnew(Terminal& terminal, const std::filesystem::path& config);

// After the ledger was put back from an older copy, with the service stopped on every node.
struct RestoredOptions {
  std::filesystem::path config;
  bool passwords_too = false;
  bool unproven = false;  // although the checkpoint file does not show that the ledger is older
};
Exit Restored(Terminal& terminal, const RestoredOptions& options);

// Looks at everything that the service needs, one line each: ok, warn or fail, and what to do.
struct DoctorOptions {
  std::filesystem::path config;
  std::filesystem::path
      tls;  // folder with operator.crt and operator.key; empty: "tls" beside the configuration
};
Exit Doctor(Terminal& terminal, const DoctorOptions& options);

}  // namespace latchkey::operate
