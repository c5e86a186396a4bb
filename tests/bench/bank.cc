// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/bank.h"

#include <sodium.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "tests/bench/calls.h"
#include "tests/bench/load.h"
#include "tests/bench/progress.h"

namespace latchkey::bench {
namespace {

namespace fs = std::filesystem;

// Moves when what is kept is made in another way.
constexpr char kMadeAs[] = "2";
constexpr Ports kNoRun{.service = 27443, .metrics = 27464, .relay = 27025, .portal = 27080};
constexpr size_t kTokenBytes = 32;
constexpr size_t kSignInsAtOnce = 16;

std::string Digits(const char* form, uint64_t number) {
  char text[64];
  std::snprintf(text, sizeof text, form, static_cast<unsigned long long>(number));
  return text;
}

// Salted SHA-512 as an LDAP server keeps it, so that making a bank hashes nothing twice.
std::string OldVerifier() {
  const std::string salt = "latchkey";
  const std::string salted = kPassword + salt;
  std::string digest(crypto_hash_sha512_BYTES, '\0');
  crypto_hash_sha512(reinterpret_cast<unsigned char*>(digest.data()),
                     reinterpret_cast<const unsigned char*>(salted.data()), salted.size());
  digest += salt;
  std::string text(sodium_base64_ENCODED_LEN(digest.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(digest.data()),
                    digest.size(), sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();
  return "{SSHA512}" + text;
}

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void WriteAll(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  if (!(file << text << std::flush)) Die(path.string() + " cannot be written");
}

void SignEverybodyIn(const Places& places, const fs::path& kept, uint64_t accounts) {
  auto bank = std::make_unique<RunningBank>(places, kept);
  Lines lines(bank->folder(), bank->ports().service, kUsualLines);
  std::string devices(accounts * kTokenBytes, '\0');
  const int64_t good = Each(
      accounts, kSignInsAtOnce,
      [&](uint64_t number, Done done) {
        lines.SignIn({.login = LoginOf(number), .address = AddressOf(number)},
                     [&devices, number, done = std::move(done)](const auto& answer) {
                       const bool known = answer && answer->device_token().size() == kTokenBytes;
                       if (known)
                         answer->device_token().copy(&devices[number * kTokenBytes], kTokenBytes);
                       done(known);
                     });
      },
      [&](uint64_t number) { Progress("signing everybody in once", number, accounts); });
  if (good != static_cast<int64_t>(accounts))
    Die("not everybody could sign in: " + lines.LastRefusal());
  bank->Stop();
  fs::copy(bank->folder() / "data", kept / "data",
           fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  WriteAll(kept / "devices", devices);
}

}  // namespace

std::string LoginOf(uint64_t number) { return Digits("customer%07llu", number); }
std::string EmailOf(uint64_t number) { return LoginOf(number) + "@mail.example"; }

std::string AddressOf(uint64_t number) {
  return "10." + Digits("%llu.", number >> 16 & 255) + Digits("%llu.", number >> 8 & 255) +
         Digits("%llu", number & 255);
}

std::string StrangersAddressOf(uint64_t number) {
  return Digits("%llu.", 100 + (number >> 24 & 7)) + Digits("%llu.", number >> 16 & 255) +
         Digits("%llu.", number >> 8 & 255) + Digits("%llu", number & 255);
}

void WriteCustomers(const fs::path& file, uint64_t accounts) {
  std::ofstream out(file, std::ios::binary);
  out << "customer_number,login_name,name,email,phone,password_hash,language,contact_since\n";
  const std::string verifier = OldVerifier();
  for (uint64_t i = 0; i < accounts; ++i) {
    out << Digits("%08llu", 10'000'000 + i) << ',' << LoginOf(i) << ",Customer Number "
        << Digits("%llu", i) << ',' << EmailOf(i) << ",+4470" << Digits("%08llu", i) << ','
        << verifier << ",en,2015-06-01\n";
  }
  if (!out.flush()) Die(file.string() + " cannot be written");
}

void InitBank(const Places& places, const fs::path& folder) {
  auto local = [](uint16_t port) { return "127.0.0.1:" + std::to_string(port); };
  const fs::path log = folder.string() + ".log";
  RunToEnd({places.bin / "latchkey",
            "init",
            "--dir",
            folder,
            "--bank",
            "bank.example",
            "--name",
            "Bench Bank",
            "--portal-url",
            "http://localhost:" + std::to_string(kNoRun.portal),
            "--phone",
            "+44 20 7946 0000",
            "--listen",
            local(kNoRun.service),
            "--portal-listen",
            local(kNoRun.portal),
            "--metrics",
            local(kNoRun.metrics),
            "--relay",
            "localhost:" + std::to_string(kNoRun.relay),
            "--relay-own-authority"},
           log);
  RunToEnd({places.bin / "latchkey", "certificate", "--authority", folder / "ca", "--dns",
            "localhost", "--out", folder / "relay"},
           log);
  Operate(places, folder, {"migrate"});
  fs::remove(log);
}

void Operate(const Places& places, const fs::path& folder, const std::vector<std::string>& words) {
  std::vector<std::string> all = {places.bin / "latchkey", "--config", folder / "latchkey.toml"};
  all.insert(all.end(), words.begin(), words.end());
  RunToEnd(all, folder / "log");
}

fs::path KeptBank(const Places& places, uint64_t accounts, bool signed_in) {
  const fs::path kept =
      places.kept / ("bank-" + std::to_string(accounts) + (signed_in ? "-signed-in" : ""));
  if (ReadAll(kept / "ready") == kMadeAs) return kept;
  fs::remove_all(kept);
  fs::create_directories(places.kept);
  Progress("making a bank of accounts", 0, accounts);
  InitBank(places, kept);
  WriteCustomers(kept / "customers.csv", accounts);
  Operate(places, kept, {"import", kept / "customers.csv"});
  fs::remove(kept / "customers.csv");
  if (signed_in) SignEverybodyIn(places, kept, accounts);
  WriteAll(kept / "ready", kMadeAs);
  return kept;
}

RunningBank::RunningBank(const Places& places, const fs::path& kept, const BankOptions& options)
    : scratch_(places.kept),
      folder_(scratch_.path() / "bank"),
      ports_{.service = FreePort(),
             .metrics = FreePort(),
             .relay = options.relay_port,
             .portal = FreePort()},
      devices_(ReadAll(kept / "devices")) {
  fs::copy(kept, folder_, fs::copy_options::recursive);
  // A port that nobody listens on: what is sent there waits.
  if (ports_.relay == 0) ports_.relay = FreePort();
  const std::pair<uint16_t, uint16_t> changes[] = {{kNoRun.service, ports_.service},
                                                   {kNoRun.metrics, ports_.metrics},
                                                   {kNoRun.relay, ports_.relay},
                                                   {kNoRun.portal, ports_.portal}};
  for (const char* file : {"latchkey.toml", "portal.toml"}) {
    for (const auto& [from, to] : changes) {
      Replace(folder_ / file, std::to_string(from), std::to_string(to));
    }
  }
  for (const auto& [line, instead] : options.settings) {
    Replace(folder_ / "latchkey.toml", line, instead);
  }
  service_ = std::make_unique<Child>(
      std::vector<std::string>{places.bin / "latchkeyd", "--config", folder_ / "latchkey.toml"},
      folder_ / "latchkeyd.log");
  service_->WaitForPort(ports_.service);
}

std::string RunningBank::DeviceOf(uint64_t number) const {
  if (devices_.empty()) return {};
  return devices_.substr(number * kTokenBytes, kTokenBytes);
}

void Replace(const fs::path& file, const std::string& from, const std::string& to) {
  std::string text = ReadAll(file);
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  WriteAll(file, text);
}

}  // namespace latchkey::bench
