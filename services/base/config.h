// SPDX-License-Identifier: Apache-2.0
// What a bank decides about its service: one commented TOML file, read once at the start.
//
// deploy/latchkey.toml.example holds every key with its meaning; a test loads it. Rules of safety
// have bounds here, so that no file can switch them off.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "services/base/clock.h"
#include "services/base/result.h"

namespace latchkey {

struct Config {
  struct Bank {
    std::string domain;        // of every certificate's name: spiffe://<domain>/latchkey/…
    std::string display_name;  // as customers know it
    std::string
        portal_url;     // https://…, without a slash at the end; the only host that messages name
    std::string phone;  // of the call centre, as it is printed
    std::string color = "#0b5c66";                // of messages: head and buttons
    std::string time_zone = "UTC";                // in which messages tell times
    std::vector<std::string> languages = {"en"};  // the first is the default
  };
  struct Listen {
    std::string address = "127.0.0.1";
    uint16_t port = 7443;
    bool reflection = false;
    Millis longest_call{10'000};
    uint32_t largest_message_kib = 16;
    uint32_t streams_per_connection = 1024;
  };
  struct Tls {
    std::filesystem::path authority;
    std::filesystem::path certificate;
    std::filesystem::path key;
    std::vector<std::string> revoked;  // SHA-256 of certificates, lower-case hex
  };
  struct Ledger {
    enum class Engine { kSqlite, kPostgres };
    Engine engine = Engine::kSqlite;
    std::filesystem::path path;  // sqlite
    std::string conninfo;        // postgres; holds no password
    uint32_t connections = 8;
  };
  struct HotState {
    enum class Engine { kSqlite, kRedis, kLedger };
    Engine engine = Engine::kSqlite;  // kLedger where the ledger is on PostgreSQL
    std::filesystem::path path;       // sqlite
    std::filesystem::path socket;     // redis: this, or host and port
    std::string host;
    uint16_t port = 6379;
    std::filesystem::path password_file;  // redis; empty: none
    uint32_t connections = 4;
    Millis timeout{500};
  };
  struct Files {
    std::filesystem::path keys;
    std::filesystem::path checkpoints;
    std::filesystem::path spool;      // a folder; requests wait there while the ledger is away
    std::filesystem::path blocklist;  // empty: only the context words and the strength rules hold
  };
  struct Passwords {
    uint32_t memory_kib = 19456;  // Argon2id; OWASP's minimum
    uint32_t passes = 2;
    uint32_t hash_slots = 0;  // at once; 0: one for each core
    uint32_t hash_queue = 64;
    uint32_t min_characters = 15;               // alone (NIST SP 800-63B-4, 3.1.1.2)
    uint32_t min_characters_beside_factor = 8;  // with another factor
  };
  struct Workers {
    uint32_t threads = 64;
    uint32_t queue = 1024;
  };
  struct Sessions {
    Millis idle = std::chrono::minutes(5);  // RTS Art. 4(3)(d)
    Millis longest = std::chrono::hours(12);
    Millis device = std::chrono::hours(24 * 180);  // how long a device stays known
    Millis staff_idle = std::chrono::minutes(15);
    Millis staff_longest = std::chrono::hours(10);
  };
  // The reasons for the defaults stand in services/recovery/rules.h and services/signin/README.md.
  struct Recovery {
    Millis lifetime = std::chrono::minutes(30);  // of a link and its code
    Millis session = std::chrono::minutes(15);   // from the proof to the new password
    Millis assisted_token = std::chrono::hours(24);
    Millis freeze_link = std::chrono::hours(24 * 30);
    Millis removed_contact_told = std::chrono::hours(24 * 90);  // Law 9
    uint32_t messages_per_hour = 3;                             // with a code, to one account
  };
  struct Lanes {
    Millis window = std::chrono::hours(24);
    uint32_t account_failures = 5;  // RTS Art. 4(3)(b)
    Millis account_first_rest = std::chrono::minutes(15);
    Millis account_longest_rest = std::chrono::hours(24);
    uint32_t source_failures = 3;
    Millis source_first_rest = std::chrono::seconds(30);
    Millis source_longest_rest = std::chrono::minutes(15);
    uint32_t requests_per_minute = 100;  // of one source
  };
  struct Relay {
    enum class Tls { kStartTls, kImplicit };
    std::string host;
    uint16_t port = 587;
    Tls tls = Tls::kStartTls;
    std::filesystem::path authority;  // empty: the system's
    std::filesystem::path
        credentials_file;  // first line the user, second the password; empty: no authentication
  };
  struct Courier {
    std::string from_address;
    std::string from_name;  // empty: the bank's display name
    uint32_t workers = 4;
    Millis timeout = std::chrono::seconds(30);
    uint32_t attempts = 24;  // then one whose answer was lost is set aside and reported
    std::vector<Relay> relays;
  };
  struct Metrics {
    std::string address = "127.0.0.1:9464";  // empty: none
  };
  struct Log {
    enum class Level { kDebug, kInfo, kWarning, kError };
    enum class Format { kJson, kText };
    Level level = Level::kInfo;
    Format format = Format::kJson;
  };

  std::filesystem::path file;  // where all this was read
  Bank bank;
  Listen listen;
  Tls tls;
  Ledger ledger;
  HotState hotstate;
  Files files;
  Passwords passwords;
  Workers workers;
  Sessions sessions;
  Recovery recovery;
  Lanes lanes;
  Courier courier;
  Metrics metrics;
  Log log;
  Millis checkpoint_every = std::chrono::minutes(5);
};

// Reads and checks the file; of others it only looks whether a named authority or time zone is
// there. kUnavailable when it cannot be read; kMalformed with one line for each mistake,
// "file:line: what is wrong; what to do".
Result<Config> LoadConfig(const std::filesystem::path& path);

}  // namespace latchkey
