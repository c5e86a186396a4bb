// SPDX-License-Identifier: Apache-2.0
// Everything that a bank sets at its portal. portal.toml.example explains each key.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "clients/common/service.h"
#include "services/base/clock.h"
#include "services/base/result.h"

namespace latchkey::portal {

// Words of the bank's own, which may differ by language: [bank.de] holds those for German.
struct BankTexts {
  std::string phone_hours;
  std::string branch;           // where a branch is found, and its hours
  std::string privacy_contact;  // whom to ask about personal data
};

struct BankConfig {
  std::string name = "Example Bank";
  std::filesystem::path logo;  // SVG; empty: a plain mark
  std::string phone;  // as people read it: "+49 30 1234 5678"; empty: the bank has no phone
  std::string accent = "#0b5c66";
  std::string accent_dark = "#63c5cf";
  std::string time_zone = "UTC";
  BankTexts texts;
  std::map<std::string, BankTexts, std::less<>> texts_by_language;

  const BankTexts& TextsIn(std::string_view language) const {
    auto found = texts_by_language.find(language);
    return found == texts_by_language.end() ? texts : found->second;
  }
};

struct LimitsConfig {
  size_t connections = 8000;
  size_t connections_per_source = 60;
  unsigned requests_per_connection = 200;
  Millis read_timeout = std::chrono::seconds(10);
  Millis idle_timeout = std::chrono::seconds(30);
  Millis write_timeout = std::chrono::seconds(20);
};

struct PortalConfig {
  std::string base_url = "http://localhost:8080";
  std::vector<std::string> other_hosts;
  std::string listen_address = "127.0.0.1";
  uint16_t listen_port = 8080;
  std::filesystem::path tls_certificate;
  std::filesystem::path tls_key;
  std::vector<std::string> trusted_proxies;
  std::filesystem::path form_key_file;  // 32 bytes; empty: each start makes its own
  std::filesystem::path share;          // templates, static files, catalogs
  std::vector<std::string> languages = {"en", "de"};
  std::string default_language = "en";
  bool health_page = false;
  unsigned threads = 2;
  Millis service_patience = std::chrono::seconds(10);
  LimitsConfig limits;
  BankConfig bank;
  client::ServiceOptions service;

  // Customers reach the portal over TLS, here or at a proxy of the bank.
  bool secure() const { return base_url.starts_with("https://"); }
};

// Reads [portal], [limits], [bank] and [service]. kMalformed names every mistake with its line.
Result<PortalConfig> LoadPortalConfig(const std::filesystem::path& path);

// The host that a browser sends for an origin: "localhost:8080" of "http://localhost:8080".
std::string HostOf(std::string_view base_url);
// What a telephone link dials: "+493012345678" of "+49 30 1234 5678".
std::string Dialled(std::string_view phone);
// How customers write theirs, by the bank's country: "+49 …" of "+49 30 1234 5678".
std::string PhoneForm(std::string_view phone);
// WCAG contrast of two colours "#rrggbb", 1 to 21; 0 when one is no colour.
double Contrast(std::string_view a, std::string_view b);

}  // namespace latchkey::portal
