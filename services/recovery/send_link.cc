// SPDX-License-Identifier: Apache-2.0
// SendLink: whoever proved something on the phone finishes on the web, by a link of the same
// recovery that goes to the customer's own address. What was proved there is not asked for again
// (Law 15), and the link is worth what the link of any message is worth: whoever reads the mail
// must not gain from what was shown in a branch (Law 7).
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "services/courier/templates.h"
#include "services/ledger/fields.h"
#include "services/ledger/journal.h"
#include "services/model/canonical.h"
#include "services/recovery/issue.h"
#include "services/recovery/recovery.h"
#include "services/recovery/session.h"
#include "services/recovery/standing.h"

namespace latchkey::recovery {
namespace {

using ledger::Transaction;

constexpr std::string_view kQueued = "queued";

std::string Pack(const SentLink& sent) {
  return ledger::PackFields({sent.reference, sent.queued ? kQueued : std::string_view()});
}

Result<std::optional<SentLink>> SentBefore(const Parts& parts, const Repeatable& repeatable) {
  LATCHKEY_ASSIGN(auto answer, FindEarlierAnswer(parts, repeatable));
  if (!answer) return std::optional<SentLink>();
  auto fields = ledger::UnpackFields(answer->Reveal(), 2);
  if (!fields) return Fail(Reason::kInternal, "an answer has another shape");
  return std::optional(
      SentLink{.reference = std::move((*fields)[0]), .queued = (*fields)[1] == kQueued});
}

Result<SentLink> Write(Transaction& tx, const Parts& parts, const LinkRequest& request,
                       const model::Token& session, const Repeatable& repeatable) {
  // As the holder of the link will stand: without the branch token's case.
  model::Token bare = session;
  bare.case_id = {};
  LATCHKEY_ASSIGN(const Standing standing, LoadStanding(tx, parts, bare));
  if (!standing.reset.enough) return Fail(Reason::kMoreProof);
  const model::Account& account = standing.account;
  LATCHKEY_ASSIGN(auto contact, ChooseContact(tx, parts, account, nullptr));
  if (!contact) return Fail(Reason::kMoreProof, "no settled contact that takes mail");
  // Prolongs it: a link that is sent late must live long enough to be opened.
  LATCHKEY_ASSIGN(const auto opened, OpenFor(tx, parts, account, model::Intent::kReset, CaseId{}));
  LATCHKEY_ASSIGN(const bool allowed, MayIssueCode(tx, parts, account, *contact, CaseId{}));
  const SentLink sent{.reference = opened.recovery.reference, .queued = allowed};
  if (allowed) {
    LATCHKEY_TRY(SendLinkAfterCall(tx, parts, {account, opened.recovery, *contact}));
    LATCHKEY_TRY(ledger::Append(tx, parts.store,
                                {.account_id = account.id,
                                 .event = model::Event::kMessageQueued,
                                 .channel = request.source.channel,
                                 .case_id = session.case_id,
                                 .recovery_id = opened.recovery.id,
                                 .details = std::string(courier::kLinkAfterCall) + " to " +
                                            model::MaskContact(contact->kind, contact->address)}));
  } else {
    LATCHKEY_TRY(NoteWithheld(
        tx, parts,
        {.account_id = account.id, .channel = request.source.channel, .case_id = session.case_id}));
  }
  LATCHKEY_TRY(KeepAnswer(tx, parts, repeatable, Secret(Pack(sent))));
  return sent;
}

}  // namespace

Result<SentLink> SendLink(const Parts& parts, const LinkRequest& request) {
  LATCHKEY_ASSIGN(const model::Token session, FindSession(parts, request.session));
  const Repeatable repeatable = RepeatableFor("SendLink", request.idempotency_key, session);
  LATCHKEY_ASSIGN(auto earlier, SentBefore(parts, repeatable));
  if (earlier) return std::move(*earlier);
  auto sent = parts.ledger.Transact([&](Transaction& tx) -> Result<SentLink> {
    return Write(tx, parts, request, session, repeatable);
  });
  if (sent.ok()) return sent;
  // The same request may have been answered meanwhile.
  LATCHKEY_ASSIGN(earlier, SentBefore(parts, repeatable));
  if (earlier) return std::move(*earlier);
  return sent;
}

}  // namespace latchkey::recovery
