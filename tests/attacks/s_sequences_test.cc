// SPDX-License-Identifier: Apache-2.0
// Every order of steps: whatever a stranger and an owner do one after the other, on whichever node
// and by whichever way, a password changes only behind a proof of its own account (attack S01).
#include <gtest/gtest.h>

#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "services/ledger/sqlite/in_memory.h"
#include "tests/unit/recovery/world.h"

namespace latchkey::recovery {

// In memory: some hundred thousand steps are taken.
std::unique_ptr<ledger::Ledger> OpenTestLedger(const std::filesystem::path&) {
  return ledger::OpenInMemory().value();
}

namespace {

enum class Step { kAsk, kOpenLink, kCodeByHandle, kCodeByPhone, kSet, kUnlock, kFreeze };
constexpr Step kSteps[] = {Step::kAsk, Step::kOpenLink, Step::kCodeByHandle, Step::kCodeByPhone,
                           Step::kSet, Step::kUnlock,   Step::kFreeze};
// Of the stranger's ways in, which are the owner's too, one will do.
constexpr Step kMallorysSteps[] = {Step::kAsk, Step::kOpenLink, Step::kSet};
constexpr size_t kLongest = 5;
constexpr int kMostMails = 2;
constexpr int kBetweenLooks = 50;  // sequences: the journal grows with each

// One of the two and what the model knows of them.
struct Party {
  AccountId id;
  std::string login;
  std::string password;
  std::vector<Begun> handles = {};
  std::vector<Secret> links = {};
  std::vector<std::string> codes = {};
  std::vector<Secret> sessions = {};  // all that were ever given
  bool asked = false, link_alive = false, code_alive = false, session_alive = false, frozen = false;

  void End() { link_alive = code_alive = session_alive = false; }
  bool MayTake(Step step) const {
    switch (step) {
      case Step::kAsk:
        return !frozen && links.size() < kMostMails;
      case Step::kOpenLink:
        return link_alive;
      case Step::kCodeByHandle:
      case Step::kCodeByPhone:
        return code_alive;
      case Step::kSet:
      case Step::kUnlock:
      case Step::kFreeze:
        return session_alive;
    }
    return false;
  }
};

struct Move {
  bool by_mallory = false;
  Step step = Step::kAsk;
};

class Sequences : public World {
 protected:
  const Parts& NodeFor(size_t step) const { return step % 2 == 0 ? parts_ : second_; }
  std::string NextAddress() {
    ++addresses_;
    return "10." + std::to_string(addresses_ >> 16 & 255) + "." +
           std::to_string(addresses_ >> 8 & 255) + "." + std::to_string(addresses_ & 255);
  }
  Party NewParty(const std::string& name) {
    const std::string login = name + "-" + std::to_string(++parties_) + "x";
    return {.id = AddCustomer("Somebody", login, std::to_string(10'000'010 + parties_)),
            .login = login,
            .password = std::string(kOldPassword)};
  }
  Result<Proof> Code(const Parts& node, const Secret* handle, const std::string& name,
                     const std::string& code, model::Channel channel) {
    return SubmitCode(node, {.handle = handle != nullptr ? handle->Copy() : Secret(),
                             .identifier = name,
                             .code = Secret(code),
                             .idempotency_key = Key(),
                             .source = From(NextAddress(), channel),
                             .device_token = {}});
  }
  Result<std::string> SetOn(const Parts& node, const Secret& session, std::string_view password) {
    return SetPassword(node, {.session = session.Copy(),
                              .new_password = Secret(password),
                              .idempotency_key = Key(),
                              .source = From(),
                              .deadline = clock_.Now() + std::chrono::seconds(10)});
  }

  // Takes a step that the model allows, and keeps what came of it.
  void Take(const Parts& node, Party& who, Step step) {
    auto keep = [&](Result<Proof> proof) {
      ASSERT_TRUE(proof.ok()) << "a legal proof was refused";
      who.sessions.push_back(std::move(proof->session));
      who.session_alive = true;
    };
    switch (step) {
      case Step::kAsk: {
        auto begun = Begin(node, {.identifier = who.login,
                                  .intent = model::Intent::kReset,
                                  .source = From(NextAddress()),
                                  .idempotency_key = Key()});
        ASSERT_TRUE(begun.ok());
        Drain();
        for (const auto& message : TakeMessages()) {
          if (message.template_name != courier::kRecovery) continue;
          ASSERT_EQ(message.account_id, who.id);
          who.links.push_back(TokenIn(message, courier::kLinkToken));
          who.codes.push_back(ValueOf(message, courier::kCode));
        }
        who.handles.push_back(std::move(*begun));
        ASSERT_EQ(who.handles.size(), who.links.size());
        who.link_alive = who.code_alive = true;
        return;
      }
      case Step::kOpenLink:
        return keep(OpenLink(node, who.links.back(), From()));
      case Step::kCodeByHandle:
      case Step::kCodeByPhone: {
        const bool phone = step == Step::kCodeByPhone;
        who.code_alive = false;
        return keep(Code(node, phone ? nullptr : &who.handles.back().handle,
                         phone ? who.login : std::string(), who.codes.back(),
                         phone ? model::Channel::kPhone : model::Channel::kWeb));
      }
      case Step::kSet:
        who.password = "lively herring number " + std::to_string(++passwords_);
        ASSERT_TRUE(SetOn(node, who.sessions.back(), who.password).ok());
        return who.End();
      case Step::kUnlock:
        ASSERT_TRUE(Unlock(node, {.session = who.sessions.back().Copy(),
                                  .idempotency_key = Key(),
                                  .source = From()})
                        .ok());
        return who.End();
      case Step::kFreeze:
        ASSERT_TRUE(
            Freeze(node,
                   {.link_token = {}, .session = who.sessions.back().Copy(), .source = From()})
                .ok());
        who.frozen = true;
        return who.End();
    }
  }

  // Every step that the model forbids here, one after the other: each is refused.
  void TryTheRest(const Parts& node, const Party& owner, const Party& mallory) {
    std::vector<const Secret*> no_sessions;
    for (const Party* each : {&owner, &mallory}) {
      for (const Begun& begun : each->handles) no_sessions.push_back(&begun.handle);
      for (const Secret& link : each->links) no_sessions.push_back(&link);
      if (!each->session_alive) {
        for (const Secret& dead : each->sessions) no_sessions.push_back(&dead);
      }
    }
    const Secret nothing(std::string(crypto::kTokenBytes, 'x')), empty;
    no_sessions.push_back(&nothing);
    no_sessions.push_back(&empty);
    for (const Secret* secret : no_sessions) {
      EXPECT_FALSE(SetOn(node, *secret, "mallory was here too").ok());
      EXPECT_FALSE(
          Unlock(node, {.session = secret->Copy(), .idempotency_key = Key(), .source = From()})
              .ok());
      EXPECT_FALSE(GetRecovery(node, *secret).ok());
      EXPECT_FALSE(
          Freeze(node, {.link_token = secret->Copy(), .session = {}, .source = From()}).ok());
    }
    for (const Party* each : {&owner, &mallory}) {
      for (const Begun& begun : each->handles)
        EXPECT_FALSE(OpenLink(node, begun.handle, From()).ok());
      for (const Secret& session : each->sessions)
        EXPECT_FALSE(OpenLink(node, session, From()).ok());
      if (!each->link_alive && !each->links.empty()) {
        EXPECT_FALSE(OpenLink(node, each->links.back(), From()).ok());
      }
      if (!each->code_alive && !each->codes.empty()) {
        EXPECT_FALSE(
            Code(node, nullptr, each->login, each->codes.back(), model::Channel::kPhone).ok());
      }
    }
    // One's own code for the other's flow, and a number that no branch gave out.
    if (!mallory.codes.empty()) {
      EXPECT_FALSE(
          Code(node, nullptr, owner.login, mallory.codes.back(), model::Channel::kWeb).ok());
      if (!owner.handles.empty()) {
        EXPECT_FALSE(
            Code(node, &owner.handles.back().handle, "", mallory.codes.back(), model::Channel::kWeb)
                .ok());
      }
    }
    EXPECT_FALSE(RedeemAssisted(node, {.customer_number = std::to_string(10'000'010 + parties_),
                                       .token = Secret("102030405060"),
                                       .idempotency_key = Key(),
                                       .source = From(NextAddress()),
                                       .device_token = {}})
                     .ok());
  }

  void ExpectAsKnown(const Party& who) {
    EXPECT_TRUE(PasswordIs(who.id, who.password)) << who.login;
    EXPECT_EQ(Load(who.id).state == model::AccountState::kFrozen, who.frozen) << who.login;
  }

  static std::string Spell(const std::vector<Move>& moves) {
    static const char* const kNames[] = {"ask", "link", "code", "phone", "set", "unlock", "freeze"};
    std::string text;
    for (const Move& move : moves)
      text +=
          std::string(move.by_mallory ? " mallory:" : " ") + kNames[static_cast<int>(move.step)];
    return text;
  }

  // The whole journal, of all that was walked so far.
  void ExpectWholeJournal() {
    const auto report =
        ledger::VerifyJournal(ledger_, keys_, folder_.path() / "none", [](int64_t, int64_t) {});
    ASSERT_TRUE(report.ok()) << report.failure().detail;
    EXPECT_FALSE(report->first_fault) << report->first_fault->what;
    EXPECT_GT(report->entries, 0);
  }

  void Walk(std::vector<Move>& moves) {
    if (HasFailure()) return;
    SCOPED_TRACE("after" + Spell(moves));
    ++sequences_;
    clock_.Advance(std::chrono::minutes(1));
    Party owner = NewParty("owner"), mallory = NewParty("mallory");
    for (size_t i = 0; i < moves.size(); ++i)
      Take(NodeFor(i), moves[i].by_mallory ? mallory : owner, moves[i].step);
    if (HasFailure()) return;
    ExpectAsKnown(owner);
    ExpectAsKnown(mallory);
    TryTheRest(NodeFor(moves.size()), owner, mallory);
    ExpectAsKnown(owner);
    ExpectAsKnown(mallory);
    if (sequences_ % kBetweenLooks == 0) ExpectWholeJournal();
    if (moves.size() == kLongest) return;
    for (const bool by_mallory : {false, true}) {
      for (const Step step :
           by_mallory ? std::span<const Step>(kMallorysSteps) : std::span<const Step>(kSteps)) {
        if (!(by_mallory ? mallory : owner).MayTake(step)) continue;
        moves.push_back({by_mallory, step});
        Walk(moves);
        moves.pop_back();
      }
    }
  }

  signin::GuessGate second_gate_{*hot_state_, signin::GuessRules::Default(), keys_, clock_};
  signin::HashSlots second_slots_{
      {.slots = 4, .longest_queue = 1000, .longest_wait = Millis(60'000), .cost = kCost},
      keys_,
      random_,
      clock_};
  const Parts second_{.ledger = ledger_,
                      .hot_state = *hot_state_,
                      .gate = second_gate_,
                      .slots = second_slots_,
                      .blocklist = blocklist_,
                      .spool = spool_,
                      .store = store_,
                      .rules = {},
                      .bank_name = "Musterbank"};
  int parties_ = 0, addresses_ = 0, passwords_ = 0, sequences_ = 0;
};

// S01. Fails without: the session's purpose in FindSession (seen: a link passed for a session).
// With the entries of a freeze chained to nothing, in Append: seen.
TEST_F(Sequences, S01_OnlyALegalWayLeadsToANewPassword) {
  std::vector<Move> moves;
  Walk(moves);
  ExpectWholeJournal();
  EXPECT_GT(sequences_, 500);
  std::printf(
      "%d sequences of up to %zu steps, each followed by every step that is forbidden then\n",
      sequences_, kLongest);
}

}  // namespace
}  // namespace latchkey::recovery
