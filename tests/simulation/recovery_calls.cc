// SPDX-License-Identifier: Apache-2.0
// From the request to a proof.
#include <algorithm>

#include "tests/simulation/calls.h"

namespace latchkey::simulation {

using Gate = ModelGuess::Gate;

namespace {

// How many tries this code has left of its five: each guess that could have been meant for it took
// one, from its making on, whoever guessed.
int TriesOf(const Code& code, const std::deque<Try>& tries) {
  return static_cast<int>(std::count_if(tries.begin(), tries.end(), [&](const Try& one) {
    return one.at > code.made_at && (code.case_id == 0 || code.case_id == one.case_id);
  }));
}

bool Opens(Bank& bank, int owner, const Code& code, const std::string& digits) {
  return code.digits == digits && !code.used &&
         bank.model().Stands(owner, code.made_at, code.expires_at, bank.now());
}

Code* LiveCode(Bank& bank, int owner, std::deque<Code>& codes, const std::deque<Try>& tries,
               const std::string& digits, int64_t case_id, int64_t extra) {
  for (Code& code : codes) {
    if (!Opens(bank, owner, code, digits)) continue;
    if (code.case_id != 0 && code.case_id != case_id) continue;
    if (TriesOf(code, tries) - extra < kTries) return &code;
  }
  return nullptr;
}

// A token bears more tries than anybody makes here.
Code* LiveToken(Bank& bank, int owner, std::deque<Code>& tokens, const std::string& digits) {
  for (Code& token : tokens) {
    if (Opens(bank, owner, token, digits)) return &token;
  }
  return nullptr;
}

void NoteTry(std::deque<Try>& tries, TimePoint at, int64_t case_id) {
  tries.push_back({.at = at, .case_id = case_id});
  while (tries.front().at + hours(25) < at) tries.pop_front();
}

void KeepProof(Bank& bank, Customer& holder, int owner, int64_t case_id,
               const recovery::Proof& proof) {
  Customer& customer = bank.model().Of(owner);
  const TimePoint made_at = proof.expires_at - kSessionLives;
  if (made_at > bank.now()) bank.Broken("Law 5", "a session lasts longer than it may");
  customer.proved_at = std::max(customer.proved_at, made_at);
  if (!proof.may_unlock && !customer.disabled)
    bank.Broken("Law 7", "a code through a settled address does not unlock");
  if (proof.may_unlock && customer.disabled)
    bank.Broken("Law 10", "unlocking is offered to somebody whose password lets nobody in");
  if (!customer.strong && !proof.may_set_password)
    bank.Broken("Law 7", "a code is not enough for the standard pack");
  if (customer.strong && case_id == 0 && proof.may_set_password)
    bank.Broken("Law 7", "a code alone is enough for the strong pack");
  const std::string token(proof.session.Reveal());
  bank.model().recovery_sessions.emplace(token, RecoverySession{.owner = owner,
                                                                .made_at = made_at,
                                                                .expires_at = proof.expires_at,
                                                                .case_id = case_id,
                                                                .reference = proof.reference});
  KeepFew(holder.recovery_sessions, token);
}

// Where a guess by handle or name goes.
struct Target {
  int owner = -1;  // -1: nobody
  int64_t case_id = 0;
  bool past = false;  // the handle is past its time
  bool nearly = false;
};

Target TargetOf(Bank& bank, const CodeBy& by, ModelGuess& guess) {
  Model& model = bank.model();
  guess.kind = signin::SecretKind::kRecoveryCode;
  guess.source = by.address;
  guess.value = by.digits;
  Target target;
  if (by.handle.empty()) {
    target.owner = by.named->index;
  } else if (auto found = model.handles.find(by.handle); found != model.handles.end()) {
    const Handle& handle = found->second;
    target.owner = handle.owner;
    target.case_id = handle.case_id;
    // Nobody may have been told that a request was begun anew.
    target.past =
        bank.now() + Millis(1) >= std::max(handle.expires_at, bank.EndOfHandle(by.handle));
    target.nearly = handle.doubtful || bank.now() + minutes(1) >= handle.expires_at;
    // What waits in a node's spool is nobody's as yet.
    if (handle.doubtful && !bank.KnowsHandle(by.handle)) target.owner = -1;
    if (handle.case_id != 0)
      target.past =
          !model.Stands(handle.owner, handle.made_at, handle.expires_at, bank.now() + Millis(1));
  }
  if (target.owner < 0 || target.past) {
    // Never given out, or so long ago that nothing is known of it: a name that nobody has.
    auto& set = model.strangers[by.handle];
    if (set == nullptr) set = std::make_shared<LaneSet>();
    guess.set = set;
    return target;
  }
  Customer& owner = model.Of(target.owner);
  guess.set =
      LanesOf(bank, owner, by.handle.empty() ? owner.login : model.handles[by.handle].identifier);
  UseDevice(bank, owner, by.device, guess);
  // The same digits for another case are another guess.
  if (target.case_id != 0) guess.value += " of " + std::to_string(target.case_id);
  // A branch token says more of its holder than an older device.
  if (target.case_id != 0 && (guess.device.empty() || guess.device_is_older)) {
    guess.device = "case " + std::to_string(target.case_id);
    guess.device_is_older = guess.device_is_doubtful = false;
  }
  return target;
}

std::string SentAs(const CodeBy& by) {
  return by.key + by.digits + (by.handle.empty() ? by.named->login : by.handle);
}

// What the answer that this very code got before, while it is kept, makes right now: the same again
// as long as its session stands; perhaps that, when nobody got it.
struct Again {
  bool surely = false, perhaps = false;
};
Again AgainAs(Bank& bank, const std::string& sent) {
  Model& model = bank.model();
  const auto found = model.proved.find(sent);
  if (found == model.proved.end() || bank.now() >= found->second.at + kTokenIsKept) return {};
  if (found->second.session.empty()) return {.perhaps = true};
  const RecoverySession& session = model.recovery_sessions.at(found->second.session);
  return {.surely = model.Stands(session.owner, session.made_at, session.expires_at, bank.now())};
}

// The operation that compares: by a name it is looked up, by a handle it is found out first what
// that stands for.
int64_t ComparesAt(const CodeBy& by, const Target& target) {
  if (by.handle.empty()) return 3;
  return target.case_id != 0 ? 4 : 5;
}

// What the gate decided, as an answer. `compared`: what follows from comparing.
May AtGate(const ModelGuess& guess, bool faulty, May not_reached, May compared) {
  const May away = faulty ? Bit(Reason::kUnavailable) : 0;
  switch (guess.gate) {
    case Gate::kNotReached:
      return away | not_reached;
    case Gate::kRests:
      return away | Bit(Reason::kResting);
    case Gate::kRepeated:
      return away | Bit(Reason::kWrong);
    case Gate::kCounted:
      return away | compared;
  }
  return 0;
}

int64_t IntakeOf(Bank& bank, const std::string& key) {
  return bank.Number("SELECT id FROM intakes WHERE request_key = $1",
                     ledger::RequestKey("Begin", key));
}

}  // namespace

void Begin(Bank& bank, const BeginBy& by) {
  auto& begun = bank.model().begun;
  const auto known = begun.find(by.key);
  BegunAs* earlier = known == begun.end() ? nullptr : &known->second;
  const bool again = earlier != nullptr && bank.now() < earlier->at + kAnswerIsKept;
  const bool same =
      again && earlier->identifier == by.name && earlier->intent == static_cast<int>(by.intent);
  const bool unanswered = again && earlier->handle.empty();
  // What lies in one node's spool is not known to the others: a key that was used for two requests
  // while the ledger was away is nobody's fault but its sender's.
  if (earlier != nullptr && !same && earlier->doubtful) return;
  // Sent again after its time it is one more request, unless nothing comes of it.
  const bool waits = std::any_of(bank.model().asked.begin(), bank.model().asked.end(),
                                 [&](const Asked& each) { return each.key == by.key; });
  const bool anew = same && bank.now() >= earlier->at + kLinkLives;
  const int64_t before = IntakeOf(bank, by.key);
  if (anew && !waits) bank.model().asked.push_back({.key = by.key, .earlier = before});
  auto called = bank.Call(
      {.who = by.who, .what = "Begin", .details = by.name, .is_deed = true},
      [&]() -> May { return again && !same ? Bit(Reason::kConflict) : kOk; },
      [&](Node& node) {
        return recovery::Begin(node.parts, {.identifier = by.name,
                                            .intent = by.intent,
                                            .source = From(by.address),
                                            .idempotency_key = by.key});
      });
  if (bank.model().asked_with.insert(by.key).second) bank.model().asked.push_back({.key = by.key});
  // The one that waits is worked on first, and the spool brings this one then.
  if (anew && waits && called.faulty)
    bank.model().asked.push_back({.key = by.key, .earlier = before});
  if (anew && !waits && !called.faulty && IntakeOf(bank, by.key) == before)
    std::erase_if(bank.model().asked, [&](const Asked& each) { return each.key == by.key; });
  if (called.faulty) bank.model().spooled.push_back(by.key);
  // Law 10: whatever is away, the request is kept. What the key was used for is then not known.
  called.may &= ~Bit(Reason::kUnavailable);
  if (called.faulty || unanswered) called.may |= kOk;
  // The spool of this node may hold what the ledger never had.
  if (called.faulty && earlier != nullptr && earlier->doubtful)
    called.may |= Bit(Reason::kConflict);
  // Whoever came in between may have used the key for something else.
  if (called.interrupted) called.may |= kOk | Bit(Reason::kConflict);
  bank.Judge("Law 10", called);
  // And if that lies in a node's spool, the ledger has another request under the key: that it was
  // acknowledged binds nobody.
  const auto between = begun.find(by.key);
  const bool contested = called.interrupted && between != begun.end() &&
                         (between->second.identifier != by.name ||
                          between->second.intent != static_cast<int>(by.intent));
  if (contested) std::erase(bank.model().acknowledged, between->second.handle);
  if (called.lost && !again)
    begun[by.key] = {.identifier = by.name,
                     .handle = {},
                     .intent = static_cast<int>(by.intent),
                     .doubtful = true,
                     .at = bank.now()};
  if (earlier != nullptr && called.faulty) earlier->doubtful = true;
  if (!called.told()) return;
  const std::string handle(called.result->handle.Reveal());
  if (same && !unanswered && earlier->handle != handle)
    bank.Broken("Law 11", "the same request got another handle when it came again");
  if (again && !same) return;
  // The same handle again has the later end of the two: the first may lie in a spool.
  bank.model().handles.insert_or_assign(handle,
                                        Handle{.owner = by.customer.index,
                                               .made_at = called.result->expires_at - kLinkLives,
                                               .expires_at = called.result->expires_at,
                                               .case_id = 0,
                                               .identifier = by.name,
                                               .doubtful = called.faulty || earlier != nullptr});
  if (!contested || !called.faulty) bank.model().acknowledged.push_back(handle);
  begun[by.key] = {.identifier = by.name,
                   .handle = handle,
                   .intent = static_cast<int>(by.intent),
                   .doubtful = called.faulty || (again && earlier->doubtful),
                   .at = called.result->expires_at - kLinkLives};
  if (by.who != "thief") KeepFew(by.customer.handles, handle);
}

void AskForPerson(Bank& bank, std::string_view who, const Customer& customer) {
  const std::string key = bank.Key();
  auto called = bank.Call(
      {.who = who, .what = "AskForPerson", .details = customer.number}, [] { return kOk; },
      [&](Node& node) {
        return recovery::AskForPerson(node.parts, {.customer_number = customer.number,
                                                   .source = From("192.0.2.77"),
                                                   .idempotency_key = key});
      });
  called.may = kOk;
  bank.Judge("Law 10", called);
}

bool OpenLink(Bank& bank, std::string_view who, const std::string& token) {
  Model& model = bank.model();
  const auto found = model.links.find(token);
  const Link* link = found == model.links.end() ? nullptr : &found->second;
  auto called = bank.Call(
      {.who = who,
       .what = "OpenLink",
       .details = link == nullptr ? "not one" : model.Of(link->owner).login},
      [&]() -> May {
        if (link == nullptr) return Bit(Reason::kWrong);
        // Law 5: nobody but the owner's own deeds, a freeze and time end it.
        if (model.Stands(link->owner, link->made_at, link->made_at + kLinkLives, bank.now()))
          return kOk;
        const bool long_dead = bank.now() >= link->made_at + kLinkLives + kDeadIsKept;
        return kDead | (long_dead ? Bit(Reason::kWrong) : 0);
      },
      [&](Node& node) { return recovery::OpenLink(node.parts, Secret(token), From("192.0.2.9")); });
  bank.Judge("Law 5", called);
  if (link != nullptr && called.faulty) model.Of(link->owner).proved_at = bank.now();
  if (called.told()) KeepProof(bank, model.Of(link->owner), link->owner, 0, *called.result);
  return called.told();
}

void SubmitCode(Bank& bank, const CodeBy& by) {
  Model& model = bank.model();
  const std::string sent = SentAs(by);
  ModelGuess guess;
  const Target target = TargetOf(bank, by, guess);
  const size_t who = static_cast<size_t>(std::max(target.owner, 0));
  const bool somebody = target.owner >= 0 && !target.past && model.Of(target.owner).known;
  int64_t extra = 0;
  auto find = [&] {
    return !somebody ? nullptr
                     : LiveCode(bank, target.owner, model.codes[who], model.code_tries[who],
                                by.digits, target.case_id, extra);
  };
  auto predict = [&]() -> May {
    const Again again = AgainAs(bank, sent);
    if (again.surely) return kOk;
    Code* code = find();
    if (code == nullptr) return Bit(Reason::kWrong) | (again.perhaps ? kOk : 0);
    return kOk | (code->doubtful ? Bit(Reason::kWrong) : 0);
  };
  auto called = bank.Call(
      {.who = by.who,
       .what = "SubmitCode",
       .details = by.digits +
                  (target.owner < 0 ? " to nobody" : " to " + model.Of(target.owner).login) +
                  (target.case_id != 0 ? " (branch)" : ""),
       .guess = &guess,
       .between_from = ComparesAt(by, target),
       .between_span = 2},
      predict, [&](Node& node) {
        return recovery::SubmitCode(node.parts,
                                    {.handle = Secret(by.handle),
                                     .identifier = by.handle.empty() ? by.named->login : "",
                                     .code = Secret(by.digits),
                                     .idempotency_key = by.key,
                                     .source = From(by.address),
                                     .device_token = Secret(by.device)});
      });
  called.may = AtGate(guess, called.faulty,
                      target.past || target.nearly ? Bit(Reason::kExpired) : 0, called.may);
  bank.Judge("Law 4", called);
  if (somebody && called.tries_taken > (guess.gate == Gate::kCounted ? 1 : 0))
    bank.Broken("Law 4", "codes were compared with a guess that was not counted");
  if (somebody && guess.gate == Gate::kCounted && !called.faulty && !called.interrupted &&
      !model.Of(target.owner).frozen && called.tries_taken != 1)
    bank.Broken("Law 4", "a guess took no try of the codes that it could be meant for");
  if (somebody && called.tries_taken > 0)
    NoteTry(model.code_tries[who], called.tries_at, target.case_id);
  extra = called.tries_taken > 0 ? 1 : 0;
  Code* code = somebody && guess.gate == Gate::kCounted ? find() : nullptr;
  if (code != nullptr && !called.result.ok()) code->doubtful = true;
  if (code != nullptr && called.lost) code->doubtful = true;
  if (code != nullptr) model.Of(target.owner).proved_at = bank.now();
  if (code != nullptr && !called.told())
    model.proved.try_emplace(sent, ProvedAs{.session = {}, .at = bank.now()});
  if (!called.told()) return;
  for (Code& one : model.codes[who]) {
    if (one.digits == by.digits) one.used = true;
  }
  ProvedAs& proved = model.proved[sent];
  const std::string session(called.result->session.Reveal());
  if (!proved.session.empty() && proved.session != session)
    bank.Broken("Law 11", "the same code got another session when it came again");
  proved = {.session = session, .at = called.result->expires_at - kSessionLives};
  KeepProof(bank, by.holder, target.owner, target.case_id, *called.result);
}

void RedeemAssisted(Bank& bank, const RedeemBy& by) {
  Model& model = bank.model();
  Customer& named = by.named;
  const size_t who = static_cast<size_t>(named.index);
  ModelGuess guess{.set = LanesOf(bank, named, named.number),
                   .kind = signin::SecretKind::kAssistedToken,
                   .source = by.address,
                   .device = {},
                   .value = by.digits};
  int64_t case_id = 0;
  auto called = bank.Call(
      {.who = by.who, .what = "RedeemAssisted", .details = named.login, .guess = &guess},
      [&]() -> May {
        for (Code& token : model.tokens[who]) {
          if (token.digits == by.digits) case_id = token.of_case;
        }
        Code* token = LiveToken(bank, named.index, model.tokens[who], by.digits);
        if (token == nullptr) return Bit(Reason::kWrong);
        return kOk | (token->doubtful ? Bit(Reason::kWrong) : 0);
      },
      [&](Node& node) {
        return recovery::RedeemAssisted(node.parts, {.customer_number = named.number,
                                                     .token = Secret(by.digits),
                                                     .idempotency_key = by.key,
                                                     .source = From(by.address),
                                                     .device_token = {}});
      });
  called.may = AtGate(guess, called.faulty, 0, called.may);
  bank.Judge("Law 8", called);
  if (!called.told()) return;
  const std::string handle(called.result->handle.Reveal());
  std::string& redeemed = model.redeemed[by.key + by.digits + named.number];
  if (const auto earlier = model.handles.find(redeemed);
      earlier != model.handles.end() && bank.now() < earlier->second.made_at + kTokenIsKept &&
      redeemed != handle)
    bank.Broken("Law 11", "the same token got another handle when it came again");
  redeemed = handle;
  model.handles.emplace(handle, Handle{.owner = named.index,
                                       .made_at = called.result->expires_at - kLinkLives,
                                       .expires_at = called.result->expires_at,
                                       .case_id = case_id,
                                       .identifier = {}});
  KeepFew(by.holder.handles, handle);
}

}  // namespace latchkey::simulation
