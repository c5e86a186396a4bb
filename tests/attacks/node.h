// SPDX-License-Identifier: Apache-2.0
// One node: latchkeyd as its main.cc wires it, in this process, on stores that a second node may
// share. Its time is set, its background steps are taken when a test says so, and what it asks of
// its stores is counted.
#pragma once

#include <grpcpp/server.h>

#include <memory>
#include <string>
#include <vector>

#include "crypto/certificates.h"
#include "crypto/random.h"
#include "services/assist/assist.h"
#include "services/base/config.h"
#include "services/base/workers.h"
#include "services/cases/cases.h"
#include "services/courier/courier.h"
#include "services/courier/smtp.h"
#include "services/recovery/recovery.h"
#include "services/rpc/edge.h"
#include "services/signin/sign_in.h"
#include "tests/attacks/watched_hot_state.h"
#include "tests/unit/recovery/faulty_ledger.h"

namespace latchkey::attacks {

// What all nodes of a bank have in common.
struct Premises {
  const Config& config;
  signin::SignInOptions sign_in;
  ManualClock& clock;
  const crypto::KeyRing& keys;
  const crypto::IssuedCertificate& authority;
  courier::RelayOptions relay;
};

// How much a node has done so far.
struct Effort {
  int64_t hashes = 0, guesses = 0, commits = 0, statements = 0, reads = 0, statements_read = 0;
  auto operator<=>(const Effort&) const = default;
  friend Effort operator-(const Effort& a, const Effort& b) {
    return {a.hashes - b.hashes,   a.guesses - b.guesses,
            a.commits - b.commits, a.statements - b.statements,
            a.reads - b.reads,     a.statements_read - b.statements_read};
  }
};
std::ostream& operator<<(std::ostream& out, const Effort& effort);

class Node {
 public:
  // `name` tells its spool from the other nodes'.
  Node(Premises premises, const std::string& name);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // Background steps, as services/latchkeyd/background.cc takes them.
  void Drain();      // spool and intakes, until there is nothing
  void SendMail();   // the outbox, until nothing is due
  void KeepHouse();  // sweeps, and the summary of unknown names
  void WriteCheckpoint();

  const std::string& address() const { return address_; }
  recovery::FaultyLedger& ledger() { return ledger_; }
  WatchedHotState& hot_state() { return *hot_state_; }
  signin::HashSlots& slots() { return slots_; }
  const ledger::StoreContext& store() const { return store_; }
  const recovery::Parts& parts() const { return recovery_; }
  Effort effort() const;
  // Calls that wait for a worker; those that hash, apart.
  size_t waiting() const { return ordinary_.waiting(); }
  // Ends the server; nothing is answered any more.
  void Stop();

 private:
  void Listen();

  const Premises premises_;
  crypto::SystemRandom random_;
  IdMaker ids_;
  const ledger::StoreContext store_;
  recovery::FaultyLedger ledger_;
  std::unique_ptr<WatchedHotState> hot_state_;
  recovery::Spool spool_;
  proof::Blocklist blocklist_;
  signin::HashSlots slots_;
  signin::GuessGate gate_;
  signin::SignIn sign_in_;
  const recovery::Parts recovery_;
  cases::Cases cases_;
  assist::Assist assist_;
  std::unique_ptr<courier::Renderer> renderer_;
  std::unique_ptr<courier::SmtpChannel> smtp_;
  std::unique_ptr<courier::Courier> courier_;
  Workers ordinary_;
  Workers hashing_;
  rpc::Edge edge_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

}  // namespace latchkey::attacks
