// SPDX-License-Identifier: Apache-2.0
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "crypto/digest.h"
#include "services/cases/attend.h"
#include "services/cases/cases.h"
#include "services/ledger/cases.h"
#include "services/ledger/intakes.h"
#include "services/ledger/journal.h"

namespace latchkey::cases {
namespace {

// Control characters could move a terminal's cursor, and bidi controls could make a note read as
// another (attack I06).
bool IsReadable(UChar32 c) {
  if (c == '\n') return true;
  switch (u_charType(c)) {
    case U_CONTROL_CHAR:
    case U_FORMAT_CHAR:
    case U_LINE_SEPARATOR:
    case U_PARAGRAPH_SEPARATOR:
    case U_SURROGATE:
    case U_PRIVATE_USE_CHAR:
    case U_UNASSIGNED:
      return false;
    default:
      return true;
  }
}

// For a teller who had no answer and enters the note again. Longer, and the case could be seen once
// more without a look in the journal.
constexpr Millis kSameNote = kSameLook;

// False: this very request was done before. kConflict: its key was used for another note.
Result<bool> KeepKey(ledger::Transaction& tx, const ledger::StoreContext& context,
                     const model::Staff& staff, CaseId id, const NewNote& note) {
  const Bytes request_key = ledger::RequestKey("AddNote", note.idempotency_key);
  // Keyed, because a note could be guessed at; under the one key that is never rotated.
  const Bytes digest = crypto::KeyedDigest(
      context.keys.Current(crypto::KeyUse::kIdentifier), {"latchkey repeatable note v1"},
      {crypto::Part(staff.id.value), crypto::Part(id.value), note.text});
  const TimePoint now = context.clock.Now();
  LATCHKEY_ASSIGN(const bool kept, ledger::PutAnswer(tx, context,
                                                     {.request_key = request_key,
                                                      .payload_digest = digest,
                                                      .text = {},  // it is the case as it is then
                                                      .expires_at = now + kSameNote}));
  if (kept) return true;
  LATCHKEY_ASSIGN(const auto earlier, ledger::FindAnswer(tx, context.keys, request_key, now));
  if (!earlier || earlier->payload_digest != digest) return Fail(Reason::kConflict);
  return false;
}

}  // namespace

Done CheckNote(std::string_view field, std::string_view text) {
  if (text.empty() || text.size() > kLongestNote)
    return Malformed(std::string(field), "1 to 2000 bytes");
  const auto size = static_cast<int32_t>(text.size());
  bool blank = true;
  for (int32_t i = 0; i < size;) {
    UChar32 c = 0;
    U8_NEXT(text.data(), i, size, c);
    if (c < 0 || !IsReadable(c)) return Malformed(std::string(field), "not readable text");
    blank = blank && u_isUWhiteSpace(c);
  }
  if (blank) return Malformed(std::string(field), "blank");
  return {};
}

Result<View> Cases::AddNote(const model::Staff& staff, const NewNote& note) {
  LATCHKEY_TRY(CheckNote("text", note.text));
  LATCHKEY_ASSIGN(const CaseId id, ledger_.Transact([&](ledger::Transaction& tx) -> Result<CaseId> {
    LATCHKEY_ASSIGN(const model::Case named, FindForLooking(tx, staff, note.reference));
    LATCHKEY_ASSIGN(const bool is_new, KeepKey(tx, context_, staff, named.id, note));
    // Before it is attended: the case may have been closed since the note was written.
    if (!is_new) return named.id;
    LATCHKEY_ASSIGN(const Attended attended, Attend(tx, context_, staff, note.reference));
    LATCHKEY_TRY(ledger::Append(tx, context_,
                                {.account_id = attended.account.id,
                                 .event = model::Event::kNote,
                                 .channel = model::Channel::kBranch,
                                 .staff_id = staff.id,
                                 .case_id = attended.facts.id,
                                 .details = std::string(note.text)}));
    // Whoever writes a note has spoken to the customer. A freeze keeps waiting until it is lifted.
    LATCHKEY_TRY(ledger::EndWaiting(tx, attended.facts.id, model::Event::kCallBackAsked));
    return attended.facts.id;
  }));
  return Read(id);
}

}  // namespace latchkey::cases
