// SPDX-License-Identifier: Apache-2.0
// The banks that benchmarks run against: made by `latchkey init`, filled by `latchkey import`, kept
// for the next time, and copied for each use.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/process.h"

namespace latchkey::bench {

struct Places {
  std::filesystem::path bin;   // latchkey, latchkeyd, latchkey-portal
  std::filesystem::path kept;  // banks that were made, and the copies in use
};

// Customer `number` of every bank, counted from 0.
std::string LoginOf(uint64_t number);
std::string EmailOf(uint64_t number);
// Each customer signs in from an address of their own.
std::string AddressOf(uint64_t number);
// Addresses that no customer has, one for each stranger.
std::string StrangersAddressOf(uint64_t number);
inline constexpr char kPassword[] = "purple harbour lantern";

// The customers' file for `latchkey import`.
void WriteCustomers(const std::filesystem::path& file, uint64_t accounts);

// Ports differ in each run, so they are set when a bank is copied.
struct Ports {
  uint16_t service = 0;
  uint16_t metrics = 0;
  uint16_t relay = 0;
  uint16_t portal = 0;
};
// A folder as `latchkey init` makes it. Its ports are those of no run.
void InitBank(const Places& places, const std::filesystem::path& folder);
// latchkey --config FOLDER/latchkey.toml WORDS...
void Operate(const Places& places, const std::filesystem::path& folder,
             const std::vector<std::string>& words);

// A bank with so many accounts, made when it is not kept yet. `signed_in`: each customer has signed
// in once, so that verifiers are Latchkey's own and a device of each is known.
std::filesystem::path KeptBank(const Places& places, uint64_t accounts, bool signed_in);

struct BankOptions {
  uint16_t relay_port = 0;  // 0: no mail is taken; messages wait
  // A text of latchkey.toml, and what stands there instead.
  std::map<std::string, std::string> settings = {};
};

// A copy of a kept bank, with its service running.
class RunningBank {
 public:
  RunningBank(const Places& places, const std::filesystem::path& kept,
              const BankOptions& options = {});

  const std::filesystem::path& folder() const { return folder_; }
  const Ports& ports() const { return ports_; }
  Child& service() { return *service_; }
  // Ends the service; the folder stays as it left it.
  void Stop() { service_.reset(); }
  // The token by which customer `number`'s device is known; empty when nobody has signed in yet.
  std::string DeviceOf(uint64_t number) const;

 private:
  Scratch scratch_;
  std::filesystem::path folder_;
  Ports ports_;
  std::string devices_;
  std::unique_ptr<Child> service_;
};

// A file's text with one text replaced by another, everywhere.
void Replace(const std::filesystem::path& file, const std::string& from, const std::string& to);

}  // namespace latchkey::bench
