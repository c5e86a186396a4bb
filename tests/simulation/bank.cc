// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/bank.h"

#include <algorithm>
#include <string>
#include <system_error>

#include "crypto/password.h"
#include "services/base/log.h"
#include "services/courier/templates.h"
#include "services/hotstate/sql/sql_hot_state.h"
#include "services/ledger/intakes.h"
#include "services/ledger/sqlite/in_memory.h"
#include "tests/simulation/actors.h"
#include "tests/simulation/calls.h"
#include "tests/simulation/hot_memory.h"

namespace latchkey::simulation {
namespace {

constexpr crypto::Argon2Cost kCheapest{.memory_kib = 8, .passes = 1};
constexpr size_t kNodes = 3;

std::unique_ptr<ledger::Ledger> NewLedger() {
  auto ledger = ledger::OpenInMemory().value();
  LATCHKEY_CHECK(ledger->Migrate().ok());
  return ledger;
}

// Each fifth bank, and so the first, is on SQL; the others compute the same faster.
std::unique_ptr<hotstate::HotState> NewHotState(uint64_t number, ledger::Ledger& ledger) {
  if (number % 5 == 0) return hotstate::OpenOnLedger(ledger).value();
  return std::make_unique<HotMemory>(std::make_shared<HotTables>());
}

}  // namespace

Node::Node(int n, const std::filesystem::path& folder, Clock& clock, Random& random,
           const crypto::KeyRing& keys, LedgerDoor& ledger, HotDoor& hot_state, Post& post,
           const courier::Renderer& renderer)
    : number(n),
      ids(clock, random),
      store{clock, random, ids, keys},
      gate(hot_state, signin::GuessRules::Default(), keys, clock),
      slots({.slots = 0,
             .ahead = 2,
             .longest_queue = 8,
             .longest_wait = Millis(1),
             .cost = kCheapest},
            keys, random, clock),
      sign_in({}, ledger, store, hot_state, gate, slots),
      cases(ledger, store, gate),
      assist(ledger, store, hot_state, gate, slots, cases),
      spool({.folder = folder / ("spool-" + std::to_string(n))}, keys, random),
      parts{.ledger = ledger,
            .hot_state = hot_state,
            .gate = gate,
            .slots = slots,
            .blocklist = blocklist,
            .spool = spool,
            .store = store,
            .rules = {},
            .bank_name = "Harbour Bank"},
      courier(ledger, store, renderer, {&post}, {}) {}

Bank::Bank(const RunOptions& options, uint64_t number, const std::filesystem::path& folder,
           Trace& trace, const courier::Renderer& renderer)
    : options_(options),
      trace_(trace),
      dice_(options.seed, number),
      folder_(folder),
      random_(options.seed, number, secrets_),
      keys_(crypto::KeyRing::Generate(random_)),
      doors_(clock_, secrets_),
      ledger_(NewLedger(), doors_),
      hot_ledger_(ledger::OpenInMemory().value()),
      hot_state_(NewHotState(number, *hot_ledger_), doors_),
      post_(dice_, doors_),
      renderer_(renderer) {
  log::CaptureForTest(&log_);
  std::filesystem::create_directory(folder_);
  doors_.broken = [this](std::string_view law, const std::string& what) { Broken(law, what); };
  doors_.act_between = [this] { ActBetween(); };
  for (size_t n = 0; n < kNodes; ++n) {
    nodes_.push_back(std::make_unique<Node>(static_cast<int>(n), folder_, clock_, random_, keys_,
                                            ledger_, hot_state_, post_, renderer_));
  }
  AddPeople();
}

Bank::~Bank() {
  log::CaptureForTest(nullptr);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Bank::Broken(std::string_view law, const std::string& what) { trace_.Broken(law, what); }

void Bank::Restart(Node& node) {
  nodes_[static_cast<size_t>(node.number)] = std::make_unique<Node>(
      node.number, folder_, clock_, random_, keys_, ledger_, hot_state_, post_, renderer_);
}

Node& Bank::FreeNode() {
  size_t at = dice_.Below(nodes_.size());
  if (next_node_ >= 0) at = static_cast<size_t>(std::exchange(next_node_, -1));
  while (nodes_[at]->busy) at = (at + 1) % nodes_.size();
  return *nodes_[at];
}

Plan Bank::NewPlan(const Request& request) {
  const auto one_of = [&](uint64_t span) { return static_cast<int64_t>(dice_.Below(span)); };
  Plan plan;
  plan.guess = request.guess;
  if (calm_ > 0) return plan;
  if (depth_ == 0 && request.rival) {
    plan.between = request.between_from + one_of(request.between_span);
    return plan;
  }
  switch (dice_.Below(request.is_deed ? 5 : 16)) {
    case 0:
      plan.fail_at = 1 + one_of(request.is_deed ? 6 : 10);
      plan.after = dice_.OneIn(2);
      plan.dies = dice_.OneIn(3);
      break;
    case 1:
      if (depth_ == 0) plan.between = request.between_from + one_of(request.between_span);
      break;
    default:
      break;
  }
  return plan;
}

void Bank::ActBetween() {
  if (rival_) {
    rival_(*this);
  } else {
    Act(*this);
  }
  clock_.Advance(Millis(1));  // so that what comes next has a later moment than what was done here
}

// Stores go away together with everybody's nodes, and come back.
void Bank::Weather() {
  if (doors_.ledger_away ? dice_.OneIn(15) : dice_.OneIn(3000))
    doors_.ledger_away = !doors_.ledger_away;
  if (doors_.hot_state_away ? dice_.OneIn(15) : dice_.OneIn(3000))
    doors_.hot_state_away = !doors_.hot_state_away;
}

void Bank::Step() {
  Weather();
  Wait(Millis(dice_.OneIn(400) ? dice_.Wide(26) : dice_.Wide(20)));
  if (dice_.OneIn(500)) return ProbeOwner(*this, model_.Of(static_cast<int>(dice_.Below(5))));
  Act(*this);
}

void Bank::Wait(Millis by) {
  clock_.Advance(by);
  while (auto arrived = post_.Next(now())) {
    for (auto& customer : model_.customers) {
      const auto& mails = customer->mails;
      if (std::find(mails.begin(), mails.end(), arrived->first) == mails.end()) continue;
      if (!customer->known) Broken("Law 6", "mail came to an address of nobody");
      Sort(*customer, arrived->first, std::move(arrived->second));
    }
  }
}

std::string Bank::NewPassword() {
  std::string letters;
  for (int i = 0; i < 9; ++i) letters += static_cast<char>('a' + dice_.Below(26));
  return std::string(Secrets::kMark) + " " + letters + std::to_string(++passwords_);
}

void Bank::CheckLog() {
  if (secrets_.StandsIn(log_)) Broken("Law 12", "a secret is logged: " + log_);
  log_.clear();
}

Bank::Facts Bank::Look(const Customer& customer) {
  return ledger_.inner()
      .Query([&](ledger::Transaction& tx) -> Result<Facts> {
        LATCHKEY_ASSIGN(
            auto rows,
            tx.Run("SELECT a.state, a.security_epoch, a.lane_epoch, p.consecutive_failures,"
                   " (SELECT MAX(id) FROM outbox WHERE account_id = a.id),"
                   " (SELECT seq FROM chains WHERE account_id = a.id), p.disabled_at"
                   " FROM accounts a JOIN authenticators p ON p.account_id = a.id WHERE a.id = $1",
                   customer.id));
        const ledger::Row& row = rows.front();
        return Facts{.state = row.Int(0),
                     .epoch = row.Int(1),
                     .lane_epoch = row.Int(2),
                     .failures = row.Int(3),
                     .newest_message = row.Int(4),
                     .entries = row.Int(5),
                     .disabled = !row.IsNull(6)};
      })
      .value();
}

bool Bank::PasswordIs(const Customer& customer, const std::string& password) {
  const auto authenticator = ledger_.inner()
                                 .Query([&](ledger::Transaction& tx) {
                                   return ledger::FindAuthenticator(
                                       tx, keys_, customer.id, model::AuthenticatorKind::kPassword);
                                 })
                                 .value();
  if (!authenticator) return false;
  const auto verified = crypto::VerifyPassword(Secret(password), authenticator->verifier, keys_);
  return verified.ok() && *verified == crypto::Verification::kMatch;
}

int64_t Bank::MessagesAfter(const Customer& customer, int64_t message) {
  // What guesses came to is told whoever asks for what (laws.cc).
  return Number(
      "SELECT COUNT(*) FROM outbox WHERE account_id = $1 AND id > $2 AND template NOT IN ($3, $4)",
      customer.id, message, courier::kPasswordsResting, courier::kPasswordDisabledNotice);
}

TimePoint Bank::EndOfHandle(const std::string& handle) {
  const auto intake = ledger_.inner()
                          .Query([&](ledger::Transaction& tx) {
                            return ledger::FindIntakeByHandle(tx, keys_, Secret(handle));
                          })
                          .value();
  return intake ? intake->expires_at : TimePoint{};
}

std::string Bank::NameIn(const Bytes& request_key) {
  return ledger_.inner()
      .Query([&](ledger::Transaction& tx) { return ledger::FindIntake(tx, keys_, request_key); })
      .value()
      ->identifier.text;
}

Bank::Calm::Calm(Bank& bank)
    : bank_(bank),
      ledger_away_(std::exchange(bank.doors_.ledger_away, false)),
      hot_state_away_(std::exchange(bank.doors_.hot_state_away, false)) {
  ++bank_.calm_;
  bank_.post_.calm = true;
}

Bank::Calm::~Calm() {
  --bank_.calm_;
  bank_.post_.calm = bank_.calm_ > 0;
  bank_.doors_.ledger_away = ledger_away_;
  bank_.doors_.hot_state_away = hot_state_away_;
}

std::string_view NameOf(Reason reason) {
  constexpr std::string_view kNames[] = {"malformed",   "not allowed", "wrong",    "resting",
                                         "busy",        "expired",     "used",     "stopped",
                                         "unsuitable",  "more proof",  "conflict", "not found",
                                         "own account", "unavailable", "internal"};
  return kNames[static_cast<size_t>(reason)];
}

std::string NamesOf(May may) {
  std::string names = (may & kOk) != 0 ? "ok" : "";
  for (int reason = 0; reason <= static_cast<int>(Reason::kInternal); ++reason) {
    if ((may & Bit(static_cast<Reason>(reason))) == 0) continue;
    names += (names.empty() ? "" : ", ") + std::string(NameOf(static_cast<Reason>(reason)));
  }
  return names;
}

}  // namespace latchkey::simulation
