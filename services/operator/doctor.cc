// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <ostream>
#include <sstream>

#include "crypto/certificates.h"
#include "crypto/tls_files.h"
#include "services/base/settings.h"
#include "services/base/version.h"
#include "services/hotstate/open.h"
#include "services/ledger/beside.h"
#include "services/operator/commands.h"
#include "services/operator/doctor_relay.h"
#include "services/operator/doctor_service.h"
#include "services/operator/open.h"
#include "services/proof/blocklist.h"

namespace latchkey::operate {
namespace {

constexpr uint64_t kMiB = uint64_t{1024} * 1024;
constexpr uint64_t kScarce = 1024 * kMiB;
constexpr uint64_t kTooLittle = 100 * kMiB;
constexpr Millis kRenewBefore = std::chrono::hours(24 * 30);

// One line for each thing looked at, and the worst of them.
class Findings {
 public:
  explicit Findings(Terminal& terminal) : terminal_(terminal) {}
  void Ok(const std::string& what, const std::string& said) { Line("ok  ", what, said); }
  void Warn(const std::string& what, const std::string& said) { Line("warn", what, said); }
  void Bad(const std::string& what, const std::string& said) {
    Line("fail", what, said);
    failed_ = true;
  }
  bool failed() const { return failed_; }

 private:
  void Line(const char* mark, const std::string& what, const std::string& said) {
    terminal_.out << mark << "  " << what << ": " << said << "\n";
  }
  Terminal& terminal_;
  bool failed_ = false;
};

// `what_if_none` is for one that is made when it is needed.
void LookAtFolder(Findings& findings, const std::string& what, const std::filesystem::path& folder,
                  const char* what_if_none = nullptr) {
  struct stat info{};
  const bool is_there = stat(folder.c_str(), &info) == 0;
  if (!is_there && errno == ENOENT && what_if_none != nullptr)
    return findings.Warn(what, folder.string() + what_if_none);
  if (!is_there || !S_ISDIR(info.st_mode)) {
    return findings.Bad(what, folder.string() +
                                  " is not there; make it: install -d -m 0700 -o latchkey " +
                                  folder.string());
  }
  if (access(folder.c_str(), W_OK | X_OK) != 0) {
    return findings.Bad(
        what, folder.string() + " cannot be written; run this as the service's user, or chown it");
  }
  if ((info.st_mode & 0027) != 0) {
    findings.Warn(what, folder.string() + " is open to others; chmod 0750 or 0700");
  }
  struct statvfs disk{};
  if (statvfs(folder.c_str(), &disk) != 0) return;
  uint64_t free_bytes = static_cast<uint64_t>(disk.f_bavail) * disk.f_frsize;
  std::string room = Grouped(free_bytes / kMiB) + " MiB free at " + folder.string();
  if (free_bytes < kTooLittle) return findings.Bad(what, room + "; make room before writes fail");
  if (free_bytes < kScarce) return findings.Warn(what, room + "; make room soon");
  findings.Ok(what, room);
}

void LookAtFolders(Findings& findings, const Config& config) {
  if (config.ledger.engine == Config::Ledger::Engine::kSqlite) {
    LookAtFolder(findings, "ledger folder", config.ledger.path.parent_path());
  }
  LookAtFolder(findings, "checkpoint folder", config.files.checkpoints.parent_path());
  LookAtFolder(findings, "spool", config.files.spool,
               " is not there; latchkeyd makes it when it starts");
}

void LookAtCertificate(Findings& findings, const std::string& what,
                       const std::filesystem::path& path, TimePoint now) {
  std::ifstream file(path);
  std::stringstream pem;
  if (!file || !(pem << file.rdbuf())) {
    return findings.Bad(
        what,
        path.string() + " cannot be read; name the right file, or issue one: latchkey certificate");
  }
  auto ends = crypto::ExpiresAt(pem.str());
  if (!ends.ok())
    return findings.Bad(what,
                        path.string() + " is no certificate; issue one: latchkey certificate");
  int64_t days = std::chrono::floor<std::chrono::days>(*ends - now).count();
  if (*ends <= now)
    return findings.Bad(what,
                        path.string() + " has expired; issue a new one: latchkey certificate");
  std::string left = "good for " + std::to_string(days) + " days";
  if (*ends - now < kRenewBefore)
    return findings.Warn(what, left + "; issue a new one: latchkey certificate");
  findings.Ok(what, left);
}

void LookAtTlsKey(Findings& findings, const Config& config) {
  auto pair = crypto::ReadServerPair({config.tls.certificate, config.tls.key});
  if (!pair.ok()) return findings.Bad("service key", pair.failure().detail);
  findings.Ok("service key", "belongs to the certificate and is private");
}

// `ledger` may be null: what lies beside it is then not compared with it.
void LookAtKeys(Findings& findings, const Config& config, ledger::Ledger* ledger) {
  const std::string file = config.files.keys.string();
  auto keys = crypto::KeyRing::Load(config.files.keys);
  if (!keys.ok()) return findings.Bad("keys", keys.failure().detail);
  if (ledger == nullptr) return findings.Ok("keys", file + " is whole and private");
  Done belongs = ledger::CheckRing(*ledger, *keys);
  if (!belongs.ok()) return findings.Bad("keys", file + ": " + belongs.failure().detail);
  findings.Ok("keys", file + " is whole, private and this ledger's");
  Done newest = ledger::CheckNewestCheckpoint(*ledger, *keys, config.files.checkpoints);
  if (!newest.ok()) return findings.Bad("checkpoints", newest.failure().detail);
  findings.Ok("checkpoints", "the ledger holds all that was signed");
}

void LookAtBlocklist(Findings& findings, const Config& config) {
  if (config.files.blocklist.empty()) {
    return findings.Warn("blocklist",
                         "none; common passwords are refused by their strength only. "
                         "latchkey blocklist build makes one, files.blocklist names it");
  }
  auto blocklist = proof::Blocklist::Open(config.files.blocklist);
  if (!blocklist.ok()) return findings.Bad("blocklist", blocklist.failure().detail);
  findings.Ok("blocklist", Grouped(blocklist->size()) + " passwords");
}

// The ledger if it can be used, for the hot state that may lean on it.
std::unique_ptr<ledger::Ledger> LookAtLedger(Findings& findings, const Config& config) {
  auto ledger = ledger::OpenBeside(LedgerOptionsOf(config), config.files.checkpoints,
                                   ledger::WhereNone::kRefuse);
  if (!ledger.ok()) {
    findings.Bad("ledger", ledger.failure().detail);
    return nullptr;
  }
  std::string engine((*ledger)->engine());
  if (Done ping = (*ledger)->Ping(); !ping.ok()) {
    findings.Bad("ledger", engine + " does not answer: " + ping.failure().detail);
    return nullptr;
  }
  auto version = CheckSchema(**ledger);
  if (!version.ok()) {
    findings.Bad("ledger", engine + " answers; " + version.failure().detail);
    return nullptr;
  }
  findings.Ok("ledger", engine + " answers, schema version " + std::to_string(*version));
  return *std::move(ledger);
}

void LookAtHotState(Findings& findings, const Config& config, ledger::Ledger* ledger) {
  if (ledger == nullptr)
    return findings.Warn("hot state", "not looked at, because the ledger is not ready");
  auto options = hotstate::OptionsOf(config.hotstate);
  if (!options.ok()) return findings.Bad("hot state", options.failure().detail);
  auto hotstate = hotstate::Open(*options, *ledger);
  if (!hotstate.ok()) return findings.Bad("hot state", hotstate.failure().detail);
  Done ping = (*hotstate)->Ping();
  std::string engine((*hotstate)->engine());
  if (!ping.ok()) {
    return findings.Bad("hot state", engine + " does not answer: " + ping.failure().detail);
  }
  findings.Ok("hot state", engine + " answers");
}

void LookAtRelays(Findings& findings, const Config& config) {
  for (const Config::Relay& relay : config.courier.relays) {
    std::string what = "relay " + relay.host + ":" + std::to_string(relay.port);
    Done greeted = GreetRelay(relay);
    if (greeted.ok()) {
      findings.Ok(what, relay.credentials_file.empty() ? "answers over TLS"
                                                       : "answers over TLS and knows us");
    } else {
      findings.Bad(what, greeted.failure().detail);
    }
  }
}

// A service reads its ring once, and cannot read what the commands make under a newer key.
void LookAtKeysOfService(Findings& findings, const Config& config, const ServiceStatus& status) {
  auto keys = crypto::KeyRing::Load(config.files.keys);
  if (!keys.ok()) return;  // LookAtKeys has said so
  for (const auto& [use, version] : status.newest_keys) {
    const auto known = crypto::KeyUseFromName(use);
    if (known && version < keys->CurrentVersion(*known)) {
      findings.Bad("service", "restart latchkeyd, it has not the newest " + use +
                                  " key: what is made under that it cannot read");
    }
  }
}

void LookAtService(Findings& findings, const Config& config, const std::filesystem::path& tls) {
  auto status = AskService(config, tls);
  if (!status.ok() && status.reason() == Reason::kMalformed) {
    return findings.Bad("operator's certificate", status.failure().detail);
  }
  if (!status.ok()) return findings.Bad("service", status.failure().detail);
  findings.Ok("service",
              "answers, version " + status->version + ", " +
                  Grouped(static_cast<uint64_t>(status->messages_waiting)) + " messages and " +
                  Grouped(static_cast<uint64_t>(status->intakes_waiting)) + " requests waiting");
  LookAtKeysOfService(findings, config, *status);
  if (status->version != kVersion) {
    findings.Warn("service", "this command is version " + std::string(kVersion) +
                                 "; use the same on one machine");
  }
  if (status->messages_set_aside > 0) {
    findings.Warn(
        "messages",
        Grouped(static_cast<uint64_t>(status->messages_set_aside)) +
            " are set aside after too many attempts; the log names why (courier.set_aside)");
  }
}

// The portal's own configuration where it lies beside the service's: links in messages lead to one
// address, and the portal takes forms from its own only.
void LookAtPortal(Findings& findings, const Config& config, const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return;
  auto settings = Settings::Load(file, "clients/portal/portal.toml.example");
  if (!settings.ok()) return findings.Bad("portal", settings.failure().detail);
  std::string base_url;
  settings->root().In("portal").Read("base_url", base_url);
  if (base_url == config.bank.portal_url) return findings.Ok("portal", "is where messages lead");
  findings.Bad("portal", "messages lead to " + config.bank.portal_url + " (bank.portal_url), and " +
                             file.string() + " has base_url \"" + base_url +
                             "\"; give both the address that customers type");
}

// Codes and certificates live by the clock: one that nobody sets drifts until staff cannot sign in.
void LookAtClock(Findings& findings) {
  timex state{};
  if (adjtimex(&state) == TIME_ERROR) {
    return findings.Warn(
        "clock", "is not kept by anything; run chrony or systemd-timesyncd on this machine");
  }
  findings.Ok("clock", "is kept in step");
}

}  // namespace

Exit Doctor(Terminal& terminal, const DoctorOptions& options) {
  Findings findings(terminal);
  auto config = LoadConfig(options.config);
  if (!config.ok()) {
    findings.Bad("configuration", config.failure().detail);
    return Exit::kFoundFaults;
  }
  findings.Ok("configuration", options.config.string());
  std::filesystem::path tls = options.tls.empty()
                                  ? std::filesystem::absolute(options.config).parent_path() / "tls"
                                  : options.tls;
  TimePoint now = terminal.clock.Now();
  LookAtCertificate(findings, "authority", config->tls.authority, now);
  LookAtCertificate(findings, "service certificate", config->tls.certificate, now);
  LookAtTlsKey(findings, *config);
  LookAtFolders(findings, *config);
  LookAtBlocklist(findings, *config);
  auto ledger = LookAtLedger(findings, *config);
  LookAtKeys(findings, *config, ledger.get());
  LookAtHotState(findings, *config, ledger.get());
  LookAtRelays(findings, *config);
  LookAtPortal(findings, *config, options.config.parent_path() / "portal.toml");
  LookAtClock(findings);
  LookAtService(findings, *config, tls);
  return findings.failed() ? Exit::kFoundFaults : Exit::kDone;
}

}  // namespace latchkey::operate
