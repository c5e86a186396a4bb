// SPDX-License-Identifier: Apache-2.0
// latchkey-ivr: the phone. With --console a terminal is its telephone. README.md has its keys and
// exit codes.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "clients/common/console.h"
#include "clients/common/random.h"
#include "clients/common/service.h"
#include "clients/common/typed.h"
#include "clients/ivr/dialogue.h"
#include "clients/ivr/phone_link.h"
#include "services/base/private_memory.h"
#include "services/base/settings.h"

namespace latchkey::ivr {
namespace {

enum Exit { kDone = 0, kNoHelp = 1, kOptions = 2 };

struct Options {
  std::filesystem::path config;
  client::ServiceOptions flags;
  std::string language;
  CallFacts facts{
      .language = Language::kEnglish, .caller_number = {}, .bank_name = {}, .web_address = {}};
};

struct Setup {
  client::ServiceOptions service;
  CallFacts facts;
};

Result<Setup> Load(const Options& options) {
  Setup setup;
  std::string language = "en";
  setup.facts.bank_name = "your bank";
  setup.facts.web_address = "our web site";
  if (!options.config.empty()) {
    LATCHKEY_ASSIGN(Settings settings, Settings::Load(options.config, "clients/ivr/README.md"));
    client::ReadService(settings.root(), setup.service);
    Section phone = settings.root().In("phone");
    phone.Read("language", language);
    phone.Read("bank_name", setup.facts.bank_name);
    phone.Read("web_address", setup.facts.web_address);
    LATCHKEY_TRY(settings.Finish());
  }
  setup.service = client::Override(std::move(setup.service), options.flags);
  if (!options.language.empty()) language = options.language;
  const auto known = LanguageOf(language);
  if (!known)
    return Malformed("language", "there is no language \"" + language + "\" yet; choose en or de");
  setup.facts.language = *known;
  if (!options.facts.bank_name.empty()) setup.facts.bank_name = options.facts.bank_name;
  if (!options.facts.web_address.empty()) setup.facts.web_address = options.facts.web_address;
  setup.facts.caller_number = options.facts.caller_number;
  return setup;
}

// "[enter-code] Please key in …": the name for scripts, the text as it would be spoken.
std::vector<std::string> Spoken(Language language, const std::vector<Utterance>& say) {
  std::vector<std::string> lines;
  lines.reserve(say.size());
  for (const Utterance& utterance : say) {
    lines.push_back("[" + std::string(NameOf(utterance.prompt)) + "] " +
                    client::Printable(TextOf(language, utterance)));
  }
  return lines;
}

bool Helped(const std::vector<Utterance>& say) {
  for (const Utterance& utterance : say) {
    if (utterance.prompt == Prompt::kWaysOn) return false;
  }
  return true;
}

// The terminal as a telephone: a line is a burst of keys with a pause after it, an empty line is
// silence, and the end of the input is a hang-up. Keys beyond a prompt's answer go to the next
// prompt, as on a telephone that is interrupted; where it takes none (attack T06) the caller is
// told.
class Telephone {
 public:
  Telephone(const Setup& setup, const std::shared_ptr<grpc::Channel>& channel)
      : language_(setup.facts.language), link_(channel), dialogue_(setup.facts, random_) {}

  int Call() {
    bool helped = true;
    Step step = dialogue_.Start();
    while (true) {
      console_.Print(Spoken(language_, step.say));
      helped = helped && Helped(step.say);
      if (step.ended) break;
      step = step.request ? dialogue_.Answered(Carry(*step.request)) : Listen();
    }
    console_.Print({"The call has ended."});
    return helped ? kDone : kNoHelp;
  }

 private:
  // What is wrong with the configuration is nothing for the caller.
  Reply Carry(const Request& request) {
    Reply reply = link_.Carry(request);
    const auto* refused = std::get_if<client::Refused>(&reply);
    if (refused != nullptr && !refused->misfit.empty())
      std::fprintf(stderr, "latchkey-ivr: %s\n", refused->misfit.c_str());
    return reply;
  }

  // Key by key, up to the first step that says or asks something.
  Step Listen() {
    const bool keyed_ahead = !ahead_.empty();
    if (!keyed_ahead) {
      auto input = console_.Read({.prompt = "Keys:", .terminal_prompt = "Keys: "});
      switch (input.event) {
        case client::Console::Event::kLine:
          ahead_ = std::move(input.line);
          break;
        case client::Console::Event::kTooLong:
        case client::Console::Event::kTimeUp:
          return dialogue_.Silence();
        case client::Console::Event::kEnd:
        case client::Console::Event::kInterrupted:
          return dialogue_.HangUp();
      }
    }
    while (!ahead_.empty()) {
      Step step = dialogue_.Key(ahead_.front());
      ahead_.erase(0, 1);
      if (step.fresh_input || step.request || step.ended) ThrowAwayAhead();
      if (!step.say.empty() || step.request || step.ended) return step;
    }
    return keyed_ahead ? Step{} : dialogue_.Silence();
  }

  void ThrowAwayAhead() {
    // A hash after a number that was complete already is no key too many.
    if (ahead_.find_first_of("0123456789*") != std::string::npos)
      console_.Print({"Not taken: keys that were typed ahead."});
    ahead_.clear();
  }

  const Language language_;
  client::SystemRandom random_;
  client::Console console_;
  PhoneLink link_;
  Dialogue dialogue_;
  std::string ahead_;  // of the last line: keys that no prompt has had yet
};

int Main(int argc, char** argv) {
  KeepMemoryPrivate();
  CLI::App app{"Latchkey's phone. See clients/ivr/README.md."};
  Options options;
  bool console = false;
  bool only_check = false;
  app.add_flag("--console", console, "Use this terminal as the telephone (the only line so far)");
  app.add_flag("--check", only_check, "Check the configuration and what it names, and end");
  app.add_option("--config", options.config, "TOML file with the tables [service] and [phone]");
  app.add_option("--server", options.flags.server, "The service's address, host:port");
  app.add_option("--server-name", options.flags.server_name,
                 "DNS name in the service's certificate, if not the host");
  app.add_option("--ca", options.flags.ca, "The bank's certificate authority, PEM");
  app.add_option("--cert", options.flags.certificate, "The phone gateway's certificate, PEM");
  app.add_option("--key", options.flags.key, "The phone gateway's key, PEM");
  app.add_option("--language", options.language, "en or de");
  app.add_option("--bank", options.facts.bank_name, "The bank's name, as it is spoken");
  app.add_option("--web", options.facts.web_address, "The portal's address, as it is spoken");
  app.add_option("--caller", options.facts.caller_number,
                 "The caller's number; withheld when absent");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kOptions;
  }
  if (!console && !only_check) {
    std::fputs("latchkey-ivr: give --console to call, or --check\n", stderr);
    return kOptions;
  }
  auto setup = Load(options);
  if (!setup.ok()) {
    std::fprintf(stderr, "latchkey-ivr: %s\n", setup.failure().detail.c_str());
    return kOptions;
  }
  auto channel = client::Connect(setup->service);
  if (!channel.ok()) {
    std::fprintf(stderr, "latchkey-ivr: %s\n", channel.failure().detail.c_str());
    return kOptions;
  }
  if (only_check) {
    std::puts("latchkey-ivr: the configuration is good");
    return kDone;
  }
  return Telephone(*setup, *channel).Call();
}

}  // namespace
}  // namespace latchkey::ivr

int main(int argc, char** argv) try {
  return latchkey::ivr::Main(argc, argv);
} catch (const std::exception& error) {
  std::fprintf(stderr, "latchkey-ivr: %s\n", error.what());
  return 1;
}
