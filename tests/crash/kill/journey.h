// SPDX-License-Identifier: Apache-2.0
// One journey of one customer. Each step is asked for until it is answered, and what is answered is
// held against what was promised before.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "clients/common/call.h"
#include "latchkey/v1/assist.grpc.pb.h"
#include "latchkey/v1/cases.grpc.pb.h"
#include "latchkey/v1/recovery.grpc.pb.h"
#include "latchkey/v1/signin.grpc.pb.h"
#include "latchkey/v1/staff.grpc.pb.h"
#include "tests/crash/kill/load.h"

namespace latchkey::crash {

// Subjects of the messages; the bank's name stands in each (services/courier/messages/en).
inline constexpr const char* kResetSubject = "Choose a new password for your access to Crash Bank";
inline constexpr const char* kUnlockSubject = "Unlock your access to Crash Bank";
inline constexpr const char* kChangedSubject = "Your password for Crash Bank was changed";
inline constexpr const char* kUnlockedSubject = "Your access to Crash Bank was unlocked";
inline constexpr const char* kFrozenSubject = "Your access to Crash Bank is frozen";
inline constexpr const char* kRestingSubject =
    "Wrong passwords were tried for your access to Crash Bank";
inline constexpr const char* kBranchCodeSubject = "Your code to say in the branch of Crash Bank";
inline constexpr const char* kTokenSubject =
    "A branch token for your access to Crash Bank was issued";
inline constexpr const char* kAssistedCodeSubject =
    "Your code to use the token from your branch of Crash Bank";

// The service gave no answer for so long that the journey cannot go on.
struct NoAnswer {};
// The journey cannot go on, and nothing is wrong with that.
struct Abandoned {};

class Journey {
 public:
  Journey(Load& load, Customer& customer, Dice dice);
  void Go();

 private:
  // What came of asking until an answer came. `unknown`: calls before it whose fate is not known.
  template <typename Response>
  struct Heard {
    client::Answer<Response> answer;
    int unknown = 0;
  };
  enum class Door { kPortal, kPhone, kBranch };

  // --- journeys.cc and branch.cc, one kind of journey each
  void ResetByMessage();
  void FinishCallOnTheWeb();
  void ComeBackFromRest();
  void SignInAndOut();
  void StopAStranger();
  void ResetByBranch();

  // --- steps.cc
  std::string Begin(v1::Intent intent);  // the handle
  Letter AwaitLetter(size_t mail, const std::string& subject);
  std::string ProveBy(const std::string& handle, const Letter& letter);
  std::string OpenLink(const std::string& token);
  void SetPassword(const std::string& session);
  void SendLink(const std::string& session);
  void Unlock(const std::string& session);
  // A session; empty when passwords may rest by now.
  std::string SignIn(const std::string& password);
  void ExpectNoSignIn(const std::string& password);
  void ExpectSession(const std::string& session, bool alive);
  void AfterCrash();  // waits until another life has begun

  // --- branch.cc
  class AtDesk;
  void SignInTeller(Teller& teller);
  void SendBranchCode(const std::string& session, const std::string& reference);
  void CheckBranchCode(const std::string& session, const std::string& reference);
  std::string IssueToken(Teller& teller, const std::string& reference);
  std::string RedeemToken(const std::string& token);

  // --- asking
  template <typename Stub, typename Request, typename Response>
  client::Answer<Response> AskOnce(Door door,
                                   grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                const Request&, Response*),
                                   const Request& request);
  template <typename Stub, typename Request, typename Response>
  Heard<Response> Insist(Door door,
                         grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                      Response*),
                         const std::function<Request()>& make);

  v1::Source From();  // another address each time
  void Expect(size_t mail, const std::string& subject, size_t at_least, size_t at_most);
  void Broken(const std::string& what);
  template <typename Response>
  void BrokenBy(const std::string& what, client::Answer<Response>& answer);
  Load& load_;
  Customer& who_;
  Dice dice_;
  std::string name_;
  int64_t life_ = 0;
};

template <typename Stub, typename Request, typename Response>
client::Answer<Response> Journey::AskOnce(Door door,
                                          grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                       const Request&, Response*),
                                          const Request& request) {
  const auto life = load_.service_.AwaitLife(life_, std::chrono::seconds(20));
  if (life == nullptr) throw NoAnswer();
  Stub stub(door == Door::kPortal  ? life->portal
            : door == Door::kPhone ? life->phone
                                   : life->branch);
  auto answer = client::Ask(stub, method, request);
  load_.book_.Count("calls");
  if (answer.ok() || !answer.refused().unreachable) return answer;
  load_.book_.Count("calls without an answer");
  life_ = life->number;  // the next call is for the next life
  return answer;
}

template <typename Stub, typename Request, typename Response>
Journey::Heard<Response> Journey::Insist(Door door,
                                         grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                      const Request&, Response*),
                                         const std::function<Request()>& make) {
  const auto give_up = std::chrono::steady_clock::now() + load_.options_.patience;
  bool told_to_wait = false;
  for (int unknown = 0; std::chrono::steady_clock::now() < give_up;) {
    auto answer = AskOnce(door, method, make());
    const bool busy = !answer.ok() && answer.refused().reason() == v1::REFUSAL_REASON_BUSY;
    if (!busy) return {std::move(answer), unknown};
    if (answer.refused().unreachable) {
      ++unknown;
    } else {
      told_to_wait = true;
      load_.book_.Count("calls answered with busy");
      load_.service_.AwaitLife(INT64_MAX - 1, Millis(200));  // a little later
    }
  }
  if (told_to_wait) throw Abandoned();
  throw NoAnswer();
}

template <typename Response>
void Journey::BrokenBy(const std::string& what, client::Answer<Response>& answer) {
  Broken(what + ": " +
         (answer.ok() ? std::string("it was granted")
                      : v1::RefusalReason_Name(answer.refused().reason())));
}

}  // namespace latchkey::crash
