// SPDX-License-Identifier: Apache-2.0
#include "services/latchkeyd/wiring.h"

#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include "crypto/private_file.h"
#include "crypto/tls_files.h"

namespace latchkey {
namespace {

constexpr size_t kLongestPrivateFile = size_t{64} * 1024;

Result<std::string> ReadPublic(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  if (!file || !(text << file.rdbuf())) {
    return Fail(Reason::kUnavailable, path.string() + ": cannot be read; `latchkey init` makes it");
  }
  return text.str();
}

Secret Line(std::string_view text, int number) {
  for (; number > 0; --number) {
    const size_t end = text.find('\n');
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return Secret(text);
}

recovery::NoticeRules NoticeRulesOf(const Config& config) {
  recovery::NoticeRules rules;
  rules.freeze_link = config.recovery.freeze_link;
  rules.removed_contact_told = config.recovery.removed_contact_told;
  return rules;
}

}  // namespace

ledger::LedgerOptions LedgerOptionsOf(const Config& config) {
  const bool sqlite = config.ledger.engine == Config::Ledger::Engine::kSqlite;
  return {.engine = sqlite ? "sqlite" : "postgres",
          .path = config.ledger.path,
          .conninfo = config.ledger.conninfo,
          .connections = static_cast<int>(config.ledger.connections)};
}

signin::GuessRules GuessRulesOf(const Config& config) {
  const Config::Lanes& lanes = config.lanes;
  const hotstate::LaneRule subject{.failures = lanes.account_failures,
                                   .window = lanes.window,
                                   .first_rest = lanes.account_first_rest,
                                   .longest_rest = lanes.account_longest_rest};
  const hotstate::LaneRule source{.failures = lanes.source_failures,
                                  .window = lanes.window,
                                  .first_rest = lanes.source_first_rest,
                                  .longest_rest = lanes.source_longest_rest};
  signin::GuessRules rules = signin::GuessRules::Default();
  for (signin::KindRules* customer : {&rules.password, &rules.recovery_code}) {
    customer->subject = subject;
    customer->source = source;
  }
  for (signin::KindRules* beside_staff : {&rules.branch_code, &rules.staff}) {
    beside_staff->subject = subject;
    beside_staff->source = subject;
  }
  rules.assisted_token.source = source;
  return rules;
}

hotstate::Allowance RequestsAMinute(const Config& config) {
  const uint32_t a_minute = config.lanes.requests_per_minute;
  // Rounded up: a pause of no milliseconds would be no budget at all.
  return {.capacity = a_minute, .refill = Millis((60'000 + a_minute - 1) / a_minute)};
}

signin::SignInOptions SignInOptionsOf(const Config& config) {
  signin::SignInOptions options;
  options.idle = config.sessions.idle;
  options.longest = config.sessions.longest;
  options.device = config.sessions.device;
  options.told_rest = config.lanes.account_first_rest;
  options.strangers.source = RequestsAMinute(config);
  return options;
}

signin::HashSlots::Options HashSlotsOf(const Config& config) {
  const Config::Passwords& passwords = config.passwords;
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  signin::HashSlots::Options options;
  options.slots = passwords.hash_slots == 0 ? cores : passwords.hash_slots;
  options.ahead = options.slots;
  options.longest_queue = passwords.hash_queue;
  options.cost = {.memory_kib = passwords.memory_kib, .passes = passwords.passes};
  return options;
}

recovery::RecoveryRules RecoveryRulesOf(const Config& config) {
  recovery::RecoveryRules rules;
  rules.lifetime = config.recovery.lifetime;
  rules.session = config.recovery.session;
  rules.notices = NoticeRulesOf(config);
  rules.device_known = config.sessions.device;
  rules.codes.source = RequestsAMinute(config);
  rules.messages_per_hour = config.recovery.messages_per_hour;
  rules.min_characters_alone = config.passwords.min_characters;
  rules.min_characters_beside = config.passwords.min_characters_beside_factor;
  return rules;
}

assist::Rules AssistRulesOf(const Config& config) {
  assist::Rules rules;
  rules.session_idle = config.sessions.staff_idle;
  rules.session_longest = config.sessions.staff_longest;
  rules.token_lifetime = config.recovery.assisted_token;
  rules.notices = NoticeRulesOf(config);
  return rules;
}

courier::BankOptions BankOf(const Config& config) {
  courier::BankOptions bank;
  bank.name =
      config.courier.from_name.empty() ? config.bank.display_name : config.courier.from_name;
  bank.portal_url = config.bank.portal_url;
  bank.phone = config.bank.phone;
  bank.from_address = config.courier.from_address;
  bank.color = config.bank.color;
  bank.time_zone = config.bank.time_zone;
  bank.default_language = config.bank.languages.front();
  return bank;
}

courier::CourierOptions CourierOptionsOf(const Config& config) {
  courier::CourierOptions options;
  options.workers = static_cast<int>(config.courier.workers);
  options.max_attempts = config.courier.attempts;
  return options;
}

Result<courier::SmtpOptions> SmtpOptionsOf(const Config& config) {
  courier::SmtpOptions options;
  options.timeout = config.courier.timeout;
  for (const Config::Relay& relay : config.courier.relays) {
    courier::RelayOptions each;
    each.host = relay.host;
    each.port = relay.port;
    each.tls = relay.tls == Config::Relay::Tls::kImplicit ? courier::RelayTls::kImplicit
                                                          : courier::RelayTls::kStartTls;
    each.authority = relay.authority;
    if (!relay.credentials_file.empty()) {
      LATCHKEY_ASSIGN(Secret text,
                      crypto::ReadPrivateFile(relay.credentials_file, kLongestPrivateFile));
      each.user = std::string(Line(text.Reveal(), 0).Reveal());
      each.password = Line(text.Reveal(), 1);
    }
    options.relays.push_back(std::move(each));
  }
  return options;
}

Result<rpc::ServerOptions> ServerOptionsOf(const Config& config) {
  rpc::ServerOptions options;
  const std::string& address = config.listen.address;
  const bool ipv6 = address.find(':') != std::string::npos;
  options.address =
      (ipv6 ? "[" + address + "]" : address) + ":" + std::to_string(config.listen.port);
  LATCHKEY_ASSIGN(options.ca_pem, ReadPublic(config.tls.authority));
  LATCHKEY_ASSIGN(crypto::TlsPair own,
                  crypto::ReadServerPair({config.tls.certificate, config.tls.key}));
  options.certificate_pem = std::move(own.certificate_pem);
  options.key_pem = std::move(own.key_pem);
  options.reflection = config.listen.reflection;
  options.largest_message_kib = static_cast<int>(config.listen.largest_message_kib);
  options.streams_per_connection = static_cast<int>(config.listen.streams_per_connection);
  return options;
}

}  // namespace latchkey
