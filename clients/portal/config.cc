// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/config.h"

#include <algorithm>
#include <cmath>

#include "clients/portal/http/address.h"
#include "services/base/settings.h"
#include "services/base/shapes.h"

namespace latchkey::portal {
namespace {

// The surfaces that the theme's accent is read on (static/portal.css). 4.5 is WCAG 2.2, 1.4.3.
constexpr std::string_view kLightSurface = "#ffffff";
constexpr std::string_view kDarkSurface = "#17212b";
constexpr double kReadable = 4.5;

double Luminance(std::string_view colour) {
  if (colour.size() != 7 || colour[0] != '#') return -1;
  double parts[3];
  for (int i = 0; i < 3; ++i) {
    int value = 0;
    for (char c : colour.substr(1 + 2 * i, 2)) {
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return -1;
      value = value * 16 + digit;
    }
    const double s = value / 255.0;
    parts[i] = s <= 0.04045 ? s / 12.92 : std::pow((s + 0.055) / 1.055, 2.4);
  }
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
}

bool IsOrigin(std::string_view url) {
  const std::string host = HostOf(url);
  if (host.empty()) return false;
  return std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':' ||
           c == '[' || c == ']';
  });
}

void CheckColour(Section& bank, std::string_view key, std::string_view colour,
                 std::string_view surface) {
  const double contrast = Contrast(colour, surface);
  if (contrast == 0) {
    bank.Refuse(key, "write a colour as \"#rrggbb\"");
  } else if (contrast < kReadable) {
    bank.Refuse(key, "too little contrast on " + std::string(surface) +
                         ": WCAG 2.2 asks for 4.5 to 1; choose a " +
                         (surface == kLightSurface ? "darker" : "lighter") + " colour");
  }
}

void ReadPortal(Section portal, PortalConfig& config) {
  portal.Read("base_url", config.base_url, Need::kRequired);
  if (!IsOrigin(config.base_url)) {
    portal.Refuse("base_url",
                  "write scheme and host in small letters, as \"https://reset.bank.example\"");
  }
  portal.Read("other_hosts", config.other_hosts);
  portal.Read("listen_address", config.listen_address);
  const std::string address = CanonicalAddress(config.listen_address);
  if (address.empty()) portal.Refuse("listen_address", "write an IPv4 or IPv6 address");
  portal.Read("listen_port", config.listen_port, 1, 65535);
  portal.Read("tls_certificate", config.tls_certificate);
  portal.Read("tls_key", config.tls_key);
  if (config.tls_certificate.empty() != config.tls_key.empty()) {
    portal.Refuse(config.tls_key.empty() ? "tls_certificate" : "tls_key",
                  "set tls_certificate and tls_key together");
  }
  portal.Read("trusted_proxies", config.trusted_proxies);
  if (auto parsed = Proxies::Parse(config.trusted_proxies); !parsed.ok()) {
    portal.Refuse("trusted_proxies", parsed.failure().detail);
  }
  const bool own_tls = !config.tls_certificate.empty();
  const bool loopback = address.starts_with("127.") || address == "::1";
  if (own_tls && !config.secure()) {
    portal.Refuse("base_url", "this portal has a certificate, so base_url starts with https://");
  }
  if (!own_tls && config.secure() && config.trusted_proxies.empty()) {
    portal.Refuse("base_url",
                  "https needs tls_certificate and tls_key here, or the proxy that has them in "
                  "trusted_proxies");
  }
  if (!own_tls && !config.secure() && !loopback) {
    portal.Refuse("listen_address",
                  "without TLS the portal serves its own machine only: 127.0.0.1");
  }
  portal.Read("form_key_file", config.form_key_file);
  portal.Read("share", config.share);
  portal.Read("languages", config.languages);
  portal.Read("default_language", config.default_language);
  if (std::find(config.languages.begin(), config.languages.end(), config.default_language) ==
      config.languages.end()) {
    portal.Refuse("default_language", "name one of `languages`");
  }
  portal.Read("health_page", config.health_page);
  portal.Read("threads", config.threads, 1, 64);
  portal.Read("service_patience_seconds", config.service_patience, std::chrono::seconds(1),
              std::chrono::seconds(60));
}

void ReadLimits(Section limits, LimitsConfig& config) {
  using std::chrono::seconds;
  limits.Read("connections", config.connections, 16, 1'000'000);
  limits.Read("connections_per_source", config.connections_per_source, 1, 1'000'000);
  limits.Read("requests_per_connection", config.requests_per_connection, 1, 100'000);
  limits.Read("read_timeout_seconds", config.read_timeout, seconds(1), seconds(120));
  limits.Read("idle_timeout_seconds", config.idle_timeout, seconds(1), seconds(600));
  limits.Read("write_timeout_seconds", config.write_timeout, seconds(1), seconds(120));
}

void ReadTexts(Section section, BankTexts& texts) {
  section.Read("phone_hours", texts.phone_hours);
  section.Read("branch", texts.branch);
  section.Read("privacy_contact", texts.privacy_contact);
}

void ReadBank(Section bank, const std::vector<std::string>& languages, BankConfig& config) {
  bank.Read("name", config.name, Need::kRequired);
  bank.Read("logo", config.logo);
  bank.Read("phone", config.phone);
  if (!config.phone.empty() && !IsPrintedPhone(config.phone)) {
    bank.Refuse("phone", "write a number as it is printed, such as \"+44 20 7946 0000\"");
  }
  ReadTexts(bank, config.texts);
  for (const std::string& language : languages) {
    if (!bank.Has(language)) continue;
    // What a language leaves out is said as in [bank].
    BankTexts& texts = config.texts_by_language[language] = config.texts;
    ReadTexts(bank.In(language), texts);
  }
  bank.Read("accent", config.accent);
  CheckColour(bank, "accent", config.accent, kLightSurface);
  bank.Read("accent_dark", config.accent_dark);
  CheckColour(bank, "accent_dark", config.accent_dark, kDarkSurface);
  bank.Read("time_zone", config.time_zone);
}

void ReadService(Section service, client::ServiceOptions& options) {
  service.Read("server", options.server, Need::kRequired);
  service.Read("server_name", options.server_name);
  service.Read("ca", options.ca, Need::kRequired);
  service.Read("certificate", options.certificate, Need::kRequired);
  service.Read("key", options.key, Need::kRequired);
}

}  // namespace

std::string HostOf(std::string_view base_url) {
  const size_t scheme = base_url.find("://");
  if (scheme == std::string_view::npos) return {};
  const std::string_view name = base_url.substr(0, scheme);
  if (name != "http" && name != "https") return {};
  return std::string(base_url.substr(scheme + 3));
}

std::string Dialled(std::string_view phone) {
  std::string digits;
  for (char c : phone) {
    if ((c >= '0' && c <= '9') || (c == '+' && digits.empty())) digits += c;
  }
  return digits;
}

std::string PhoneForm(std::string_view phone) {
  constexpr size_t kMostOfCountry = 4;  // "+" and three digits (ITU-T E.164)
  const std::string_view country = phone.substr(0, phone.find_first_not_of("0123456789", 1));
  const bool known = country.starts_with('+') && country.size() <= kMostOfCountry;
  return std::string(known ? country : "+") + " …";
}

double Contrast(std::string_view a, std::string_view b) {
  const double x = Luminance(a);
  const double y = Luminance(b);
  if (x < 0 || y < 0) return 0;
  return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

Result<PortalConfig> LoadPortalConfig(const std::filesystem::path& path) {
  LATCHKEY_ASSIGN(Settings settings, Settings::Load(path, "portal.toml.example"));
  PortalConfig config;
  ReadPortal(settings.root().In("portal"), config);
  ReadLimits(settings.root().In("limits"), config.limits);
  ReadBank(settings.root().In("bank"), config.languages, config.bank);
  ReadService(settings.root().In("service"), config.service);
  LATCHKEY_TRY(settings.Finish());
  return config;
}

}  // namespace latchkey::portal
