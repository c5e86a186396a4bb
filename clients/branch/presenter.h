// SPDX-License-Identifier: Apache-2.0
// What the terminal shows and asks, and what may be done next: a state machine without any input or
// output, so that a plain line mode and a full screen can share it, and a test can hold it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clients/branch/commands.h"
#include "clients/branch/exchange.h"
#include "crypto/secret.h"
#include "services/base/clock.h"
#include "services/base/random.h"

namespace latchkey::branch {

// Whether a code can be sent to this contact: settled, and a mail address.
bool TakesCodes(const v1::Contact& contact);

struct Question {
  std::string text;     // "Password: "; empty at the command prompt
  bool hidden = false;  // must not be echoed
};

// One step: what to show, and then what to do: send `request` and come back with Answered, ask
// `question` and come back with Line, or end.
struct Turn {
  std::vector<std::string> lines;
  std::optional<Request> request;
  Question question;
  bool finished = false;
  bool forget = false;  // the screen should clear what it shows: the person or the customer is gone
};

// One terminal, one thread. Keeps the staff session and the case in hand; wipes both when the
// session ends.
class Presenter {
 public:
  Presenter(Clock& clock, Random& random) : clock_(clock), random_(random) {}

  Turn Start();
  // A line that was typed, without its end. REQUIRES: the last turn asked.
  Turn Line(std::string line);
  // The answer to the last turn's request.
  Turn Answered(Reply reply);
  // Ctrl-D: gives up the command whose arguments are asked for; elsewhere as EndOfInput.
  Turn GiveUp();
  // Ctrl-C or the end of the input: signs out and ends.
  Turn EndOfInput();
  // Nobody has touched the terminal until idle_expires_at.
  Turn IdleEnded();

  bool signed_in() const { return !session_.empty(); }
  // When the service ends the session unless something is done; nullopt when nobody is signed in.
  std::optional<TimePoint> idle_expires_at() const;
  // What makes sense now, in the order of a visit.
  std::vector<Command> Next() const;
  // How often the service refused.
  int refusals() const { return refusals_; }

 private:
  enum class Step { kLogin, kPassword, kTotp, kCommand, kArgument, kAnswer, kFinished };

  Turn SignInLine(std::string line);
  Turn CommandLine(const std::string& line);
  Turn ArgumentLine(const std::string& line);
  // Runs the pending command if its arguments are complete; asks for the next one otherwise.
  Turn Proceed();
  // Does here what needs no service, and sends the rest.
  Turn Run();
  Turn Leave();
  // What the command in progress asks of the service.
  Request ToRequest();
  Turn Ask(Question question, std::vector<std::string> lines = {});
  Turn Send(Request request);
  Turn AtPrompt(std::vector<std::string> lines);
  Turn AskLogin(std::vector<std::string> lines);
  Turn ShowRefusal(const client::Refused& refused);
  Turn ShowCase(const v1::Case& one);
  std::string Session() const { return std::string(session_.Reveal()); }
  const v1::Case& OpenCase() const;
  // For the command in progress.
  std::string IdempotencyKey();
  // Whether it was sent as it is, and had no answer.
  bool IsOpenAct() const;
  template <typename Message>
  Message OnCase();
  void Forget();

  // An act until its answer has come: entered again, it is sent under the same key.
  struct OpenAct {
    Command command;
    std::vector<std::string> arguments;
    std::string reference, key;
  };

  Clock& clock_;
  Random& random_;
  Step step_ = Step::kLogin;
  Command command_ = Command::kSignIn;  // in progress
  std::vector<std::string> arguments_;  // of it
  std::string login_;
  Secret password_;
  Secret session_;
  Millis idle_{};
  TimePoint idle_until_{};
  std::optional<v1::Case> case_;
  std::optional<OpenAct> act_;
  bool code_sent_ = false;
  bool ending_ = false;
  int refusals_ = 0;
};

}  // namespace latchkey::branch
