// SPDX-License-Identifier: Apache-2.0
// Every address of the portal. A redirect or a link names a Place, so nothing in a request can lead
// elsewhere (S06).
#pragma once

#include <optional>
#include <string_view>

namespace latchkey::portal {

enum class Place {
  kSignIn,
  kSignOut,
  kAccount,
  kAccountClosed,
  kStart,
  kStartUnlock,
  kCode,
  kLink,
  kOpenLink,
  kPassword,
  kUnlock,
  kDone,
  kLocked,
  kStop,
  kConfirmStop,
  kStopped,
  kBranchToken,
  kHelp,
  kCallBack,
  kCallBackAsked,
  kPrivacy,
  kLanguage,
  kChangePassword,
  kRobots,
  kHealth,
};

constexpr std::string_view PathOf(Place place) {
  switch (place) {
    case Place::kSignIn:
      return "/";
    case Place::kSignOut:
      return "/sign-out";
    case Place::kAccount:
      return "/account";
    case Place::kAccountClosed:
      return "/account/closed";
    case Place::kStart:
      return "/recover/start";
    case Place::kStartUnlock:
      return "/recover/start/unlock";
    case Place::kCode:
      return "/recover/code";
    case Place::kLink:
      return "/recover";
    // Not where the link leads: a link that is opened in the same tab must load its page anew.
    case Place::kOpenLink:
      return "/recover/open";
    case Place::kPassword:
      return "/recover/password";
    case Place::kUnlock:
      return "/recover/unlock";
    case Place::kDone:
      return "/recover/done";
    case Place::kLocked:
      return "/locked";
    case Place::kStop:
      return "/stop";
    case Place::kConfirmStop:
      return "/stop/confirm";
    case Place::kStopped:
      return "/stop/done";
    case Place::kBranchToken:
      return "/branch-token";
    case Place::kHelp:
      return "/help";
    case Place::kCallBack:
      return "/help/call-back";
    case Place::kCallBackAsked:
      return "/help/call-back/done";
    case Place::kPrivacy:
      return "/privacy";
    case Place::kLanguage:
      return "/language";
    case Place::kChangePassword:
      return "/.well-known/change-password";
    case Place::kRobots:
      return "/robots.txt";
    case Place::kHealth:
      return "/healthz";
  }
  return "/";
}

}  // namespace latchkey::portal
