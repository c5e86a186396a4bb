// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/routes.h"

#include "clients/portal/pages/pages.h"

namespace latchkey::portal {
namespace {

// `form` is the form token, `once` makes a form count once.
constexpr std::string_view kFormOnly[] = {"form"};
constexpr std::string_view kSignInFields[] = {"form", "identifier", "password"};
constexpr std::string_view kStartFields[] = {"form", "once", "identifier", "intent"};
constexpr std::string_view kCodeFields[] = {"form", "once", "identifier", "code"};
constexpr std::string_view kLinkFields[] = {"form", "t", "link"};
constexpr std::string_view kPasswordFields[] = {"form", "once", "new_password", "may_unlock",
                                                "whose"};
constexpr std::string_view kUnlockFields[] = {"form", "once"};
constexpr std::string_view kBranchTokenFields[] = {"form", "once", "customer_number", "token"};
constexpr std::string_view kCallBackFields[] = {"form", "once", "customer_number"};
constexpr std::string_view kLanguageFields[] = {"form", "language", "place"};

constexpr Route kRoutes[] = {
    {Place::kSignIn, ShowSignIn, SignIn, kSignInFields},
    {Place::kSignOut, nullptr, SignOut, kFormOnly},
    {Place::kAccount, ShowAccount, nullptr, {}},
    {Place::kAccountClosed, ShowAccountClosed, nullptr, {}},
    {Place::kStart, ShowStart, Start, kStartFields},
    {Place::kStartUnlock, ShowStartUnlock, nullptr, {}},
    {Place::kCode, ShowCode, SubmitCode, kCodeFields},
    {Place::kLink, ShowLink, nullptr, {}},
    {Place::kOpenLink, ShowLink, OpenLink, kLinkFields},
    {Place::kPassword, ShowPassword, SetPassword, kPasswordFields},
    {Place::kUnlock, ShowUnlock, Unlock, kUnlockFields},
    {Place::kDone, ShowDone, nullptr, {}},
    {Place::kLocked, ShowLocked, nullptr, {}},
    {Place::kStop, ShowStop, nullptr, {}},
    {Place::kConfirmStop, ShowStop, Stop, kLinkFields},
    {Place::kStopped, ShowStopped, nullptr, {}},
    {Place::kBranchToken, ShowBranchToken, UseBranchToken, kBranchTokenFields},
    {Place::kHelp, ShowHelp, nullptr, {}},
    {Place::kCallBack, nullptr, AskForCallBack, kCallBackFields},
    {Place::kCallBackAsked, ShowCallBackAsked, nullptr, {}},
    {Place::kPrivacy, ShowPrivacy, nullptr, {}},
    {Place::kLanguage, nullptr, ChooseLanguagePage, kLanguageFields},
    {Place::kChangePassword, ShowChangePassword, nullptr, {}},
    {Place::kRobots, ShowRobots, nullptr, {}},
    {Place::kHealth, ShowHealth, nullptr, {}},
};

}  // namespace

std::span<const Route> AllRoutes() { return kRoutes; }

const Route* FindRoute(std::string_view path) {
  for (const Route& route : kRoutes) {
    if (PathOf(route.place) == path) return &route;
  }
  return nullptr;
}

}  // namespace latchkey::portal
