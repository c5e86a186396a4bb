// SPDX-License-Identifier: Apache-2.0
// The pages: Show… answers GET and changes nothing (attack L07); the others answer a guarded post.
// guarded already.
#pragma once

#include "clients/portal/visit.h"

namespace latchkey::portal {

void ShowSignIn(const VisitPtr& visit);
void SignIn(const VisitPtr& visit);
void ShowLocked(const VisitPtr& visit);
void ShowAccount(const VisitPtr& visit);
void ShowAccountClosed(const VisitPtr& visit);
void SignOut(const VisitPtr& visit);

void ShowStart(const VisitPtr& visit);
void ShowStartUnlock(const VisitPtr& visit);
void Start(const VisitPtr& visit);
void ShowCode(const VisitPtr& visit);
void SubmitCode(const VisitPtr& visit);
void ShowLink(const VisitPtr& visit);
void OpenLink(const VisitPtr& visit);
void ShowPassword(const VisitPtr& visit);
void SetPassword(const VisitPtr& visit);
void ShowUnlock(const VisitPtr& visit);
void Unlock(const VisitPtr& visit);
void ShowDone(const VisitPtr& visit);

void ShowStop(const VisitPtr& visit);
void Stop(const VisitPtr& visit);
void ShowStopped(const VisitPtr& visit);
void ShowBranchToken(const VisitPtr& visit);
void UseBranchToken(const VisitPtr& visit);

void ShowHelp(const VisitPtr& visit);
void AskForCallBack(const VisitPtr& visit);
void ShowCallBackAsked(const VisitPtr& visit);
void ShowPrivacy(const VisitPtr& visit);
void ChooseLanguagePage(const VisitPtr& visit);
void ShowChangePassword(const VisitPtr& visit);
void ShowRobots(const VisitPtr& visit);
void ShowHealth(const VisitPtr& visit);

}  // namespace latchkey::portal
