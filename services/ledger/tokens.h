// SPDX-License-Identifier: Apache-2.0
// Links, codes, handles and recovery sessions in the ledger. Each function runs in the caller's
// transaction.
//
// A row holds the keyed digest of the secret, never the secret, and a MAC over everything in it
// that does not change: a row that was edited or moved counts as absent (attack D07). The purpose
// is part of the digest, so that one kind of token never passes for another (L12); of codes the
// account is too, so that equal digits of two customers differ.
#pragma once

#include <optional>
#include <vector>

#include "crypto/keyring.h"
#include "crypto/secret.h"
#include "services/base/result.h"
#include "services/ledger/accounts.h"
#include "services/ledger/ledger.h"
#include "services/model/recovery.h"

namespace latchkey::ledger {

// How many guesses each takes, right or wrong (attack C01). A branch token has 40 bits: ten million
// guesses find it once in a hundred thousand times, and open nothing without the customer's mail.
// Whoever knows no more than a customer's number must not end it for the customer at home (Law 5).
constexpr int64_t TriesOf(model::TokenPurpose purpose) {
  return purpose == model::TokenPurpose::kAssisted ? 10'000'000 : 5;
}

struct NewToken {
  model::TokenPurpose purpose = model::TokenPurpose::kRecoveryLink;
  AccountId account_id;
  RecoveryId recovery_id = {};
  CaseId case_id = {};
  ContactId contact_id = {};  // where it is sent
  int64_t security_epoch = 0;
  TimePoint expires_at;
};
// Stores what finds `secret` again: 32 bytes, or digits for the purposes that are codes.
Result<TokenId> InsertToken(Transaction& tx, const StoreContext& context, const NewToken& token,
                            const Secret& secret);

// The digest that a row of this secret has under one token key. `account_id` counts for codes only.
Bytes TokenDigest(const Secret& token_key, model::TokenPurpose purpose, const Secret& secret,
                  AccountId account_id = {});

struct TokenLookup {
  std::optional<model::Token> token;  // as stored: it may be expired, used, or of an earlier epoch
  TokenId altered;                    // a row that somebody edited, to be reported; 0: none
};
// Finds a token of 32 bytes, under every token key in the ring. Not for codes: those are guessed,
// not looked up.
Result<TokenLookup> FindToken(Transaction& tx, const crypto::KeyRing& keys,
                              model::TokenPurpose purpose, const Secret& secret);

// A live code for which one try has been taken.
struct CodeCandidate {
  model::Token token;
  Bytes digest;
};
struct CodeGuess {
  AccountId account_id;
  model::TokenPurpose purpose = model::TokenPurpose::kRecoveryCode;
  int64_t security_epoch = 0;
  TimePoint now;
  // Only codes that belong to no case, and those of this one; absent: all. Without it, whoever
  // knows a customer's name could use up the tries of the code that follows a branch token (Law 5).
  std::optional<CaseId> of_case = {};
};
// Takes one try of every live code that the guess could be meant for. Law 4: this must be committed
// before MatchCode is asked, so that neither a race nor a crash gives a try back. Codes whose tries
// are spent are not among the answers.
Result<std::vector<CodeCandidate>> ReserveTries(Transaction& tx, const crypto::KeyRing& keys,
                                                const CodeGuess& guess);
// The candidate that `digits` is, if any; compares with all of them, each in constant time.
std::optional<model::Token> MatchCode(const crypto::KeyRing& keys,
                                      const std::vector<CodeCandidate>& candidates,
                                      const Secret& digits);

struct SessionGroup {
  RecoveryId recovery_id;
  CaseId case_id = {};  // 0: those that belong to no case
};
// Removes all sessions of a group but the newest `kept`. Under the recovery's row, or two at once
// leave one more.
Done KeepNewestSessions(Transaction& tx, const SessionGroup& group, int kept);

// Ends a token; true for the one caller that found it live (attack L15).
Result<bool> ConsumeToken(Transaction& tx, TokenId id, TimePoint now);
// Ends every link, code, handle and session of the account. What stops things outlives a reset:
// freeze links stay.
Done KillTokens(Transaction& tx, AccountId account_id, TimePoint now);
Done KillFreezeLinks(Transaction& tx, AccountId account_id, TimePoint now);

struct TokenGroup {
  AccountId account_id;
  model::TokenPurpose purpose = model::TokenPurpose::kRecoveryLink;
  CaseId case_id = {};        // 0: those that belong to no case
  ContactId contact_id = {};  // 0: those to any contact
};
// How many tokens of a group were made since then: the budget of its destination (attack R03).
Result<int64_t> CountTokens(Transaction& tx, const TokenGroup& group, TimePoint since);
// Whether one of them can still be used.
Result<bool> HasLiveToken(Transaction& tx, const TokenGroup& group, int64_t security_epoch,
                          TimePoint now);

// Removes at most `limit` tokens that expired before `expired_before`; returns how many.
Result<int64_t> SweepTokens(Transaction& tx, TimePoint expired_before, int limit);

}  // namespace latchkey::ledger
