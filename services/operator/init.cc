// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>
#include <ostream>
#include <sstream>
#include <system_error>
#include <utility>

#include "crypto/certificates.h"
#include "crypto/private_file.h"
#include "services/operator/commands.h"
#include "services/operator/folder.h"
#include "services/operator/init_files.h"
#include "services/operator/open.h"

namespace latchkey::operate {
namespace {

// A little over a year, as browsers and auditors expect of leaves; `latchkey doctor` warns in the
// last month.
constexpr int kLeafDays = 397;
constexpr size_t kLongestFile = size_t{64} * 1024;

Done Check(const InitOptions& options) {
  if (!crypto::ParseIdentity("spiffe://" + options.bank + "/latchkey/service")) {
    return Malformed("bank", "--bank must be a domain name in lower case, such as bank.example");
  }
  LATCHKEY_TRY(SplitAddress("listen", options.listen));
  LATCHKEY_TRY(SplitAddress("portal-listen", options.portal_listen));
  LATCHKEY_TRY(SplitAddress("relay", options.relay));
  if (options.languages.empty()) return Malformed("language", "--language: name at least one");
  return {};
}

// "main/terminal-1" as an identity.
Result<crypto::Identity> TerminalIdentity(const std::string& bank, const std::string& terminal) {
  auto identity = crypto::ParseIdentity("spiffe://" + bank + "/latchkey/branch/" + terminal);
  if (!identity) {
    return Malformed(
        "terminal",
        "--terminal must be BRANCH/TERMINAL of a-z, 0-9 and -, such as main/terminal-1");
  }
  return *identity;
}

Done WriteLeaf(NewFolder& folder, const std::string& stem,
               const crypto::IssuedCertificate& authority, const crypto::Identity& identity,
               const std::vector<std::string>& dns_names, TimePoint now) {
  LATCHKEY_ASSIGN(auto leaf, crypto::IssueLeaf(authority, identity, dns_names, now, kLeafDays));
  LATCHKEY_TRY(folder.Write("tls/" + stem + ".crt", leaf.certificate_pem));
  return folder.WritePrivate("tls/" + stem + ".key", leaf.key_pem.Reveal());
}

Done WriteCertificates(NewFolder& folder, const InitOptions& options, TimePoint now) {
  LATCHKEY_ASSIGN(auto authority, crypto::IssueAuthority(options.bank, now));
  LATCHKEY_TRY(folder.Write("ca/authority.crt", authority.certificate_pem));
  LATCHKEY_TRY(folder.WritePrivate("ca/authority.key", authority.key_pem.Reveal()));
  std::vector<std::string> names = options.service_names;
  if (std::find(names.begin(), names.end(), "localhost") == names.end())
    names.push_back("localhost");
  const std::pair<const char*, crypto::Role> roles[] = {{"service", crypto::Role::kService},
                                                        {"portal", crypto::Role::kPortal},
                                                        {"ivr", crypto::Role::kIvr},
                                                        {"operator", crypto::Role::kOperator}};
  for (const auto& [stem, role] : roles) {
    crypto::Identity identity{.bank = options.bank, .role = role, .branch = {}, .terminal = {}};
    bool is_server = role == crypto::Role::kService;
    LATCHKEY_TRY(WriteLeaf(folder, stem, authority, identity,
                           is_server ? names : std::vector<std::string>(), now));
  }
  for (const std::string& terminal : options.terminals) {
    LATCHKEY_ASSIGN(auto identity, TerminalIdentity(options.bank, terminal));
    std::string stem = "branch-" + identity.branch + "-" + identity.terminal;
    LATCHKEY_TRY(WriteLeaf(folder, stem, authority, identity, {}, now));
    LATCHKEY_TRY(folder.Write(stem + ".toml", "# Made by `latchkey init` for one terminal.\n" +
                                                  ClientToml(options, stem)));
  }
  return {};
}

Done CopyPrivate(NewFolder& folder, const std::filesystem::path& from, const std::string& to) {
  LATCHKEY_ASSIGN(Secret contents, crypto::ReadPrivateFile(from, kLongestFile));
  return folder.WritePrivate(to, contents.Reveal());
}

Done CopyPublic(NewFolder& folder, const std::filesystem::path& from, const std::string& to) {
  std::error_code error;
  std::filesystem::copy_file(from, folder.path() / to, error);
  if (error) return Malformed("relay-authority", from.string() + ": " + error.message());
  return {};
}

// The mistakes without the file and line that each begins with, as the file is about to go again,
// and with the options that were typed for the keys.
std::string WithoutPlace(const std::string& mistakes, const std::filesystem::path& file) {
  std::istringstream lines(mistakes);
  std::string all;
  for (std::string line; std::getline(lines, line);) {
    const size_t start =
        line.starts_with(file.string()) ? line.find(": ", file.string().size()) + 2 : 0;
    all += (all.empty() ? "" : "\n") + line.substr(start);
  }
  constexpr std::pair<std::string_view, std::string_view> kTyped[] = {
      {"\"bank.portal_url\"", "--portal-url"},
      {"\"bank.phone\"", "--phone"},
      {"\"bank.time_zone\"", "--time-zone"},
      {"\"courier.from_address\"", "--from"},
      {"\"courier.relays.host\"", "the host of --relay"}};
  for (const auto& [key, option] : kTyped) {
    if (const size_t at = all.find(key); at != all.npos) all.replace(at, key.size(), option);
  }
  return all;
}

Done WriteConfiguration(NewFolder& folder, const InitOptions& options) {
  LATCHKEY_TRY(folder.Write("latchkey.toml", ServiceToml(options)));
  if (!options.relay_authority.empty()) {
    LATCHKEY_TRY(CopyPublic(folder, options.relay_authority, "tls/relay-authority.crt"));
  }
  if (!options.relay_credentials.empty()) {
    LATCHKEY_TRY(CopyPrivate(folder, options.relay_credentials, "keys/relay.credentials"));
  }
  LATCHKEY_TRY(folder.MakeFolder("data/spool"));
  // What was just written must be what the service accepts: a mistake in an option shows here, not
  // at the start.
  const std::filesystem::path written = folder.path() / "latchkey.toml";
  auto config = LoadConfig(written);
  if (!config.ok()) return Malformed("config", WithoutPlace(config.failure().detail, written));
  LATCHKEY_TRY(folder.Write("portal.toml", PortalToml(options)));
  return folder.Write("ivr.toml", PhoneToml(options));
}

Done Make(const InitOptions& options, TimePoint now) {
  LATCHKEY_TRY(Check(options));
  LATCHKEY_ASSIGN(NewFolder folder, NewFolder::Begin(options.dir));
  crypto::SystemRandom random;
  LATCHKEY_TRY(folder.MakeFolder("keys"));
  LATCHKEY_TRY(crypto::KeyRing::Generate(random).Save(folder.path() / "keys/keyring"));
  LATCHKEY_TRY(WriteCertificates(folder, options, now));
  LATCHKEY_TRY(WriteConfiguration(folder, options));
  return folder.Finish();
}

Result<crypto::IssuedCertificate> LoadAuthority(const std::filesystem::path& folder) {
  LATCHKEY_ASSIGN(Secret key, crypto::ReadPrivateFile(folder / "authority.key", kLongestFile));
  std::ifstream file(folder / "authority.crt");
  std::stringstream pem;
  if (!file || !(pem << file.rdbuf())) {
    return Fail(Reason::kUnavailable, (folder / "authority.crt").string() + ": cannot be read");
  }
  return crypto::IssuedCertificate{pem.str(), std::move(key)};
}

// The service would refuse a client of another bank's name, and say so only at its first call.
// Where the authority is kept there need not be a configuration.
Result<std::string> BankOf(const CertificateOptions& options) {
  if (!options.bank.empty() && !std::filesystem::exists(options.config)) return options.bank;
  LATCHKEY_ASSIGN(const Config config, LoadConfig(options.config));
  if (options.bank.empty() || options.bank == config.bank.domain) return config.bank.domain;
  return Malformed("bank", "--bank " + options.bank + " is not the bank of " +
                               options.config.string() + ", which is " + config.bank.domain +
                               "; leave --bank out, or name another --config");
}

Result<crypto::IssuedCertificate> IssueOne(const CertificateOptions& options, TimePoint now) {
  LATCHKEY_ASSIGN(auto authority, LoadAuthority(options.authority));
  if (options.role.empty())
    return crypto::IssueServer(authority, options.dns_names, now, options.days);
  LATCHKEY_ASSIGN(const std::string bank, BankOf(options));
  auto identity = crypto::ParseIdentity("spiffe://" + bank + "/latchkey/" + options.role);
  if (!identity) {
    return Malformed("role",
                     "--role must be portal, ivr, operator, service or branch/BRANCH/TERMINAL");
  }
  return crypto::IssueLeaf(authority, *identity, options.dns_names, now, options.days);
}

}  // namespace

Exit Init(Terminal& terminal, const InitOptions& given) {
  InitOptions options = given;
  if (options.display_name.empty()) options.display_name = options.bank;
  if (options.from_address.empty()) options.from_address = "no-reply@" + options.bank;
  if (Done made = Make(options, terminal.clock.Now()); !made.ok())
    return Refuse(terminal, made.failure());
  terminal.out << options.dir.string() << ": ready; next: latchkey --config "
               << (options.dir / "latchkey.toml").string() << " migrate\n";
  terminal.notes << "latchkey: keep a copy of keys/keyring apart from the database, and move "
                    "ca/authority.key to a "
                    "safe place: the service does not need it\n";
  return Exit::kDone;
}

Exit IssueCertificate(Terminal& terminal, const CertificateOptions& options) {
  for (const char* ending : {".crt", ".key"}) {
    if (Done fresh = CheckNew("--out", options.out.string() + ending); !fresh.ok())
      return Refuse(terminal, fresh.failure());
  }
  auto issued = IssueOne(options, terminal.clock.Now());
  if (!issued.ok()) return Refuse(terminal, issued.failure());
  Done key = crypto::WritePrivateFile(options.out.string() + ".key", issued->key_pem.Reveal());
  if (!key.ok()) return Refuse(terminal, key.failure());
  std::ofstream certificate(options.out.string() + ".crt");
  if (!(certificate << issued->certificate_pem << std::flush)) {
    return Refuse(terminal, Malformed("out", options.out.string() + ".crt: cannot be written"));
  }
  terminal.out << options.out.string() << ".crt and .key are written\n";
  return Exit::kDone;
}

}  // namespace latchkey::operate
