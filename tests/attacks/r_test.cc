// SPDX-License-Identifier: Apache-2.0
// Attacks on what a bank has only so much of: processor time, memory, and its customers' patience.
#include <atomic>
#include <fstream>
#include <thread>

#include "tests/attacks/bank.h"

namespace latchkey::attacks {
namespace {

int64_t ResidentKib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stoll(line.substr(6));
  }
  return 0;
}

// R01. Fails without: CheckSignInRequest in front of SignIn's handler (seen: the texts were looked
// up).
TEST_F(Attack, R01_LongInputCostsNothing) {
  Caller web = Web();
  Visitor browser = Browser();
  const portal::Fields hidden = browser.HiddenOf("/");
  const Effort before = A().effort();
  for (const size_t size : {255u, 1'025u, 5'000u, 16'000u}) {
    std::string labels;
    while (labels.size() < size) labels += "a.";
    for (const std::string& text : {std::string(size, 'a'), labels, "a@" + labels,
                                    "+" + std::string(size, '1'), std::string(size, ' ')}) {
      EXPECT_EQ(
          web.Call(&v1::SignIn::Stub::SignIn, SignInAs(text, "a password", "192.0.2.1")).reason(),
          v1::REFUSAL_REASON_MALFORMED);
      EXPECT_EQ(web.Call(&v1::Recovery::Stub::Begin, BeginFor(text, "192.0.2.1")).reason(),
                v1::REFUSAL_REASON_MALFORMED);
      EXPECT_EQ(web.Call(&v1::Recovery::Stub::SubmitCode, CodeFor(text, "12345678", "192.0.2.1"))
                    .reason(),
                v1::REFUSAL_REASON_MALFORMED);
    }
    if (size > 1'024) {
      EXPECT_EQ(
          web.Call(&v1::SignIn::Stub::SignIn, SignInAs("anna", std::string(size, 'p'), "192.0.2.1"))
              .reason(),
          v1::REFUSAL_REASON_MALFORMED);
    }
  }
  for (const size_t megabytes : {1u, 64u}) {
    const std::string length = std::to_string(megabytes << 20);
    const Page page = browser.Raw("POST / HTTP/1.1\r\nHost: " + std::string(kPortalHost) +
                                  "\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                                  "Content-Length: " +
                                  length + "\r\n\r\nidentifier=" + std::string(20'000, 'a'));
    EXPECT_EQ(page.status, 413) << megabytes;
  }
  portal::Fields fields = hidden;
  fields.emplace_back("identifier", std::string(4'000, 'a'));
  fields.emplace_back("password", "a password");
  EXPECT_EQ(browser.Post("/", portal::Encode(fields)).status, 422);
  EXPECT_EQ(A().effort(), before) << "no hash, no guess, no statement";
}

class Storm : public Attack {
 protected:
  static constexpr uint32_t kMemoryKib = 16 * 1024;
  void Configure(Config& config) override {
    config.passwords.memory_kib = kMemoryKib;
    config.passwords.hash_slots = 2;
    config.passwords.hash_queue = 32;
  }
};

// R02. Fails without: the bound of the queue in HashSlots (seen: nobody was turned away).
TEST_F(Storm, R02_AStormOfSignInsTakesNoMoreThanItsSlots) {
  MayChange(anna_);  // to the cost in force, when she signs in
  Caller owner = Web("owner");
  const std::string device =
      owner.Call(&v1::SignIn::Stub::SignIn, SignInAs("anna", anna_.password, "192.0.2.200"))
          .value()
          .device_token();
  constexpr int kStrangers = 400;
  std::vector<v1::SignInRequest> requests;
  for (int i = 0; i < kStrangers; ++i)
    requests.push_back(
        SignInAs("stranger-" + std::to_string(i), "a wrong password", NextAddress()));
  Caller web = Web();
  const int64_t base = ResidentKib();
  std::atomic<int> busy = 0, wrong = 0, other = 0, left = kStrangers;
  std::atomic<int64_t> highest = base;
  std::vector<std::thread> threads;
  for (const v1::SignInRequest& request : requests) {
    threads.emplace_back([&] {
      Caller each = web;
      const auto said = each.Call(&v1::SignIn::Stub::SignIn, request);
      ++(said.reason() == v1::REFUSAL_REASON_BUSY    ? busy
         : said.reason() == v1::REFUSAL_REASON_WRONG ? wrong
                                                     : other);
      --left;
    });
  }
  v1::SignInRequest again = SignInAs("anna", anna_.password, "192.0.2.200");
  again.mutable_source()->set_device_token(device);
  EXPECT_TRUE(owner.Call(&v1::SignIn::Stub::SignIn, again).ok()) << "a known device gets through";
  while (left > 0) highest = std::max<int64_t>(highest, ResidentKib());
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(other, 0);
  EXPECT_EQ(busy + wrong, kStrangers);
  EXPECT_GT(busy, kStrangers / 2) << "there is not room for all of them";
  // Two slots' work areas, and what four hundred clients in this process take themselves.
  EXPECT_LT(highest - base, 2 * kMemoryKib + 200 * 1024);
  EXPECT_EQ(Count(anna_, model::Event::kSignInFailed), 0);
}

// R03. Fails without: MayIssueCode in SendRecovery (seen: each request sent a mail).
TEST_F(Attack, R03_AskingOftenFillsNoMailbox) {
  Visitor owner = Browser("owner");
  ASSERT_EQ(owner.SignIn("anna", anna_.password).location(), "/account");
  Visitor recovering = Browser("owner", "127.0.0.9");
  recovering.AskForMessage("anna");
  const Letter own = OneLetter();
  std::string first_shape;
  int letters = 0;
  const std::string spellings[] = {"anna",      "ANNA",      "10000001",
                                   "1000 0001", anna_.email, "Anna@Example.org"};
  for (int i = 0; i < 200; ++i) {
    const std::string& name = spellings[i % 6];
    const v1::Intent intent = i % 5 == 0 ? v1::INTENT_UNLOCK : v1::INTENT_RESET;
    switch (i % 3) {
      case 0:
        EXPECT_TRUE(
            Web().Call(&v1::Recovery::Stub::Begin, BeginFor(name, NextAddress(), intent)).ok());
        break;
      case 1:
        EXPECT_TRUE(Phone().Call(&v1::Recovery::Stub::Begin, BeginFor(name, "", intent)).ok());
        break;
      default: {
        Visitor stranger = Browser("stranger", NextLoopback());
        const std::string shape = ShapeOf(stranger.AskForMessage("anna"));
        if (first_shape.empty()) first_shape = shape;
        EXPECT_EQ(shape, first_shape);
      }
    }
    for (const Letter& letter : Letters()) {
      EXPECT_EQ(letter.to(), anna_.email);
      ++letters;
    }
  }
  EXPECT_LE(letters, 2) << "with the owner's own, three in an hour";
  EXPECT_EQ(owner.Get("/account").status, 200);
  EXPECT_TRUE(PasswordIs(anna_, anna_.password));
  EXPECT_EQ(recovering.OpenLink(own.link()).location(), "/recover/password") << "still good";
}

// R03: a week of guessing, at every name of hers and at names that nobody has: the owner hears of
// it once a day at each address, whatever was guessed, and nobody else hears anything.
// Fails without: the day in the key of TellOwner (seen: one message in all), or the unique key
// (seen: with a random one, a message for each rest).
TEST_F(Attack, R03_GuessingPasswordsFillsNoMailbox) {
  Visitor home = Browser("anna", "127.9.0.1");
  ASSERT_EQ(home.SignIn("anna", anna_.password).location(), "/account");
  home.cookies.erase("__Host-lk_session");
  const std::string names[] = {"anna", "10000001", anna_.email};
  constexpr int kDays = 7;
  int guesses = 0;
  const auto guess_until_resting = [&](const std::string& name) {
    Said<v1::SignInResponse> said;
    do {
      said = Web().Call(&v1::SignIn::Stub::SignIn,
                        SignInAs(name, "wrong words " + std::to_string(++guesses), NextAddress()));
    } while (said.reason() == v1::REFUSAL_REASON_WRONG);
    EXPECT_EQ(said.reason(), v1::REFUSAL_REASON_RESTING);
  };
  for (int hour = 0; hour < kDays * 24; ++hour) {
    guess_until_resting(names[hour % 3]);
    guess_until_resting("nobody");
    if (hour % 8 == 0) {
      Deliver();
      A().KeepHouse();
    }
    clock_.Advance(std::chrono::hours(1));
  }
  std::map<std::string, int> told;
  for (const Letter& letter : Warnings()) {
    ++told[letter.to()];
    EXPECT_NE(letter.read.text.find("Nobody got in"), std::string::npos);
    EXPECT_NE(letter.read.text.find("Passwords rest until:"), std::string::npos);
  }
  EXPECT_EQ(told, (std::map<std::string, int>{{anna_.email, kDays}, {anna_.second_email, kDays}}));
  EXPECT_EQ(home.SignIn("anna", anna_.password).location(), "/account") << "as the message says";
}

}  // namespace
}  // namespace latchkey::attacks
