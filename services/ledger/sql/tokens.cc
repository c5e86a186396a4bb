// SPDX-License-Identifier: Apache-2.0
#include "services/ledger/tokens.h"

#include <string>
#include <string_view>
#include <utility>

#include "crypto/digest.h"
#include "services/base/check.h"
#include "services/ledger/sql/row_mac.h"

namespace latchkey::ledger {
namespace {

using model::Token;
using model::TokenPurpose;

// The domain of each purpose's digests. Never changes once data exists.
std::string_view PurposeName(TokenPurpose purpose) {
  switch (purpose) {
    case TokenPurpose::kRecoveryLink:
      return "latchkey recovery link v1";
    case TokenPurpose::kRecoveryCode:
      return "latchkey recovery code v1";
    case TokenPurpose::kRecoverySession:
      return "latchkey recovery session v1";
    case TokenPurpose::kHandle:
      return "latchkey handle v1";
    case TokenPurpose::kAssisted:
      return "latchkey assisted token v1";
    case TokenPurpose::kFreezeLink:
      return "latchkey freeze link v1";
    case TokenPurpose::kBranchCode:
      return "latchkey branch code v1";
  }
  CheckFailed("a token purpose", __FILE__, __LINE__);
}

bool IsDigits(TokenPurpose purpose) {
  return purpose == TokenPurpose::kRecoveryCode || purpose == TokenPurpose::kAssisted ||
         purpose == TokenPurpose::kBranchCode;
}

// Over every column but `tries` and `used_at`, which change.
Bytes RowMac(const Secret& key, const Token& token, const Bytes& digest) {
  using crypto::Part;
  return crypto::KeyedDigest(
      key, {"latchkey token row v1"},
      {Part(token.id.value), Part(static_cast<int64_t>(token.purpose)), digest.view(),
       Part(token.account_id.value), Part(token.recovery_id.value), Part(token.case_id.value),
       Part(token.contact_id.value), Part(token.security_epoch), Part(ToUnixMillis(token.made_at)),
       Part(ToUnixMillis(token.expires_at))});
}

// Columns, here and below: id, purpose, digest, account_id, recovery_id, case_id, contact_id,
// security_epoch, made_at, expires_at, used_at, mac.
constexpr size_t kDigestColumn = 2;
constexpr size_t kMacColumn = 11;
Token TokenOf(const Row& row) {
  return {.id = row.As<TokenId>(0),
          .purpose = row.Enumerated<TokenPurpose>(1),
          .account_id = row.As<AccountId>(3),
          .recovery_id = row.As<RecoveryId>(4),
          .case_id = row.As<CaseId>(5),
          .contact_id = row.As<ContactId>(6),
          .security_epoch = row.Int(7),
          .made_at = row.Time(8),
          .expires_at = row.Time(9),
          .used_at = row.Time(10)};
}

bool IsGenuine(const crypto::KeyRing& keys, const Row& row) {
  const Token token = TokenOf(row);
  const Bytes digest = row.Blob(kDigestColumn);
  return ledger::IsGenuine(keys, row.Blob(kMacColumn),
                           [&](const Secret& key) { return RowMac(key, token, digest); });
}

}  // namespace

Bytes TokenDigest(const Secret& token_key, TokenPurpose purpose, const Secret& secret,
                  AccountId account_id) {
  if (IsDigits(purpose)) {
    return crypto::KeyedDigest(token_key, {PurposeName(purpose)},
                               {secret.Reveal(), crypto::Part(account_id.value)});
  }
  return crypto::KeyedDigest(token_key, {PurposeName(purpose)}, {secret.Reveal()});
}

Result<TokenId> InsertToken(Transaction& tx, const StoreContext& context, const NewToken& token,
                            const Secret& secret) {
  const Secret& key = context.keys.Current(crypto::KeyUse::kToken);
  const Token row{.id = context.ids.Next<TokenId>(),
                  .purpose = token.purpose,
                  .account_id = token.account_id,
                  .recovery_id = token.recovery_id,
                  .case_id = token.case_id,
                  .contact_id = token.contact_id,
                  .security_epoch = token.security_epoch,
                  .made_at = context.clock.Now(),
                  .expires_at = token.expires_at,
                  .used_at = {}};
  const Bytes digest = TokenDigest(key, token.purpose, secret, token.account_id);
  LATCHKEY_TRY(
      tx.Run("INSERT INTO tokens (id, purpose, digest, account_id, recovery_id, case_id, "
             "contact_id, security_epoch, tries, made_at, expires_at, mac) "
             "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11)",
             row.id, row.purpose, digest, row.account_id, OrNull(row.recovery_id),
             OrNull(row.case_id), OrNull(row.contact_id), row.security_epoch, row.made_at,
             row.expires_at, RowMac(key, row, digest)));
  return row.id;
}

Result<TokenLookup> FindToken(Transaction& tx, const crypto::KeyRing& keys, TokenPurpose purpose,
                              const Secret& secret) {
  LATCHKEY_CHECK(!IsDigits(purpose));
  TokenLookup lookup;
  for (int version : keys.Versions(crypto::KeyUse::kToken)) {
    const Secret* key = keys.At(crypto::KeyUse::kToken, version);
    LATCHKEY_ASSIGN(
        auto rows,
        tx.Run("SELECT id, purpose, digest, account_id, recovery_id, case_id, contact_id, "
               "security_epoch, made_at, expires_at, used_at, mac FROM tokens "
               "WHERE digest = $1 AND purpose = $2",
               TokenDigest(*key, purpose, secret), purpose));
    for (const Row& row : rows.rows) {
      if (!IsGenuine(keys, row)) {
        lookup.altered = row.As<TokenId>(0);
      } else {
        lookup.token = TokenOf(row);
      }
    }
    if (lookup.token) break;
  }
  return lookup;
}

Result<std::vector<CodeCandidate>> ReserveTries(Transaction& tx, const crypto::KeyRing& keys,
                                                const CodeGuess& guess) {
  // Parallel guesses queue on the rows: each takes a try of its own, and the sixth finds none
  // (attack C03).
  LATCHKEY_ASSIGN(auto rows,
                  tx.Run("UPDATE tokens SET tries = tries + 1 WHERE account_id = $1 AND "
                         "purpose = $2 AND security_epoch = $3 AND used_at IS NULL AND "
                         "expires_at > $4 AND tries < $5 AND "
                         "($6 < 0 OR case_id IS NULL OR case_id = $6) "
                         "RETURNING id, purpose, digest, account_id, recovery_id, case_id, "
                         "contact_id, security_epoch, made_at, expires_at, used_at, mac",
                         guess.account_id, guess.purpose, guess.security_epoch, guess.now,
                         TriesOf(guess.purpose), guess.of_case.value_or(CaseId{-1})));
  std::vector<CodeCandidate> candidates;
  for (const Row& row : rows.rows) {
    if (IsGenuine(keys, row)) candidates.push_back({TokenOf(row), row.Blob(kDigestColumn)});
  }
  return candidates;
}

std::optional<Token> MatchCode(const crypto::KeyRing& keys,
                               const std::vector<CodeCandidate>& candidates, const Secret& digits) {
  std::optional<Token> match;
  for (const CodeCandidate& candidate : candidates) {
    for (int version : keys.Versions(crypto::KeyUse::kToken)) {
      const Bytes digest = TokenDigest(*keys.At(crypto::KeyUse::kToken, version),
                                       candidate.token.purpose, digits, candidate.token.account_id);
      if (SameDigest(digest.view(), candidate.digest.view())) match = candidate.token;
    }
  }
  return match;
}

Done KeepNewestSessions(Transaction& tx, const SessionGroup& group, int kept) {
  LATCHKEY_TRY(
      tx.Run("DELETE FROM tokens WHERE recovery_id = $1 AND purpose = $2 AND"
             " COALESCE(case_id, 0) = $3 AND id NOT IN (SELECT id FROM tokens"
             " WHERE recovery_id = $1 AND purpose = $2 AND COALESCE(case_id, 0) = $3"
             " ORDER BY made_at DESC, id DESC LIMIT $4)",
             group.recovery_id, TokenPurpose::kRecoverySession, group.case_id, kept));
  return {};
}

Result<bool> ConsumeToken(Transaction& tx, TokenId id, TimePoint now) {
  // Of racing callers one finds it live; the time is tested in the same statement (attacks L13,
  // L15).
  LATCHKEY_ASSIGN(auto rows,
                  tx.Run("UPDATE tokens SET used_at = $2 WHERE id = $1 AND used_at IS NULL AND "
                         "expires_at > $2",
                         id, now));
  return rows.changed > 0;
}

Done KillTokens(Transaction& tx, AccountId account_id, TimePoint now) {
  LATCHKEY_TRY(
      tx.Run("UPDATE tokens SET used_at = $2 WHERE account_id = $1 AND "
             "used_at IS NULL AND purpose <> $3",
             account_id, now, TokenPurpose::kFreezeLink));
  return {};
}

Done KillFreezeLinks(Transaction& tx, AccountId account_id, TimePoint now) {
  LATCHKEY_TRY(
      tx.Run("UPDATE tokens SET used_at = $2 WHERE account_id = $1 AND "
             "used_at IS NULL AND purpose = $3",
             account_id, now, TokenPurpose::kFreezeLink));
  return {};
}

Result<int64_t> CountTokens(Transaction& tx, const TokenGroup& group, TimePoint since) {
  // What was made since ends later still, which the index knows.
  LATCHKEY_ASSIGN(auto rows,
                  tx.Run("SELECT COUNT(*) FROM tokens WHERE account_id = $1 AND purpose = $2 AND "
                         "COALESCE(case_id, 0) = $3 AND made_at > $4 AND expires_at > $4 AND "
                         "($5 = 0 OR contact_id = $5)",
                         group.account_id, group.purpose, group.case_id, since, group.contact_id));
  return rows.front().Int(0);
}

Result<bool> HasLiveToken(Transaction& tx, const TokenGroup& group, int64_t security_epoch,
                          TimePoint now) {
  LATCHKEY_ASSIGN(auto rows,
                  tx.Run("SELECT COUNT(*) FROM tokens WHERE account_id = $1 AND purpose = $2 AND "
                         "COALESCE(case_id, 0) = $3 AND security_epoch = $4 AND used_at IS NULL "
                         "AND expires_at > $5 AND tries < $6 AND ($7 = 0 OR contact_id = $7)",
                         group.account_id, group.purpose, group.case_id, security_epoch, now,
                         TriesOf(group.purpose), group.contact_id));
  return rows.front().Int(0) > 0;
}

Result<int64_t> SweepTokens(Transaction& tx, TimePoint expired_before, int limit) {
  LATCHKEY_ASSIGN(auto rows, tx.Run("DELETE FROM tokens WHERE id IN (SELECT id FROM tokens "
                                    "WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
                                    expired_before, limit));
  return rows.changed;
}

}  // namespace latchkey::ledger
