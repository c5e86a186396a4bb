// SPDX-License-Identifier: Apache-2.0
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "services/cases/cases.h"
#include "services/ledger/cases.h"
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

Result<View> Cases::AddNote(const model::Staff& staff, const Act& act, std::string_view text) {
  LATCHKEY_TRY(CheckNote("text", text));
  const Named named{.method = "AddNote", .act = act, .about = text};
  const auto act_once = [&]() -> Result<CaseId> {
    return ledger_.Transact([&](ledger::Transaction& tx) -> Result<CaseId> {
      LATCHKEY_ASSIGN(const Attended attended, Attend(tx, context_, staff, act.case_reference));
      LATCHKEY_TRY(Keep(tx, context_, staff, attended.facts.id, named));
      LATCHKEY_TRY(ledger::Append(tx, context_,
                                  {.account_id = attended.account.id,
                                   .event = model::Event::kNote,
                                   .channel = model::Channel::kBranch,
                                   .staff_id = staff.id,
                                   .case_id = attended.facts.id,
                                   .details = std::string(text)}));
      // Whoever writes a note has spoken to the customer. A freeze keeps waiting until it is
      // lifted.
      LATCHKEY_TRY(ledger::EndWaiting(tx, attended.facts.id, model::Event::kCallBackAsked));
      return attended.facts.id;
    });
  };
  LATCHKEY_ASSIGN(const CaseId id, Once(ledger_, context_, staff, named, act_once));
  return Read(id);
}

}  // namespace latchkey::cases
