// SPDX-License-Identifier: Apache-2.0
#include "tests/attacks/node.h"

#include <ostream>
#include <utility>

#include "services/base/check.h"
#include "services/latchkeyd/call_log.h"
#include "services/latchkeyd/wiring.h"
#include "services/ledger/journal.h"
#include "services/ledger/staff.h"
#include "services/rpc/assist_service.h"
#include "services/rpc/cases_service.h"
#include "services/rpc/operator_service.h"
#include "services/rpc/recovery_service.h"
#include "services/rpc/server.h"
#include "services/rpc/signin_service.h"
#include "services/rpc/staff_service.h"
#include "tests/free_port.h"

namespace latchkey::attacks {
namespace {

std::unique_ptr<ledger::Ledger> OpenLedger(const Config& config) {
  auto ledger = ledger::Open(LedgerOptionsOf(config)).value();
  LATCHKEY_CHECK(ledger->Migrate().ok());
  return ledger;
}

std::unique_ptr<WatchedHotState> OpenHotState(const Config& config, ledger::Ledger& ledger) {
  return std::make_unique<WatchedHotState>(
      hotstate::Open(hotstate::OptionsOf(config.hotstate).value(), ledger).value());
}

courier::SmtpOptions MailThrough(const courier::RelayOptions& relay, const Config& config) {
  courier::SmtpOptions options;
  options.timeout = config.courier.timeout;
  options.relays.push_back({.host = relay.host,
                            .port = relay.port,
                            .tls = relay.tls,
                            .authority = relay.authority,
                            .user = relay.user,
                            .password = relay.password.Copy()});
  return options;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Effort& effort) {
  return out << effort.hashes << " hashes, " << effort.guesses << " guesses, " << effort.commits
             << " commits of " << effort.statements << " statements, " << effort.reads
             << " reads of " << effort.statements_read;
}

// The same parts in the same order as services/latchkeyd/main.cc.
Node::Node(Premises premises, const std::string& name)
    : premises_(std::move(premises)),
      ids_(premises_.clock, random_),
      store_{premises_.clock, random_, ids_, premises_.keys},
      ledger_(OpenLedger(premises_.config)),
      hot_state_(OpenHotState(premises_.config, ledger_)),
      spool_({.folder = premises_.config.files.spool / name}, premises_.keys, random_),
      slots_(HashSlotsOf(premises_.config), premises_.keys, random_, premises_.clock),
      gate_(*hot_state_, GuessRulesOf(premises_.config), premises_.keys, premises_.clock),
      sign_in_(premises_.sign_in, ledger_, store_, *hot_state_, gate_, slots_),
      recovery_{ledger_,
                *hot_state_,
                gate_,
                slots_,
                blocklist_,
                spool_,
                store_,
                RecoveryRulesOf(premises_.config),
                premises_.config.bank.display_name},
      cases_(ledger_, store_, gate_),
      assist_(ledger_, store_, *hot_state_, gate_, slots_, cases_, AssistRulesOf(premises_.config)),
      renderer_(courier::Renderer::Make(BankOf(premises_.config)).value()),
      smtp_(courier::SmtpChannel::Make(BankOf(premises_.config),
                                       MailThrough(premises_.relay, premises_.config),
                                       premises_.clock)
                .value()),
      courier_(std::make_unique<courier::Courier>(ledger_, store_, *renderer_,
                                                  std::vector<courier::Channel*>{smtp_.get()},
                                                  CourierOptionsOf(premises_.config))),
      ordinary_(premises_.config.workers.threads, premises_.config.workers.queue),
      hashing_(HashSlotsOf(premises_.config).slots + premises_.config.passwords.hash_queue,
               premises_.config.workers.queue),
      edge_({.bank = premises_.config.bank.domain,
             .revoked = premises_.config.tls.revoked,
             .longest_call = premises_.config.listen.longest_call,
             .observe = LogCall},
            premises_.clock, ordinary_, hashing_) {
  services_.push_back(std::make_unique<rpc::SignInService>(edge_, sign_in_));
  services_.push_back(std::make_unique<rpc::RecoveryService>(edge_, recovery_));
  services_.push_back(std::make_unique<rpc::StaffService>(edge_, assist_));
  services_.push_back(std::make_unique<rpc::CasesService>(edge_, assist_, cases_));
  services_.push_back(std::make_unique<rpc::AssistService>(edge_, assist_));
  services_.push_back(
      std::make_unique<rpc::OperatorService>(edge_, [](v1::GetStatusResponse& answer) -> Done {
        answer.set_version("attacked");
        return {};
      }));
  Listen();
}

void Node::Listen() {
  SystemClock clock;  // TLS knows no other
  crypto::IssuedCertificate leaf =
      crypto::IssueLeaf(premises_.authority,
                        {premises_.config.bank.domain, crypto::Role::kService, "", ""},
                        {"localhost"}, clock.Now(), 30)
          .value();
  rpc::ServerOptions options;
  options.ca_pem = premises_.authority.certificate_pem;
  options.certificate_pem = leaf.certificate_pem;
  options.key_pem = std::move(leaf.key_pem);
  options.largest_message_kib = static_cast<int>(premises_.config.listen.largest_message_kib);
  options.streams_per_connection = static_cast<int>(premises_.config.listen.streams_per_connection);
  std::vector<grpc::Service*> services;
  for (const auto& service : services_) services.push_back(service.get());
  // Somebody else may have been given the same port meanwhile.
  for (int attempt = 0; attempt < 5 && !server_; ++attempt) {
    address_ = options.address = "127.0.0.1:" + std::to_string(FreePort());
    if (auto server = rpc::StartServer(options, services); server.ok())
      server_ = std::move(server).value();
  }
  LATCHKEY_CHECK(server_ != nullptr);
}

Node::~Node() { Stop(); }

void Node::Stop() {
  if (!server_) return;
  rpc::StopServer(*server_, Millis(5'000));
  server_.reset();
}

void Node::Drain() {
  for (int64_t done = 1; done > 0;)
    done = recovery::DrainSpool(recovery_).value() + recovery::DrainIntakes(recovery_).value();
}

void Node::SendMail() {
  while (courier_->RunOnce().value() > 0) {
  }
}

void Node::KeepHouse() {
  LATCHKEY_CHECK(recovery::Sweep(recovery_).ok());
  LATCHKEY_CHECK(sign_in_.Sweep().ok());
  LATCHKEY_CHECK(ledger_
                     .Transact([&](ledger::Transaction& tx) {
                       return ledger::SweepStaffSessions(tx, premises_.clock.Now(), 1000);
                     })
                     .ok());
  LATCHKEY_CHECK(sign_in_.FlushUnknownNames().ok());
}

void Node::WriteCheckpoint() {
  const TimePoint now = premises_.clock.Now();
  LATCHKEY_CHECK(
      ledger::WriteCheckpoint(ledger_, premises_.keys, premises_.config.files.checkpoints, now, now)
          .ok());
}

Effort Node::effort() const {
  return {.hashes = slots_.hashes(),
          .guesses = hot_state_->guesses(),
          .commits = ledger_.commits(),
          .statements = ledger_.statements(),
          .reads = ledger_.reads(),
          .statements_read = ledger_.statements_read()};
}

}  // namespace latchkey::attacks
