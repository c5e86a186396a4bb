// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string_view>
#include <utility>

#include "clients/portal/pages/pages.h"

namespace latchkey::portal {
namespace {

const char* WordsOf(v1::ActivityKind kind) {
  switch (kind) {
    case v1::ACTIVITY_KIND_IMPORTED:
      return Mark("Account set up");
    case v1::ACTIVITY_KIND_SIGNED_IN:
      return Mark("Signed in");
    case v1::ACTIVITY_KIND_SIGN_IN_FAILED:
      return Mark("A sign-in failed");
    case v1::ACTIVITY_KIND_SIGN_IN_RESTING:
      return Mark("Too many attempts: sign-in rested for a while");
    case v1::ACTIVITY_KIND_RECOVERY_STARTED:
      return Mark("A recovery was started");
    case v1::ACTIVITY_KIND_PROOF_GIVEN:
      return Mark("A link or code was accepted");
    case v1::ACTIVITY_KIND_PROOF_FAILED:
      return Mark("A wrong code was typed");
    case v1::ACTIVITY_KIND_PASSWORD_RESET:
      return Mark("New password set");
    case v1::ACTIVITY_KIND_UNLOCKED:
      return Mark("Account unlocked");
    case v1::ACTIVITY_KIND_FROZEN:
      return Mark("Account frozen: \"this was not me\"");
    case v1::ACTIVITY_KIND_FREEZE_LIFTED:
      return Mark("Freeze lifted");
    case v1::ACTIVITY_KIND_STAFF_VIEWED:
      return Mark("Our staff looked at your case");
    case v1::ACTIVITY_KIND_DOCUMENT_INSPECTED:
      return Mark("Your identity document was inspected");
    case v1::ACTIVITY_KIND_ASSISTED_TOKEN_ISSUED:
      return Mark("A branch gave you a token");
    case v1::ACTIVITY_KIND_MESSAGE_QUEUED:
      return Mark("A message to you was prepared");
    case v1::ACTIVITY_KIND_MESSAGE_ACCEPTED:
      return Mark("A message to you was sent");
    case v1::ACTIVITY_KIND_MESSAGE_FAILED:
      return Mark("A message to you could not be delivered");
    case v1::ACTIVITY_KIND_CALL_BACK_ASKED:
      return Mark("A call back was asked for");
    case v1::ACTIVITY_KIND_SIGNED_OUT:
      return Mark("Signed out");
    case v1::ACTIVITY_KIND_CASE_OPENED:
      return Mark("We opened a case for you");
    case v1::ACTIVITY_KIND_CASE_CLOSED:
      return Mark("Your case was closed");
    case v1::ACTIVITY_KIND_NOTE:
      return Mark("Our staff wrote a note");
    case v1::ACTIVITY_KIND_VERIFIER_UPGRADED:
      return Mark("Your password is now stored in a stronger way");
    case v1::ACTIVITY_KIND_MESSAGE_WITHHELD:
      return Mark("Another message was asked for and not sent: an earlier one still worked");
    case v1::ACTIVITY_KIND_PASSWORD_DISABLED:
      return Mark("Your password was disabled: a new one is needed");
    case v1::ACTIVITY_KIND_RESTORED:
      return Mark("For safety we ended what was open: links, codes and sign-ins");
    default:
      return Mark("Something else happened");
  }
}

const char* WordsOf(v1::Channel channel) {
  switch (channel) {
    case v1::CHANNEL_WEB:
      return Mark("Web");
    case v1::CHANNEL_PHONE:
      return Mark("Phone");
    case v1::CHANNEL_BRANCH:
      return Mark("Branch");
    default:
      return nullptr;
  }
}

// Which message it was; nullptr: one that a newer service knows.
const char* WordsOf(std::string_view message) {
  static constexpr std::pair<std::string_view, const char*> kWords[] = {
      {"recovery", Mark("link and code for a new password")},
      {"recovery_unlock", Mark("link and code to unlock your account")},
      {"recovery_by_phone", Mark("link and code, asked for by phone")},
      {"link_after_call", Mark("link and code after a call")},
      {"assisted_code", Mark("code to use a token from a branch")},
      {"branch_code", Mark("code to say in a branch")},
      {"password_reset_notice", Mark("your password was changed")},
      {"unlocked_notice", Mark("your account was unlocked")},
      {"token_issued_notice", Mark("a branch token was issued")},
      {"frozen_notice", Mark("your account is frozen")},
      {"freeze_lifted_notice", Mark("your account is open again")},
      {"stopped_account_hint", Mark("your account is frozen, and how to go on")},
      {"passwords_resting", Mark("wrong passwords were tried")},
      {"password_disabled_notice", Mark("your password no longer works")},
  };
  for (const auto& [name, words] : kWords)
    if (name == message) return words;
  return nullptr;
}

// What the owner should look at twice.
bool IsNotable(v1::ActivityKind kind) {
  return kind == v1::ACTIVITY_KIND_SIGN_IN_FAILED || kind == v1::ACTIVITY_KIND_SIGN_IN_RESTING ||
         kind == v1::ACTIVITY_KIND_PROOF_FAILED || kind == v1::ACTIVITY_KIND_FROZEN ||
         kind == v1::ACTIVITY_KIND_MESSAGE_FAILED || kind == v1::ACTIVITY_KIND_PASSWORD_DISABLED;
}

bool IsEndOfMessage(v1::ActivityKind kind) {
  return kind == v1::ACTIVITY_KIND_MESSAGE_ACCEPTED || kind == v1::ACTIVITY_KIND_MESSAGE_FAILED;
}

void ShowUnreached(const VisitPtr& visit, const client::Refused& refused) {
  View view;
  view.Show("RETRY");
  visit->RenderRefused("dead_end", std::move(view), {refused, Task::kAccount, ""});
}

void RenderAccount(const VisitPtr& visit, const v1::GetSessionResponse& session) {
  const Catalog& catalog = visit->services.catalog;
  View view;
  view.Show("SIGNED_IN");
  view.Set("DISPLAY_NAME", session.display_name()).Set("LOGIN_NAME", session.login_name());
  view.Set("ENDS_AT",
           catalog.ClockTime(visit->language, FromUnixMillis(session.idle_expires_at_unix_ms())));
  view.Set("ZONE", catalog.Zone(visit->language, visit->services.clock.Now()));
  // A message is told once: as prepared only while what became of it does not stand above, newer.
  int ended = 0;
  for (const v1::Activity& activity : session.recent()) {
    if (IsEndOfMessage(activity.kind())) ++ended;
    if (activity.kind() == v1::ACTIVITY_KIND_MESSAGE_QUEUED && ended-- > 0) continue;
    ended = std::max(ended, 0);
    View& line = view.Add("ACTIVITY");
    line.Set("AT", catalog.DateAndTime(visit->language, FromUnixMillis(activity.at_unix_ms())));
    line.Set("WHAT", visit->Say(WordsOf(activity.kind())));
    if (const char* message = WordsOf(std::string_view(activity.message()))) {
      line.Add("MESSAGE").Set("WHICH", visit->Say(message));
    }
    if (const char* channel = WordsOf(activity.channel())) {
      line.Add("CHANNEL").Set("WHERE", visit->Say(channel));
    }
    if (IsNotable(activity.kind())) line.Show("NOTABLE");
  }
  if (session.recent().empty()) view.Show("NO_ACTIVITY");
  visit->LeaveAt(session.idle_expires_at_unix_ms(), Place::kAccountClosed);
  visit->Render("account", std::move(view));
}

}  // namespace

void ShowAccount(const VisitPtr& visit) {
  const auto token = visit->Token(CookieKind::kSession);
  if (!token) return visit->Redirect(Place::kSignIn);
  v1::GetSessionRequest request;
  request.set_session_token(*token);
  visit->services.backend.GetSession(std::move(request),
                                     [visit](const Outcome<v1::GetSessionResponse>& outcome) {
                                       if (outcome.ok())
                                         return RenderAccount(visit, outcome.value());
                                       // Only what is dead is thrown away: a service that is away
                                       // for a moment must not sign people out.
                                       if (outcome.refused().reason() != v1::REFUSAL_REASON_BUSY) {
                                         visit->Forget(CookieKind::kSession);
                                         View view;
                                         view.Show("SESSION_ENDED");
                                         return visit->Render("sign_in", std::move(view), 403);
                                       }
                                       ShowUnreached(visit, outcome.refused());
                                     });
}

// Looks at no session: that would keep it alive, and two forgotten tabs would keep each other
// alive.
void ShowAccountClosed(const VisitPtr& visit) {
  if (!visit->Token(CookieKind::kSession)) return visit->Redirect(Place::kSignIn);
  visit->Render("account_closed");
}

void SignOut(const VisitPtr& visit) {
  const auto token = visit->Token(CookieKind::kSession);
  if (!token) return visit->Redirect(Place::kSignIn);
  v1::SignOutRequest request;
  request.set_session_token(*token);
  visit->services.backend.SignOut(
      std::move(request), [visit](const Outcome<v1::SignOutResponse>& outcome) {
        // Without an answer the session may live on, so the browser keeps what can end it.
        if (!outcome.ok() && outcome.refused().reason() == v1::REFUSAL_REASON_BUSY) {
          return ShowUnreached(visit, outcome.refused());
        }
        visit->Forget(CookieKind::kSession);
        visit->RenewForm();
        visit->KeepText(CookieKind::kOutcome, "out.", std::chrono::seconds(60));
        visit->Redirect(Place::kSignIn);
      });
}

}  // namespace latchkey::portal
