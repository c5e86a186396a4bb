// SPDX-License-Identifier: Apache-2.0
// Each use case with what its answer must be, and what it changes in the model. Whoever calls may
// hand in any secret, for anybody: the model knows what it is good for.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "tests/simulation/bank.h"

namespace latchkey::simulation {

// --- signing in

struct SignInBy {
  std::string_view who;
  Customer& customer;  // whom the name stands for
  std::string name, password, address;
  std::string device = {};
  std::function<void(Bank&)> rival = {};  // who may come in between
};
void SignIn(Bank& bank, const SignInBy& by);
void LookAtSession(Bank& bank, std::string_view who, const std::string& session);
void SignOut(Bank& bank, std::string_view who, const std::string& session);

// --- recovering

struct BeginBy {
  std::string_view who;
  Customer& customer;
  std::string name;
  model::Intent intent = model::Intent::kReset;
  std::string address, key;
};
void Begin(Bank& bank, const BeginBy& by);
void AskForPerson(Bank& bank, std::string_view who, const Customer& customer);
// True when it opened.
bool OpenLink(Bank& bank, std::string_view who, const std::string& link);

struct CodeBy {
  std::string_view who;
  Customer& holder;      // who gets the session, if there is one
  std::string handle;    // or else…
  Customer* named = {};  // …whose login name is given
  std::string digits, address, key;
  std::string device = {};
};
void SubmitCode(Bank& bank, const CodeBy& by);

struct RedeemBy {
  std::string_view who;
  Customer& holder;  // who gets the handle
  Customer& named;
  std::string digits, address, key;
};
void RedeemAssisted(Bank& bank, const RedeemBy& by);

struct PasswordBy {
  std::string_view who;
  std::string session, password, key;
};
void SetPassword(Bank& bank, const PasswordBy& by);
void Unlock(Bank& bank, std::string_view who, const std::string& session, const std::string& key);
void FreezeByLink(Bank& bank, std::string_view who, const std::string& link);
void FreezeBySession(Bank& bank, std::string_view who, const std::string& session);

// --- in a branch

void StaffSignIn(Bank& bank, Officer& officer, bool right);
void FindCustomer(Bank& bank, Officer& officer, const Customer& customer);
void GetCase(Bank& bank, Officer& officer, CaseFile& file);
void Inspect(Bank& bank, Officer& officer, CaseFile& file);
void SendCode(Bank& bank, Officer& officer, CaseFile& file, uint32_t contact);
void CheckCode(Bank& bank, Officer& officer, CaseFile& file, const std::string& digits);
void IssueToken(Bank& bank, Officer& officer, CaseFile& file);
void UnlockInBranch(Bank& bank, Officer& officer, CaseFile& file);
void LiftFreeze(Bank& bank, Officer& officer, CaseFile& file);

// --- several things on end

// What a customer or a teller does one after the other, where each alone would seldom meet the
// next.
void Journey(Bank& bank);

// --- workers

void Work(Bank& bank);
// Requests are worked on; what is in the outbox goes out. How many of them.
int64_t Drain(Bank& bank);
int64_t Carry(Bank& bank);
// Everything that waits is worked on, until nothing is left.
void WorkAll(Bank& bank);

// --- laws that a call cannot see

// Law 1: the new password opens the account on every node, and the old one on none.
void ProbePassword(Bank& bank, Customer& customer);
// Law 5: whatever strangers did, an owner who reads their mail is in before an hour is over.
void ProbeOwner(Bank& bank, Customer& customer);
// Law 4: five unlocks in a branch, as many by a proof, and one more of each in half an hour.
void CheckUnlocks(Bank& bank, std::deque<TimePoint>& times);

// --- shared by the above

// What must have moved together, if anything did (Law 2).
struct Moved {
  int64_t epoch = 0;
  int64_t lane_epoch = 0;
  int64_t messages = 0;  // one to each address (Law 9)
  int64_t state = 0;     // 0: as it was
};
// Whether a deed was done, as the ledger shows it; half of it breaks Law 2.
bool WasDone(Bank& bank, const Customer& customer, const Bank::Facts& before, const Moved& moved,
             bool interrupted);
int64_t Addresses(const Customer& customer);
// Passwords offered in this recovery within half an hour.
int64_t OffersLately(Bank& bank, const std::string& reference);

// What a reset, an unlock or a freeze ends, at this moment.
enum class Deed { kReset, kUnlock, kFreeze };
void Apply(Bank& bank, Customer& customer, Deed deed);
// What waits to be told of a rest is not told any more: the account is frozen, or the password
// disabled.
void MayMissRest(Customer& customer, TimePoint now);
model::Source From(const std::string& address, model::Channel channel = model::Channel::kWeb);
template <typename T>
void KeepFew(std::vector<T>& kept, T item) {
  if (kept.size() >= 6) kept.erase(kept.begin());
  kept.push_back(std::move(item));
}
// The lanes of all names of a customer; of a name that nobody has, its own.
std::shared_ptr<LaneSet> LanesOf(Bank& bank, Customer& customer, const std::string& name);
// Puts the device into the guess, if it is known for the customer; else null.
Device* UseDevice(Bank& bank, const Customer& customer, const std::string& token,
                  ModelGuess& guess);

}  // namespace latchkey::simulation
