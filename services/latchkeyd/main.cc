// SPDX-License-Identifier: Apache-2.0
// latchkeyd: the service. This file is its parts list.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <thread>

#include "crypto/keyring.h"
#include "crypto/random.h"
#include "latchkey/v1/operator.pb.h"
#include "services/base/log.h"
#include "services/base/private_memory.h"
#include "services/base/version.h"
#include "services/latchkeyd/background.h"
#include "services/latchkeyd/call_log.h"
#include "services/latchkeyd/metrics.h"
#include "services/latchkeyd/rooms.h"
#include "services/latchkeyd/status.h"
#include "services/latchkeyd/wiring.h"
#include "services/ledger/beside.h"
#include "services/rpc/assist_service.h"
#include "services/rpc/cases_service.h"
#include "services/rpc/operator_service.h"
#include "services/rpc/recovery_service.h"
#include "services/rpc/signin_service.h"
#include "services/rpc/staff_service.h"

#include <grpcpp/server.h>

namespace latchkey {
namespace {

constexpr Millis kPatienceAtTheEnd{5'000};
constexpr const char* kUsage =
    "usage: latchkeyd --config FILE [--clock-is-right]\n"
    "  --config FILE      the configuration; `latchkey init` makes a first one\n"
    "  --clock-is-right   start though the journal's newest entries are later than this machine's\n"
    "                     clock, which is known to be right: another clock was ahead\n"
    "  --version          this program's version\n"
    "  --help             this text\n"
    "Exit status: 0 ended by a signal, 1 could not run, 2 wrong options or configuration.\n";

struct Options {
  std::filesystem::path config;
  bool clock_is_right = false;
};

// Blocks the signals that end the service, in this thread and all that come from it.
sigset_t HoldEndingSignals() {
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return ending;
}

// Whoever reads "stopped" may start the next one at once: made before all that is held, it goes
// after it.
struct LastWord {
  bool has_started = false;
  ~LastWord() {
    if (has_started) log::Info("stopped");
  }
};

// A bank may have none.
Result<proof::Blocklist> OpenBlocklist(const Config& config) {
  if (config.files.blocklist.empty()) return proof::Blocklist();
  return proof::Blocklist::Open(config.files.blocklist);
}

// The edge: takes calls until a signal ends the service.
Done TakeCalls(const Config& config, Clock& clock, Rooms& rooms, const Status& status,
               const sigset_t& ending) {
  Metrics metrics;
  Workers ordinary(config.workers.threads, config.workers.queue);
  // A hash waits in the slots' own queue, where known devices go first; these threads only hold the
  // calls.
  const signin::HashSlots::Options hashes = HashSlotsOf(config);
  Workers hashing(hashes.slots + hashes.ahead + hashes.longest_queue, config.workers.queue);
  rpc::Edge edge({.bank = config.bank.domain,
                  .revoked = config.tls.revoked,
                  .longest_call = config.listen.longest_call,
                  .observe =
                      [&metrics](const rpc::Observation& call) {
                        metrics.Count(call);
                        LogCall(call);
                      }},
                 clock, ordinary, hashing);
  rpc::SignInService sign_in_service(edge, rooms.sign_in);
  rpc::RecoveryService recovery_service(edge, rooms.recovery);
  rpc::StaffService staff_service(edge, rooms.assist);
  rpc::CasesService cases_service(edge, rooms.assist, rooms.cases);
  rpc::AssistService assist_service(edge, rooms.assist);
  rpc::OperatorService operator_service(
      edge, [&](v1::GetStatusResponse& answer) { return status.Fill(answer); });
  status.Publish(metrics);
  if (!config.metrics.address.empty()) LATCHKEY_TRY(metrics.Serve(config.metrics.address));

  LATCHKEY_ASSIGN(rpc::ServerOptions server_options, ServerOptionsOf(config));
  LATCHKEY_ASSIGN(
      auto server,
      rpc::StartServer(server_options, {&sign_in_service, &recovery_service, &staff_service,
                                        &cases_service, &assist_service, &operator_service}));
  log::Info("started", {{"address", server_options.address},
                        {"ledger", status.ledger.engine()},
                        {"hot_state", status.hot_state.engine()},
                        {"schema_version", status.schema_version}});

  int signal = 0;
  sigwait(&ending, &signal);
  log::Info("stopping", {{"signal", signal}});
  rpc::StopServer(*server, kPatienceAtTheEnd);
  return {};
}

Done Serve(const Config& config, bool clock_is_right, const sigset_t& ending) {
  LastWord last_word;
  SystemClock clock;
  crypto::SystemRandom random;
  IdMaker ids(clock, random);
  LATCHKEY_ASSIGN(crypto::KeyRing keys, crypto::KeyRing::Load(config.files.keys));
  const ledger::StoreContext store{clock, random, ids, keys};

  // First of all, so that a second process on the same folders touches nothing.
  recovery::Spool spool({.folder = config.files.spool}, keys, random);
  LATCHKEY_TRY(spool.Claim());

  // Stores.
  LATCHKEY_ASSIGN(auto ledger, ledger::OpenBeside(LedgerOptionsOf(config), config.files.checkpoints,
                                                  ledger::WhereNone::kRefuse));
  LATCHKEY_ASSIGN(const int64_t schema_version, ledger->Migrate());
  LATCHKEY_TRY(ledger::CheckRing(*ledger, keys));
  LATCHKEY_TRY(ledger::CheckNotOlder(*ledger, keys, config.files.checkpoints));
  // An operator who says so knows that the journal's newest times have not been yet.
  if (!clock_is_right) LATCHKEY_TRY(ContinueTime(clock, *ledger));
  LATCHKEY_ASSIGN(hotstate::HotStateOptions hot_options, hotstate::OptionsOf(config.hotstate));
  LATCHKEY_ASSIGN(auto hot_state, hotstate::Open(hot_options, *ledger));

  // Rooms.
  LATCHKEY_ASSIGN(const proof::Blocklist blocklist, OpenBlocklist(config));
  Rooms rooms(config, *ledger, *hot_state, store, blocklist, spool);

  // Messages.
  LATCHKEY_ASSIGN(auto renderer, courier::Renderer::Make(BankOf(config)));
  LATCHKEY_ASSIGN(courier::SmtpOptions smtp_options, SmtpOptionsOf(config));
  LATCHKEY_ASSIGN(auto smtp,
                  courier::SmtpChannel::Make(BankOf(config), std::move(smtp_options), clock));
  courier::Courier courier(*ledger, store, *renderer, {smtp.get()}, CourierOptionsOf(config));
  // Before the background and until after it, which wakes the courier's workers.
  courier.Start();
  std::optional<Failure> went_back;
  Background background({.checkpoint_file = config.files.checkpoints,
                         .checkpoint_every = config.checkpoint_every,
                         .ledger_went_back =
                             [&went_back](const Failure& why) {
                               went_back = why;
                               kill(getpid(), SIGTERM);
                             }},
                        clock, *ledger, store, rooms.recovery, rooms.sign_in, courier);

  const Status status{.ledger = *ledger,
                      .hot_state = *hot_state,
                      .slots = rooms.slots,
                      .courier = courier,
                      .background = background,
                      .keys = keys,
                      .schema_version = schema_version,
                      .hash_slots = HashSlotsOf(config).slots,
                      .started_at = clock.Now()};
  LATCHKEY_TRY(TakeCalls(config, clock, rooms, status, ending));
  last_word.has_started = true;
  background.Stop();
  courier.Stop();
  return went_back ? Done(*went_back) : Done();
}

int Main(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word == "--help" || word == "-h") {
      std::cout << kUsage;
      return 0;
    }
    if (word == "--version") {
      std::cout << kVersion << "\n";
      return 0;
    }
    if (word == "--clock-is-right") {
      options.clock_is_right = true;
    } else if (word == "--config" && i + 1 < count) {
      options.config = words[++i];
    } else {
      std::cerr << "latchkeyd: "
                << (word == "--config" ? "--config needs a file"
                                       : "there is no option \"" + word + "\"")
                << "\n"
                << kUsage;
      return 2;
    }
  }
  if (options.config.empty()) {
    std::cerr << "latchkeyd: --config is missing\n" << kUsage;
    return 2;
  }
  const sigset_t ending = HoldEndingSignals();
  KeepMemoryPrivate();
  crypto::Start();
  Result<Config> config = LoadConfig(options.config);
  if (!config.ok()) {
    std::cerr << "latchkeyd: " << config.failure().detail << "\n";
    return 2;
  }
  log::Start("latchkeyd", config->log);
  Done served = Serve(*config, options.clock_is_right, ending);
  log::Flush();
  if (served.ok()) return 0;
  const Failure& failure = served.failure();
  // What is malformed here names the option, whose detail alone would not say what it is about.
  std::cerr << "latchkeyd: " << failure.field << (failure.field.empty() ? "" : ": ")
            << failure.detail << "\n";
  return 1;
}

}  // namespace
}  // namespace latchkey

int main(int count, char** words) try {
  return latchkey::Main(count, words);
} catch (const std::exception& error) {
  std::cerr << "latchkeyd: " << error.what() << "\n";
  return 1;
}
