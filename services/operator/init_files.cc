// SPDX-License-Identifier: Apache-2.0
#include "services/operator/init_files.h"

#include <charconv>

namespace latchkey::operate {
namespace {

// A TOML basic string (toml.io, v1.0): quotes, backslashes and controls are escaped.
std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += ' ';
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string List(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() > 1 ? ", " : "") + Quoted(text);
  return out + "]";
}

std::string Key(std::string_view name, std::string_view value) {
  return std::string(name) + " = " + std::string(value) + "\n";
}

// The bank's own words, or a place for them.
std::string Words(std::string_view name, const std::string& words, std::string_view such_as) {
  return words.empty() ? "# " + Key(name, Quoted(such_as)) : Key(name, Quoted(words));
}

HostAndPort Parts(const std::string& text) {
  auto parts = SplitAddress("", text);
  return parts.ok() ? *parts : HostAndPort{};
}

std::string LedgerToml(const InitOptions& options) {
  if (options.postgres.empty()) return "\n[ledger]\n" + Key("path", "\"data/ledger.db\"");
  return "\n[ledger]\n" + Key("engine", "\"postgres\"") + Key("conninfo", Quoted(options.postgres));
}

std::string HotStateToml(const InitOptions& options) {
  if (options.redis_socket.empty() && !options.postgres.empty())
    return "\n[hotstate]\n" + Key("engine", "\"ledger\"");
  if (options.redis_socket.empty()) return "\n[hotstate]\n" + Key("path", "\"data/hotstate.db\"");
  return "\n[hotstate]\n" + Key("engine", "\"redis\"") +
         Key("socket", Quoted(options.redis_socket.string()));
}

std::string RelayToml(const InitOptions& options) {
  HostAndPort relay = Parts(options.relay);
  std::string text = "\n[[courier.relays]]\n" + Key("host", Quoted(relay.host)) +
                     Key("port", std::to_string(relay.port)) +
                     Key("tls", relay.port == 465 ? "\"implicit\"" : "\"starttls\"");
  if (options.relay_is_own) text += Key("authority", "\"ca/authority.crt\"");
  if (!options.relay_authority.empty()) text += Key("authority", "\"tls/relay-authority.crt\"");
  if (!options.relay_credentials.empty())
    text += Key("credentials_file", "\"keys/relay.credentials\"");
  return text;
}

// The service listens on every address with "0.0.0.0"; a client on this machine then calls
// localhost.
std::string ServerToCall(const InitOptions& options) {
  HostAndPort listen = Parts(options.listen);
  bool everywhere = listen.host == "0.0.0.0" || listen.host == "::";
  std::string host = everywhere ? "127.0.0.1" : listen.host;
  return (host.find(':') == host.npos ? host : "[" + host + "]") + ":" +
         std::to_string(listen.port);
}

}  // namespace

Result<HostAndPort> SplitAddress(std::string_view what, std::string_view text) {
  size_t colon = text.rfind(':');
  HostAndPort parts;
  if (colon != text.npos && colon > 0) {
    parts.host = text.substr(0, colon);
    std::string_view port = text.substr(colon + 1);
    auto read = std::from_chars(port.data(), port.data() + port.size(), parts.port);
    if (read.ec != std::errc() || read.ptr != port.data() + port.size()) parts.port = 0;
  }
  if (parts.host.size() > 2 && parts.host.front() == '[' && parts.host.back() == ']') {
    parts.host = parts.host.substr(1, parts.host.size() - 2);
  }
  if (parts.port < 1 || parts.port > 65535) {
    return Malformed(std::string(what),
                     "--" + std::string(what) + " must be HOST:PORT, such as " +
                         (what == "relay" ? "smtp.bank.example:587" : "127.0.0.1:7443"));
  }
  return parts;
}

std::string ServiceToml(const InitOptions& options) {
  HostAndPort listen = Parts(options.listen);
  return "# Made by `latchkey init`. deploy/latchkey.toml.example shows every key with its "
         "meaning.\n"
         "\n[bank]\n" +
         Key("domain", Quoted(options.bank)) + Key("display_name", Quoted(options.display_name)) +
         Key("portal_url", Quoted(options.portal_url)) + Key("phone", Quoted(options.phone)) +
         Key("time_zone", Quoted(options.time_zone)) + Key("languages", List(options.languages)) +
         "\n[listen]\n" + Key("address", Quoted(listen.host)) +
         Key("port", std::to_string(listen.port)) + "\n[tls]\n" +
         Key("authority", "\"ca/authority.crt\"") + Key("certificate", "\"tls/service.crt\"") +
         Key("key", "\"tls/service.key\"") + LedgerToml(options) + HotStateToml(options) +
         "\n[files]\n" + Key("keys", "\"keys/keyring\"") +
         Key("checkpoints", "\"data/checkpoints\"") + Key("spool", "\"data/spool\"") +
         "# blocklist = \"data/blocklist\"    # latchkey blocklist build --words FILE... --out "
         "data/blocklist\n" +
         "\n[courier]\n" + Key("from_address", Quoted(options.from_address)) + RelayToml(options) +
         "\n[metrics]\n" + Key("address", Quoted(options.metrics));
}

std::string PortalToml(const InitOptions& options) {
  HostAndPort listen = Parts(options.portal_listen);
  std::string text =
      "# Made by `latchkey init`. clients/portal/portal.toml.example shows every key with its "
      "meaning.\n"
      "\n[portal]\n" +
      Key("base_url", Quoted(options.portal_url)) + Key("listen_address", Quoted(listen.host)) +
      Key("listen_port", std::to_string(listen.port)) + Key("languages", List(options.languages)) +
      Key("default_language", Quoted(options.languages.front()));
  if (options.portal_url.substr(0, 8) == "https://") {
    text +=
        "# TLS ends at a proxy on this machine. To end it here, set tls_certificate and tls_key "
        "instead.\n" +
        Key("trusted_proxies", List({"127.0.0.1/32", "::1/128"}));
  }
  return text + "\n[bank]\n" + Key("name", Quoted(options.display_name)) +
         Key("phone", Quoted(options.phone)) +
         Words("phone_hours", options.phone_hours, "Monday to Friday, 8:00 to 20:00") +
         Words("branch", options.branch, "Branches are open Monday to Friday, 9:00 to 17:00.") +
         Words("privacy_contact", options.privacy_contact, "Data protection officer, …") +
         Key("time_zone", Quoted(options.time_zone)) + ClientToml(options, "portal");
}

std::string PhoneToml(const InitOptions& options) {
  std::string_view address = options.portal_url;
  address.remove_prefix(address.find("://") + 3);
  return "# Made by `latchkey init` for the phone gateway.\n" + ClientToml(options, "ivr") +
         "\n[phone]\n" + Key("language", Quoted(options.languages.front())) +
         Key("bank_name", Quoted(options.display_name)) + Key("web_address", Quoted(address));
}

std::string ClientToml(const InitOptions& options, std::string_view certificate) {
  std::string stem = "tls/" + std::string(certificate);
  return "\n[service]\n" + Key("server", Quoted(ServerToCall(options))) +
         Key("server_name", "\"localhost\"") + Key("ca", "\"ca/authority.crt\"") +
         Key("certificate", Quoted(stem + ".crt")) + Key("key", Quoted(stem + ".key"));
}

}  // namespace latchkey::operate
