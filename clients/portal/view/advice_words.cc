// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/view/advice_words.h"

namespace latchkey::portal {
namespace {

Words WrongWords(const client::Refused& refused, Task task) {
  if (refused.refusal.retry_at_unix_ms() > 0) {
    // This one began the rest; whoever reads it must not learn so from the next, right one.
    return {Mark("That did not match"),
            Mark("It is not what we have. So many tries failed that there is a pause now: the "
                 "next one is looked at from {1} ({2}).")};
  }
  switch (task) {
    case Task::kSignIn:
      return {Mark("That did not match"),
              Mark("What you typed does not match our records. For your safety we cannot say which "
                   "part.")};
    case Task::kCode:
      return {
          Mark("That code did not match"),
          Mark(
              "Type the 8 digits from the newest message you can find. Spaces do not matter. A "
              "code "
              "works once, and only until the time that its message names; then ask for another.")};
    case Task::kBranchToken:
      return {Mark("That did not match"),
              Mark("Check your customer number and the 12 digits of the token from the branch. A "
                   "token is for one new password, only until the time on its slip, and only the "
                   "newest one.")};
    case Task::kLink:
      return {Mark("This link is not complete"),
              Mark("Some mail programs cut links. Copy all of it from the message into the address "
                   "bar of this browser, or type the code from the same message.")};
    case Task::kStop:
      return {Mark("This link is not complete"),
              Mark("Some mail programs cut links. Copy all of it from the message and paste it "
                   "here.")};
    case Task::kStart:
    case Task::kPassword:
    case Task::kUnlock:
    case Task::kCallBack:
    case Task::kAccount:
      break;
  }
  return {Mark("That did not match"), Mark("Please begin again; it takes about two minutes.")};
}

Words PasswordWords(v1::PasswordIssue issue, v1::PasswordWeakness weakness) {
  switch (issue) {
    case v1::PASSWORD_ISSUE_TOO_SHORT:
      return {
          Mark("That password is too short"),
          Mark("Use at least {1} characters. Four or five words in a row are easy to remember.")};
    case v1::PASSWORD_ISSUE_TOO_LONG:
      return {Mark("That password is too long"),
              Mark("Use at most 1024 bytes, about 1000 letters.")};
    case v1::PASSWORD_ISSUE_NOT_TEXT:
      return {Mark("That password contains something that is not text"),
              Mark("It may contain any letters, digits, symbols and spaces, but no control "
                   "characters.")};
    case v1::PASSWORD_ISSUE_BLOCKLISTED:
      return {Mark("That password is known to attackers"),
              Mark("It is on a list of common or leaked passwords. Choose one that only you "
                   "would think of.")};
    case v1::PASSWORD_ISSUE_CONTEXT:
      return {Mark("That password is about you or the bank"),
              Mark("Leave out your name, your login and the bank's name: they are tried first.")};
    case v1::PASSWORD_ISSUE_UNCHANGED:
      return {Mark("That is the password you already have"), Mark("Choose another one.")};
    default:
      break;
  }
  const char* title = Mark("That password is easy to guess");
  switch (weakness) {
    case v1::PASSWORD_WEAKNESS_COMMON_WORD:
      return {title, Mark("It is mostly a common word or name. Put several words together that do "
                          "not belong together.")};
    case v1::PASSWORD_WEAKNESS_KEYBOARD_PATTERN:
      return {title, Mark("It follows the keys of the keyboard. Use words instead.")};
    case v1::PASSWORD_WEAKNESS_REPEAT:
      return {title, Mark("It repeats itself. Add words that are new.")};
    case v1::PASSWORD_WEAKNESS_SEQUENCE:
      return {title, Mark("It follows a sequence such as abc or 123. Use words instead.")};
    case v1::PASSWORD_WEAKNESS_DATE:
      return {title, Mark("It is mostly a date. Dates are tried early; use words instead.")};
    default:
      return {title, Mark("Add one or two more words that do not belong together.")};
  }
}

Words RestingWords(const client::Refused& refused, Task task, TimePoint now) {
  if (task == Task::kPassword) {
    return {Mark("Too many new passwords were tried in a row"),
            Mark("Only so many can be tried in one recovery; then there is a pause before each. "
                 "Wait until {1} ({2}, {3} seconds) and send one that keeps to the rules below. "
                 "Nothing is lost: this page stays as it is.")};
  }
  if (task == Task::kUnlock) {
    return {
        Mark("Unlocked too often: the next time is at {1} ({2})"),
        Mark("To keep strangers out, an account can be unlocked only so often. Nothing is lost: "
             "unlock it then, here or by another message. You need not wait:")};
  }
  if (IsShortPause(refused, now)) {
    return {Mark("Too many tries in a short time"),
            Mark("Wait until {1} ({2}, {3} seconds), then go on. Nothing is lost. You need not "
                 "wait:")};
  }
  return {refused.refusal.retry_at_unix_ms() > 0
              ? Mark("Too many attempts: resting until {1} ({2})")
              : Mark("Too many attempts: this way rests for now"),
          Mark("To keep strangers out, this way rests for a while. Nothing is lost, and the time "
               "does not grow while you wait. You need not wait:")};
}

Words BusyWords(const client::Refused& refused) {
  if (refused.unreachable) {
    return {Mark("We could not reach our own service"),
            Mark("We do not know whether your request arrived. You can send the same again: it "
                 "counts only once.")};
  }
  return {Mark("Very many people are here at this moment"),
          Mark("Nothing was counted and nothing was changed. You can send the same again.")};
}

Words UsedWords(Task task) {
  if (task == Task::kStop) {
    return {Mark("This was already used"),
            Mark("Each link works once, and this one has stopped your online access already. "
                 "To open it again, come to any branch with an identity document.")};
  }
  return {Mark("This was already used"),
          Mark("Each link and code works once, and this one has done its work. If that was "
               "you, sign in. If it was not you, call us.")};
}

}  // namespace

Words WordsFor(const client::Refused& refused, Task task, TimePoint now) {
  const v1::Refusal& refusal = refused.refusal;
  switch (refused.reason()) {
    case v1::REFUSAL_REASON_WRONG:
      return WrongWords(refused, task);
    case v1::REFUSAL_REASON_RESTING:
      return RestingWords(refused, task, now);
    case v1::REFUSAL_REASON_BUSY:
      return BusyWords(refused);
    case v1::REFUSAL_REASON_EXPIRED:
      return {
          Mark("This has expired"),
          Mark("Links, codes and open pages are good for a short time only. A new message takes "
               "about two minutes.")};
    case v1::REFUSAL_REASON_USED:
      return UsedWords(task);
    case v1::REFUSAL_REASON_STOPPED:
      return {Mark("This was stopped to protect you"),
              Mark("Somebody told us that a recovery was not theirs, or something changed on the "
                   "account. A person explains it to you by phone. To open a frozen account again, "
                   "come to any branch with an identity document.")};
    case v1::REFUSAL_REASON_PASSWORD_UNSUITABLE:
      return PasswordWords(refusal.password_issue(), refusal.weakness());
    case v1::REFUSAL_REASON_MORE_PROOF:
      return {Mark("One more proof is needed"),
              Mark("For this account a message alone is not enough. A branch or a person on the "
                   "phone can add what is missing.")};
    case v1::REFUSAL_REASON_CONFLICT:
      return {Mark("This page was already sent with something else"),
              Mark("What you sent first may already be in force. Try it, or send this page once "
                   "more.")};
    case v1::REFUSAL_REASON_MALFORMED:
      return {Mark("Something you typed cannot be right"),
              Mark("Please check what you typed: a field may be empty, too long, or contain a "
                   "character that does not belong there.")};
    default:
      break;
  }
  return {Mark("This did not work"), Mark("Nothing was changed. These ways are open to you now:")};
}

}  // namespace latchkey::portal
