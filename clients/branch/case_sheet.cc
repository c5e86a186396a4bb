// SPDX-License-Identifier: Apache-2.0
#include "clients/branch/case_sheet.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "clients/branch/wording.h"
#include "clients/common/typed.h"

namespace latchkey::branch {
namespace {

using Cells = std::array<std::string, 5>;

// Columns as wide as their widest cell; the last one runs free.
std::vector<std::string> Aligned(const std::vector<Cells>& rows) {
  std::array<size_t, std::tuple_size_v<Cells>> widths{};
  for (const Cells& row : rows) {
    for (size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], client::Columns(row[i]));
  }
  std::vector<std::string> lines;
  for (const Cells& row : rows) {
    std::string line = " ";
    for (size_t i = 0; i < row.size(); ++i) {
      line.append(" ").append(row[i]);
      line.append(widths[i] - client::Columns(row[i]) + 1, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(std::move(line));
  }
  return lines;
}

// What a timeline says of an entry. Names of messages are those of the service: "unlocked_notice to
// a•••@example.org".
std::string EntryText(const v1::TimelineEntry& entry) {
  std::string text = client::Printable(entry.text());
  switch (entry.activity().kind()) {
    case v1::ACTIVITY_KIND_MESSAGE_QUEUED:
    case v1::ACTIVITY_KIND_MESSAGE_ACCEPTED:
    case v1::ACTIVITY_KIND_MESSAGE_FAILED:
      std::replace(text.begin(),
                   text.begin() + static_cast<ptrdiff_t>(std::min(text.find(' '), text.size())),
                   '_', ' ');
      return text;
    default:
      return text;
  }
}

std::string ContactLine(const v1::Contact& contact) {
  const bool phone = contact.kind() == v1::CONTACT_KIND_PHONE;
  return "Contact " + std::to_string(contact.index()) + ": " + (phone ? "phone " : "e-mail ") +
         client::Printable(contact.masked()) +
         (contact.settled() ? ", settled" : ", too new to prove anything") +
         (phone ? ", for calls only" : "");
}

}  // namespace

std::vector<std::string> ProofLines(const v1::Case& one) {
  return {
      std::string("Document: ") + (one.document_inspected() ? "inspected" : "not inspected"),
      std::string("Code: ") +
          (one.code_checked() ? "checked, here or by a message that was opened" : "not checked"),
      std::string("May issue token: ") + (one.may_issue_token() ? "yes" : "no")};
}

std::vector<std::string> CaseSheet(const v1::Case& one) {
  std::vector<std::string> lines = {"Case: " + client::Printable(one.reference()) +
                                        (one.closed() ? ", closed: to be read only" : ""),
                                    "Customer: " + client::Printable(one.customer_name()) +
                                        ", number " + client::Printable(one.customer_number()),
                                    "Account: " + std::string(StateWords(one.account_state()))};
  lines.push_back(one.sign_in_resting()
                      ? "Sign-in: rests until " + UntilWords(one.resting_until_unix_ms())
                      : "Sign-in: not resting");
  lines.push_back("Password state: " + std::string(PasswordWords(one.password_state())));
  lines.push_back(std::string("Recovery: ") + (one.open_recovery() ? "one is open" : "none open"));
  if (one.waiting_for_person()) {
    const bool frozen = one.account_state() == v1::ACCOUNT_STATE_FROZEN;
    lines.push_back(std::string("Wanted: the customer waits for a person") +
                    (frozen ? "" : "; a note ends the wait"));
  }
  for (const v1::Contact& contact : one.contacts()) lines.push_back(ContactLine(contact));
  for (std::string& line : ProofLines(one)) lines.push_back(std::move(line));

  lines.push_back("Timeline: newest first");
  std::vector<Cells> rows;
  for (const v1::TimelineEntry& entry : one.timeline()) {
    rows.push_back({TimeWords(entry.activity().at_unix_ms()),
                    std::string(ChannelWords(entry.activity().channel())),
                    std::string(ActivityWords(entry.activity().kind())),
                    client::Printable(entry.by()), EntryText(entry)});
  }
  for (std::string& line : Aligned(rows)) lines.push_back(std::move(line));
  return lines;
}

std::vector<std::string> WaitingSheet(const v1::ListWaitingResponse& list) {
  std::string head = "Waiting: " + std::to_string(list.waiting_size());
  head += list.waiting_size() == 1 ? " case" : " cases";
  if (list.more()) head += " and more behind them";
  if (list.waiting_size() > 1) head += ", frozen accounts first, then the oldest";
  std::vector<std::string> lines = {head};
  for (const auto& one : list.waiting()) {
    lines.push_back("  " + client::Printable(one.case_reference()) + "  since " +
                    TimeWords(one.since_unix_ms()) + "  " + std::string(ActivityWords(one.why())));
  }
  return lines;
}

std::vector<std::string> TokenSlip(const std::string& digits, int64_t expires_at_unix_ms) {
  return {"Token: " + client::Grouped(digits, 4),
          "Valid until: " + TimeWords(expires_at_unix_ms),
          "Give it to the customer now: it is not shown again, and an earlier one is void.",
          "Tell the customer:",
          "  With this token and your customer number you set a new password yourself: on the web,",
          "  under \"I have a token from a branch\", or by phone. When you use it, a code goes to",
          "  your own address.",
          "  It is no password: without that code it opens nothing. We shall never ask you for it.",
          "  Every address of yours was just told that it was issued."};
}

}  // namespace latchkey::branch
