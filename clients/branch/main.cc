// SPDX-License-Identifier: Apache-2.0
// latchkey-branch: the terminal of tellers and agents. README.md has its commands and exit codes.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "clients/branch/presenter.h"
#include "clients/branch/teller_link.h"
#include "clients/common/console.h"
#include "clients/common/random.h"
#include "clients/common/service.h"
#include "services/base/clock.h"
#include "services/base/private_memory.h"
#include "services/base/settings.h"

namespace latchkey::branch {
namespace {

enum Exit { kDone = 0, kRefused = 1, kOptions = 2 };

struct Options {
  std::filesystem::path config;
  client::ServiceOptions flags;
};

Result<client::ServiceOptions> LoadOptions(const Options& options) {
  client::ServiceOptions service;
  if (!options.config.empty()) {
    LATCHKEY_ASSIGN(Settings settings, Settings::Load(options.config, "clients/branch/README.md"));
    client::ReadService(settings.root(), service);
    LATCHKEY_TRY(settings.Finish());
  }
  return client::Override(std::move(service), options.flags);
}

// The plain screen: lines out, lines in. Nothing is decided here.
int RunPlain(const std::shared_ptr<grpc::Channel>& channel) {
  SystemClock clock;
  client::Console console;
  TellerLink link(channel);
  client::SystemRandom random;
  Presenter presenter(clock, random);
  Turn turn = presenter.Start();
  while (true) {
    if (turn.forget) console.Clear();
    console.Print(turn.lines);
    if (turn.finished) break;
    if (turn.request) {
      turn = presenter.Answered(link.Carry(std::move(*turn.request)));
      continue;
    }
    const std::string_view question = turn.question.text;
    client::Console::Wanted wanted{.prompt = question,
                                   .terminal_prompt = question.empty() ? "> " : question,
                                   .hidden = turn.question.hidden};
    if (auto until = presenter.idle_expires_at())
      wanted.patience = std::max(*until - clock.Now(), Millis(0));
    auto input = console.Read(wanted);
    switch (input.event) {
      case client::Console::Event::kLine:
        turn = presenter.Line(std::move(input.line));
        break;
      case client::Console::Event::kTooLong: {
        Turn again = turn;
        again.lines = {"Refused: this line is too long to be meant. Enter it again."};
        turn = std::move(again);
        break;
      }
      case client::Console::Event::kTimeUp:
        turn = presenter.IdleEnded();
        break;
      case client::Console::Event::kEnd:
        turn = presenter.GiveUp();
        break;
      case client::Console::Event::kInterrupted:
        turn = presenter.EndOfInput();
        break;
    }
  }
  return !console.is_terminal() && presenter.refusals() > 0 ? kRefused : kDone;
}

int Main(int argc, char** argv) {
  KeepMemoryPrivate();
  CLI::App app{"Latchkey's terminal for branch staff. See clients/branch/README.md."};
  Options options;
  bool plain = false;
  bool only_check = false;
  app.add_flag("--plain", plain, "Work line by line (the only mode so far, and the default)");
  app.add_flag("--check", only_check, "Check the configuration and what it names, and end");
  app.add_option("--config", options.config, "TOML file with a table [service]");
  app.add_option("--server", options.flags.server, "The service's address, host:port");
  app.add_option("--server-name", options.flags.server_name,
                 "DNS name in the service's certificate, if not the host");
  app.add_option("--ca", options.flags.ca, "The bank's certificate authority, PEM");
  app.add_option("--cert", options.flags.certificate, "This terminal's certificate, PEM");
  app.add_option("--key", options.flags.key, "This terminal's key, PEM");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kOptions;
  }
  auto service = LoadOptions(options);
  if (!service.ok()) {
    std::fprintf(stderr, "latchkey-branch: %s\n", service.failure().detail.c_str());
    return kOptions;
  }
  auto channel = client::Connect(*service);
  if (!channel.ok()) {
    std::fprintf(stderr, "latchkey-branch: %s\n", channel.failure().detail.c_str());
    return kOptions;
  }
  if (only_check) {
    std::puts("latchkey-branch: the configuration is good");
    return kDone;
  }
  return RunPlain(*channel);
}

}  // namespace
}  // namespace latchkey::branch

int main(int argc, char** argv) try {
  return latchkey::branch::Main(argc, argv);
} catch (const std::exception& error) {
  std::fprintf(stderr, "latchkey-branch: %s\n", error.what());
  return 1;
}
