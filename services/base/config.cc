// SPDX-License-Identifier: Apache-2.0
#include "services/base/config.h"

#include <algorithm>

#include "services/base/settings.h"
#include "services/base/shapes.h"

namespace latchkey {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

bool IsDomain(std::string_view text) {
  return IsHostName(text) &&
         std::none_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

void CheckLanguages(Section& section, const std::vector<std::string>& languages) {
  if (languages.empty())
    return section.Refuse("languages", "is empty; name at least one, such as \"en\"");
  for (const std::string& each : languages) {
    const bool code = each.size() == 2 && std::all_of(each.begin(), each.end(),
                                                      [](char c) { return c >= 'a' && c <= 'z'; });
    if (!code) section.Refuse("languages", "must hold two small letters for each, such as \"en\"");
  }
  if (!IsTranslated(languages.front())) {
    section.Refuse(
        "languages",
        "must begin with \"en\" or \"de\": these have messages, the others get the first");
  }
}

void CheckBankName(Section& section, std::string_view key, const std::string& name) {
  if (!name.empty() && !IsPlainText(name, kLongestBankName)) {
    section.Refuse(key, "is longer than 80 bytes; shorten it");
  }
}

void ReadBank(Section section, Config::Bank& bank) {
  section.Read("domain", bank.domain, Need::kRequired);
  section.Read("display_name", bank.display_name, Need::kRequired);
  section.Read("portal_url", bank.portal_url, Need::kRequired);
  section.Read("phone", bank.phone, Need::kRequired);
  section.Read("color", bank.color);
  section.Read("time_zone", bank.time_zone);
  section.Read("languages", bank.languages);
  if (!bank.domain.empty() && !IsDomain(bank.domain)) {
    section.Refuse("domain", "is no domain name; write it in lower case, such as \"bank.example\"");
  }
  CheckBankName(section, "display_name", bank.display_name);
  if (!bank.portal_url.empty() && !IsPortalUrl(bank.portal_url)) {
    section.Refuse("portal_url",
                   "must begin with https:// (http:// only for localhost), name one host without a "
                   "path, and end without a slash");
  }
  if (!bank.phone.empty() && !IsPrintedPhone(bank.phone)) {
    section.Refuse("phone",
                   "is no telephone number of at most 40 bytes; write one as it is printed, such "
                   "as \"+44 20 7946 0000\"");
  }
  if (!IsColor(bank.color)) section.Refuse("color", "is no colour; write it as \"#rrggbb\"");
  if (!IsTimeZone(bank.time_zone)) {
    section.Refuse("time_zone",
                   "is no time zone of this machine; write one such as \"Europe/Berlin\" "
                   "(package tzdata)");
  }
  CheckLanguages(section, bank.languages);
}

void ReadListen(Section section, Config::Listen& listen) {
  section.Read("address", listen.address);
  section.Read("port", listen.port, 1, 65535);
  section.Read("reflection", listen.reflection);
  section.Read("longest_call_seconds", listen.longest_call, seconds(1), seconds(60));
  section.Read("largest_message_kib", listen.largest_message_kib, 16, 64);
  section.Read("streams_per_connection", listen.streams_per_connection, 1, 4096);
}

// As `openssl x509 -noout -fingerprint -sha256` prints it, or plain.
std::string PlainFingerprint(std::string_view text) {
  std::string hex;
  for (char c : text) {
    if (c != ':') hex += c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return hex;
}

bool IsFingerprint(std::string_view hex) {
  return hex.size() == 64 && hex.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void ReadTls(Section section, Config::Tls& tls) {
  section.Read("authority", tls.authority, Need::kRequired);
  section.Read("certificate", tls.certificate, Need::kRequired);
  section.Read("key", tls.key, Need::kRequired);
  section.Read("revoked", tls.revoked);
  for (std::string& each : tls.revoked) {
    each = PlainFingerprint(each);
    if (!IsFingerprint(each)) {
      section.Refuse("revoked",
                     "must hold SHA-256 fingerprints; `openssl x509 -noout -fingerprint -sha256 "
                     "-in FILE` prints one");
    }
  }
}

void ReadLedger(Section section, Config::Ledger& ledger) {
  using Engine = Config::Ledger::Engine;
  section.Choose("engine", ledger.engine,
                 {{"sqlite", Engine::kSqlite}, {"postgres", Engine::kPostgres}});
  section.Read("path", ledger.path,
               ledger.engine == Engine::kSqlite ? Need::kRequired : Need::kOptional);
  section.Read("conninfo", ledger.conninfo,
               ledger.engine == Engine::kPostgres ? Need::kRequired : Need::kOptional);
  section.Read("connections", ledger.connections, 1, 256);
  // libpq reads a password from a file by itself; here every error message and backup would carry
  // it (Law 12).
  bool has_password = ledger.conninfo.find("password") != std::string::npos;
  if (has_password || ledger.conninfo.find("://") != std::string::npos) {
    section.Refuse(
        "conninfo",
        "must be key=value words without a password; put it into a file and write passfile=FILE");
  }
}

void ReadHotState(Section section, const Config::Ledger& ledger, Config::HotState& hotstate) {
  using Engine = Config::HotState::Engine;
  const bool many_nodes = ledger.engine == Config::Ledger::Engine::kPostgres;
  if (many_nodes) hotstate.engine = Engine::kLedger;
  section.Choose(
      "engine", hotstate.engine,
      {{"sqlite", Engine::kSqlite}, {"redis", Engine::kRedis}, {"ledger", Engine::kLedger}});
  // Each node would allow as many guesses again (Law 4).
  if (many_nodes && hotstate.engine == Engine::kSqlite) {
    section.Refuse("engine",
                   "must be \"redis\" or \"ledger\" where the ledger is on PostgreSQL: a file "
                   "counts what one node sees");
  }
  section.Read("path", hotstate.path,
               hotstate.engine == Engine::kSqlite ? Need::kRequired : Need::kOptional);
  section.Read("socket", hotstate.socket);
  section.Read("host", hotstate.host);
  section.Read("port", hotstate.port, 1, 65535);
  section.Read("password_file", hotstate.password_file);
  section.Read("connections", hotstate.connections, 1, 64);
  section.Read("timeout_ms", hotstate.timeout, milliseconds(50), milliseconds(5000));
  bool one_way = hotstate.socket.empty() != hotstate.host.empty();
  if (hotstate.engine == Engine::kRedis && !one_way) {
    section.Refuse("socket", "or \"hotstate.host\": write exactly one of the two");
  }
}

void ReadFiles(Section section, Config::Files& files) {
  section.Read("keys", files.keys, Need::kRequired);
  section.Read("checkpoints", files.checkpoints, Need::kRequired);
  section.Read("spool", files.spool, Need::kRequired);
  section.Read("blocklist", files.blocklist);
}

// The least is what OWASP and NIST call the least; more is the bank's choice.
void ReadPasswords(Section section, Config::Passwords& passwords) {
  section.Read("argon2_memory_kib", passwords.memory_kib, 7168, 1048576);
  section.Read("argon2_passes", passwords.passes, 1, 16);
  section.Read("hash_slots", passwords.hash_slots, 0, 256);
  section.Read("hash_queue", passwords.hash_queue, 1, 4096);
  section.Read("min_characters", passwords.min_characters, 15, 64);
  section.Read("min_characters_beside_factor", passwords.min_characters_beside_factor, 8, 64);
  // OWASP's equivalent settings: 46 MiB once, 19 twice, 12 three times, 9 four times, 7 five times.
  uint64_t work = uint64_t{passwords.memory_kib} * passwords.passes;
  if (work < 35840) {
    section.Refuse(
        "argon2_memory_kib",
        "with \"argon2_passes\" is below the least that is safe; 19456 and 2 are the default");
  }
}

void ReadWorkers(Section section, Config::Workers& workers) {
  section.Read("threads", workers.threads, 2, 256);
  section.Read("queue", workers.queue, 16, 65536);
}

void ReadSessions(Section section, Config::Sessions& sessions) {
  section.Read("idle_minutes", sessions.idle, minutes(1), minutes(60));
  section.Read("longest_hours", sessions.longest, hours(1), hours(24));
  section.Read("device_days", sessions.device, days(1), days(730));
  section.Read("staff_idle_minutes", sessions.staff_idle, minutes(1), minutes(30));
  section.Read("staff_longest_hours", sessions.staff_longest, hours(1), hours(12));
}

void ReadRecovery(Section section, Config::Recovery& recovery) {
  section.Read("lifetime_minutes", recovery.lifetime, minutes(10), minutes(24 * 60));
  section.Read("session_minutes", recovery.session, minutes(5), minutes(60));
  section.Read("assisted_token_hours", recovery.assisted_token, hours(1), hours(72));
  section.Read("freeze_link_days", recovery.freeze_link, days(7), days(90));
  section.Read("removed_contact_told_days", recovery.removed_contact_told, days(7), days(365));
  section.Read("messages_per_hour", recovery.messages_per_hour, 2, 10);
}

void ReadLanes(Section section, Config::Lanes& lanes) {
  section.Read("window_hours", lanes.window, hours(1), hours(72));
  section.Read("account_failures", lanes.account_failures, 3, 5);
  section.Read("account_first_rest_minutes", lanes.account_first_rest, minutes(1), minutes(60));
  section.Read("account_longest_rest_minutes", lanes.account_longest_rest, minutes(1),
               minutes(24 * 60));
  section.Read("source_failures", lanes.source_failures, 2, 5);
  section.Read("source_first_rest_seconds", lanes.source_first_rest, seconds(10), seconds(900));
  section.Read("source_longest_rest_minutes", lanes.source_longest_rest, minutes(1), minutes(15));
  // The budget refills by whole milliseconds: up to here that stays within a tenth of what is
  // asked.
  section.Read("requests_per_minute", lanes.requests_per_minute, 10, 6000);
  if (lanes.source_first_rest > lanes.source_longest_rest) {
    section.Refuse("source_first_rest_seconds",
                   "is longer than \"lanes.source_longest_rest_minutes\"");
  }
  if (lanes.account_first_rest > lanes.account_longest_rest) {
    section.Refuse("account_first_rest_minutes",
                   "is longer than \"lanes.account_longest_rest_minutes\"");
  }
}

void ReadCourier(Section section, Config::Courier& courier) {
  section.Read("from_address", courier.from_address, Need::kRequired);
  section.Read("from_name", courier.from_name);
  section.Read("workers", courier.workers, 1, 64);
  section.Read("timeout_seconds", courier.timeout, seconds(5), seconds(300));
  section.Read("attempts", courier.attempts, 3, 100);
  for (Section each : section.Each("relays")) {
    Config::Relay relay;
    each.Read("host", relay.host, Need::kRequired);
    each.Read("port", relay.port, 1, 65535);
    each.Choose(
        "tls", relay.tls,
        {{"starttls", Config::Relay::Tls::kStartTls}, {"implicit", Config::Relay::Tls::kImplicit}});
    each.Read("authority", relay.authority);
    each.Read("credentials_file", relay.credentials_file);
    if (!relay.host.empty() && !IsHost(relay.host)) {
      each.Refuse("host", "is no host name or address; write the port under \"port\"");
    }
    std::error_code error;
    if (!relay.authority.empty() && !std::filesystem::is_regular_file(relay.authority, error)) {
      each.Refuse("authority", "names no file that is there: " + relay.authority.string());
    }
    courier.relays.push_back(relay);
  }
  CheckBankName(section, "from_name", courier.from_name);
  if (!courier.from_address.empty() && !IsSenderAddress(courier.from_address)) {
    section.Refuse("from_address", "is no e-mail address; write one such as \"help@bank.example\"");
  }
  if (courier.relays.empty()) {
    section.Refuse("relays", "are missing; add at least one [[courier.relays]] with a host");
  }
}

void ReadLog(Section section, Config::Log& log) {
  using Level = Config::Log::Level;
  section.Choose("level", log.level,
                 {{"debug", Level::kDebug},
                  {"info", Level::kInfo},
                  {"warning", Level::kWarning},
                  {"error", Level::kError}});
  section.Choose("format", log.format,
                 {{"json", Config::Log::Format::kJson}, {"text", Config::Log::Format::kText}});
}

}  // namespace

Result<Config> LoadConfig(const std::filesystem::path& path) {
  LATCHKEY_ASSIGN(Settings settings, Settings::Load(path, "deploy/latchkey.toml.example"));
  Section& root = settings.root();
  Config config;
  config.file = path;
  ReadBank(root.In("bank"), config.bank);
  ReadListen(root.In("listen"), config.listen);
  ReadTls(root.In("tls"), config.tls);
  ReadLedger(root.In("ledger"), config.ledger);
  ReadHotState(root.In("hotstate"), config.ledger, config.hotstate);
  ReadFiles(root.In("files"), config.files);
  ReadPasswords(root.In("passwords"), config.passwords);
  ReadWorkers(root.In("workers"), config.workers);
  ReadSessions(root.In("sessions"), config.sessions);
  ReadRecovery(root.In("recovery"), config.recovery);
  ReadLanes(root.In("lanes"), config.lanes);
  ReadCourier(root.In("courier"), config.courier);
  root.In("metrics").Read("address", config.metrics.address);
  ReadLog(root.In("log"), config.log);
  root.In("journal").Read("checkpoint_every_seconds", config.checkpoint_every, seconds(5),
                          seconds(3600));
  LATCHKEY_TRY(settings.Finish());
  return config;
}

}  // namespace latchkey
