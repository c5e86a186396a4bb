// SPDX-License-Identifier: Apache-2.0
#include "clients/branch/wording.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>
#include <vector>

#include "clients/common/typed.h"
#include "services/base/nearest.h"

namespace latchkey::branch {
namespace {

std::string RestingWords(const v1::Refusal& refusal, Command command) {
  const std::string until =
      refusal.retry_at_unix_ms() > 0 ? " until " + UntilWords(refusal.retry_at_unix_ms()) : "";
  switch (command) {
    case Command::kSignIn:
      return "too many tries: this sign-in rests" + until +
             ". A colleague can serve the customer meanwhile.";
    case Command::kCheck:
      return "too many wrong codes: no code is checked here for this customer" + until +
             ". With a document inspected you can unlock now; the customer can also recover on the "
             "web or by phone.";
    case Command::kSend:
      return "this address had enough codes for now; the next can be sent" + until +
             ". Codes that arrived still work for 15 minutes: check; or send to another settled "
             "contact.";
    case Command::kToken:
      return "you have issued many tokens in a short time; your next is possible" + until +
             ". A colleague can issue this one from the same case, with the proofs given.";
    case Command::kUnlock:
      return "this account was unlocked often of late; the next time is possible" + until +
             ". A new password ends it for good: give the customer a token, or let them recover on "
             "the web.";
    default:
      return "many requests in a short time; the next is possible" + until +
             ". A colleague can go on with the case.";
  }
}

std::string MoreProofWords(Command command) {
  switch (command) {
    case Command::kSend:
      return "this contact was added too recently to prove anything. Send to a settled contact.";
    case Command::kToken:
      return "a token needs both proofs, fresh: inspect a document, then send a code and check it.";
    case Command::kLift:
      return "lifting a freeze needs both proofs, given after the freeze: inspect, then send and "
             "check.";
    default:
      return "one fresh proof is needed first: inspect a document, or send a code and check it.";
  }
}

std::string NotFoundWords(Command command) {
  switch (command) {
    case Command::kFind:
      return "no customer has this number. Compare it with the customer's card or a statement, and "
             "find again.";
    case Command::kSend:
      return "no code can go there: name an e-mail contact of this case by its number. case shows "
             "them.";
    case Command::kCase:
      return "there is no such case. Compare the reference, or find the customer by number.";
    default:
      return "this case was closed, or you have stated no reason for it today. Find the customer "
             "again by number.";
  }
}

std::string WrongWords(Command command) {
  if (command == Command::kSignIn) {
    return "login, password and code do not fit together, or not for this branch. Check them, wait "
           "for the next code in "
           "your authenticator (each works once), and sign in again.";
  }
  // A colleague may have sent one from another terminal.
  return "this is no code that is good now. If no code was sent yet: send. Otherwise let the "
         "customer read the newest message again, or send a new one.";
}

// What a field of the contract is called at a terminal, and what it takes.
std::string MalformedWords(std::string_view field) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kFields = {{
      {"staff_login", "the login: as your bank gave it to you"},
      {"password", "the password: it is too long, or has characters that cannot be typed"},
      {"customer_number", "the customer number: digits only, as on the card or a statement"},
      {"document_number_tail",
       "the end of the document's number: its last four letters and digits, such as 47AB"},
      {"text", "the note: 1 to 2000 characters that can be seen"},
      {"note", "the note: 1 to 2000 characters that can be seen; the reason \"other\" needs one"},
      {"case_reference", "the reference, which looks like C-7K2M-9QXA"},
      {"code", "the code: 8 digits"},
      {"contact_index", "the contact's number: as case shows it"},
  }};
  for (const auto& [name, words] : kFields) {
    if (name == field)
      return "something is wrong with " + std::string(words) + ". Nothing was done.";
  }
  return "the service could not read \"" + client::Printable(field) +
         "\". Enter the command again: help shows its form.";
}

}  // namespace

std::string NoAddressWords(Command command, const v1::Case& one) {
  const bool too_new =
      std::any_of(one.contacts().begin(), one.contacts().end(), [](const v1::Contact& contact) {
        return contact.kind() == v1::CONTACT_KIND_EMAIL && !contact.settled();
      });
  return std::string(too_new ? "the e-mail address of this customer is too new for a code"
                             : "no address of this customer can take a code") +
         (command == Command::kToken ? ", and a token needs one" : "") +
         ". With a document inspected you can unlock. " +
         (too_new ? "A new password is possible once the address has been on file for seven days."
                  : "For a new password the customer first needs an e-mail address on file: have "
                    "it added as your bank does, and note it here.");
}

std::string NoSuchCommandWords(std::string_view word) {
  std::vector<std::string> names;
  for (const CommandInfo& info : Commands()) names.emplace_back(info.name);
  const std::string nearest = Nearest(word, names);
  return "there is no command \"" + client::Printable(word) + "\"" +
         (nearest.empty() ? "." : "; did you mean " + nearest + "?") + " help lists all of them.";
}

std::string ClosedCaseWords(const v1::Case& one) {
  return "this case is closed and can only be read. A new one with the same history opens with: "
         "find " +
         client::Printable(one.customer_number()) + " REASON";
}

std::string RefusalWords(const client::Refused& refused, Command command) {
  if (!refused.misfit.empty()) {
    return refused.misfit +
           ". Nothing was sent. Use another terminal, and tell your help desk these words.";
  }
  if (refused.unreachable) {
    return std::string("the service cannot be reached at this moment. Enter it again") +
           (NeedsCase(command) ? ": what was done already is not done twice." : ".") +
           " If it stays so, write down number and wish of the customer for a call back, and tell "
           "your help desk.";
  }
  switch (refused.reason()) {
    case v1::REFUSAL_REASON_WRONG:
      return WrongWords(command);
    case v1::REFUSAL_REASON_RESTING:
      return RestingWords(refused.refusal, command);
    case v1::REFUSAL_REASON_BUSY:
      return std::string("the service is busy. Enter the command again") +
             (NeedsCase(command) ? ": what was done already is not done twice."
                                 : "; nothing was counted or changed.");
    case v1::REFUSAL_REASON_USED:
      return "that token was used meanwhile, or another took its place. Look at the case, and "
             "enter "
             "token again for another.";
    case v1::REFUSAL_REASON_MORE_PROOF:
      return MoreProofWords(command);
    case v1::REFUSAL_REASON_NOT_FOUND:
      return NotFoundWords(command);
    case v1::REFUSAL_REASON_OWN_ACCOUNT:
      return "this is your own account. Nobody serves themselves; a colleague can help you.";
    case v1::REFUSAL_REASON_STOPPED:
      return "the account is frozen. With both proofs given after the freeze you can lift it "
             "first: lift.";
    case v1::REFUSAL_REASON_EXPIRED:
      return "your session has ended. Sign in again; the case is kept as it is.";
    case v1::REFUSAL_REASON_MALFORMED:
      return MalformedWords(refused.refusal.field());
    case v1::REFUSAL_REASON_NOT_ALLOWED:
      return "this terminal may not do this. Use another terminal of the branch, and tell your "
             "help desk.";
    default:
      return "the service refused (" + std::to_string(static_cast<int>(refused.reason())) +
             "). Look at the case, and go on from there: case.";
  }
}

std::string_view StateWords(v1::AccountState state) {
  switch (state) {
    case v1::ACCOUNT_STATE_ACTIVE:
      return "active";
    case v1::ACCOUNT_STATE_FROZEN:
      return "frozen";
    case v1::ACCOUNT_STATE_CLOSED:
      return "closed";
    default:
      return "unknown";
  }
}

std::string_view PasswordWords(v1::PasswordState state) {
  switch (state) {
    case v1::PASSWORD_STATE_NONE:
      return "none yet: the customer sets one by a recovery or with a token";
    case v1::PASSWORD_STATE_IN_USE:
      return "in use";
    case v1::PASSWORD_STATE_DISABLED:
      return "disabled: unlocking does not help, the customer needs a new one, by a recovery or "
             "with a token";
    default:
      return "unknown";
  }
}

std::string_view ActivityWords(v1::ActivityKind kind) {
  static constexpr std::array<std::string_view, 26> kWords = {
      "",
      "account imported",
      "signed in",
      "sign-in failed",
      "sign-in rests",
      "recovery started",
      "proof given",
      "proof failed",
      "password reset",
      "unlocked",
      "frozen",
      "freeze lifted",
      "case looked at",
      "document inspected",
      "token issued",
      "message queued",
      "message accepted",
      "message failed",
      "note",
      "needs a person",
      "signed out",
      "verifier upgraded",
      "case opened",
      "case closed",
      "password disabled",
      "message withheld",
  };
  const int number = static_cast<int>(kind);
  if (number <= 0 || number >= static_cast<int>(kWords.size())) return "something newer";
  return kWords[static_cast<size_t>(number)];
}

std::string_view ChannelWords(v1::Channel channel) {
  switch (channel) {
    case v1::CHANNEL_WEB:
      return "web";
    case v1::CHANNEL_PHONE:
      return "phone";
    case v1::CHANNEL_BRANCH:
      return "branch";
    default:
      return "-";
  }
}

std::string TimeWords(int64_t unix_ms) {
  const auto seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm parts{};
  if (localtime_r(&seconds, &parts) == nullptr) return "?";
  std::array<char, 32> text{};
  const size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M %Z", &parts);
  return std::string(text.data(), size);
}

std::string UntilWords(int64_t unix_ms) { return TimeWords((unix_ms + 59'999) / 60'000 * 60'000); }

}  // namespace latchkey::branch
