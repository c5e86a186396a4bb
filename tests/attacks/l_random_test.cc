// SPDX-License-Identifier: Apache-2.0
// Attacks on chance: secrets that can be foreseen, or that a copy of the process gives once more.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <csignal>
#include <cstddef>
#include <set>
#include <string>

#include "crypto/random.h"
#include "crypto/token.h"
#include "tests/attacks/bank.h"

namespace latchkey::attacks {
namespace {

class Chance : public Attack {};

// L08: what two nodes give out over hundreds of requests repeats nowhere and leans nowhere:
// sessions, devices, handles and links. tests/unit/crypto does the same with a million tokens.
// Fails without: the system's generator in SystemRandom::Fill: with one that each call seeds with
// the second, the same came again; with the first bit of every byte cleared, 32 bits leaned (seen
// each). Two generators of one fixed seed, one to a node, were not found out (seen): what they give
// begins at other places of the same row. That there is no other generator is for the rules to
// hold.
TEST_F(Chance, L08_NothingThatOpensComesTwiceOrLeans) {
  constexpr size_t kBits = crypto::kTokenBytes * 8;
  std::set<std::string> seen;
  std::array<int, kBits> ones{};
  int given = 0;
  const auto note = [&](const std::string& token) {
    ASSERT_EQ(token.size(), crypto::kTokenBytes);
    EXPECT_TRUE(seen.insert(token).second) << "given twice";
    for (size_t bit = 0; bit < kBits; ++bit) ones[bit] += token[bit / 8] >> bit % 8 & 1;
    ++given;
  };
  Caller nodes[] = {Web("owner", &A()), Web("owner", &B())};
  for (int i = 0; i < 120; ++i) {
    Caller& web = nodes[i % 2];
    const auto signed_in =
        web.Call(&v1::SignIn::Stub::SignIn, SignInAs("anna", anna_.password, NextAddress()));
    note(signed_in.value().session_token());
    note(signed_in.value().device_token());
    note(web.Call(&v1::Recovery::Stub::Begin, BeginFor("anna", NextAddress())).value().handle());
    if (i % 4 != 0) continue;
    for (const Letter& letter : Letters()) note(crypto::FromBase64Url(letter.link()).value_or(""));
    clock_.Advance(std::chrono::hours(1));
  }
  Letters();
  // Seven standard deviations: a fair bit fails once in 10^11.
  for (size_t bit = 0; bit < kBits; ++bit)
    EXPECT_NEAR(ones[bit], given / 2.0, 3.5 * std::sqrt(given)) << "bit " << bit;
}

// What a process gives next, all kinds of it.
std::string NextSecrets(Random& random) {
  return std::string(crypto::NewToken(random).Reveal()) +
         std::string(crypto::NewCode(random, crypto::kAssistedDigits).Reveal()) +
         random.Take(crypto::kTokenBytes);
}
constexpr size_t kSecretsBytes = 2 * crypto::kTokenBytes + crypto::kAssistedDigits;

// L08: a copy of the memory, as a fork makes it and a snapshot that is put back twice, gives other
// secrets than the first: nothing of the generator stands in the process. That the kernel's own
// state is renewed when a whole machine is put back is the kernel's part.
// Fails without: the system's generator in SystemRandom::Fill: with a std::mt19937_64, all eight
// were alike (seen).
TEST(CopiedMemory, L08_GivesOtherSecretsInEachCopy) {
  crypto::Start();
  crypto::SystemRandom random;
  static_cast<void>(NextSecrets(random));  // whatever state there is exists before the copies
  std::set<std::string> seen = {};
  for (int i = 0; i < 8; ++i) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t copy = fork();
    if (copy == 0) {
      const std::string bytes = NextSecrets(random);
      _exit(write(ends[1], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) ? 0
                                                                                             : 1);
    }
    std::string bytes(kSecretsBytes, '\0');
    EXPECT_EQ(read(ends[0], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    int status = 0;
    EXPECT_EQ(waitpid(copy, &status, 0), copy);
    EXPECT_EQ(status, 0);
    close(ends[0]);
    close(ends[1]);
    for (const size_t from :
         {size_t{0}, crypto::kTokenBytes, crypto::kTokenBytes + crypto::kAssistedDigits})
      EXPECT_TRUE(seen.insert(bytes.substr(from, crypto::kAssistedDigits)).second) << "copy " << i;
  }
}

// From now on the kernel has no randomness for this process.
void FailGetrandom() {
  sock_filter steps[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getrandom, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EIO),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{.len = std::size(steps), .filter = steps};
  const bool refused = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
  if (!refused) _exit(2);
}

// L08: when the kernel gives nothing, nothing is issued: the process ends before there is a token.
// Fails without: the system's generator in SystemRandom::Fill: with a std::mt19937_64 a token was
// made (seen).
TEST(FailedRandomnessDeathTest, L08_IssuesNothing) {
  crypto::Start();
  const auto issue = [] {
    crypto::SystemRandom random;
    FailGetrandom();
    _exit(crypto::NewToken(random).size() == crypto::kTokenBytes ? 0 : 1);
  };
  EXPECT_EXIT(issue(), ::testing::KilledBySignal(SIGABRT), "");
}

}  // namespace
}  // namespace latchkey::attacks
