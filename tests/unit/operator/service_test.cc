// SPDX-License-Identifier: Apache-2.0
// What `doctor` says of a service that answers, and of one that does not.
#include "tests/unit/operator/bank_folder.h"

namespace latchkey::operate {
namespace {

class BesideTheService : public Commands {
 protected:
  std::string DoctorSays() {
    out_.str("");
    (void)Doctor(terminal_, {.config = config(), .tls = {}});
    return out_.str();
  }
};

// Seen to fail without LookAtKeysOfService: "keys ok, service ok", while whoever was imported
// after the rotation was refused.
TEST_F(BesideTheService, DoctorSaysThatItHasNotTheNewestKey) {
  Open();
  const std::string said = "fail  service: restart latchkeyd, it has not the newest field key";
  const auto ran = RunService({}, [&] {
    EXPECT_NE(DoctorSays().find("ok    service: answers"), std::string::npos) << out_.str();
    EXPECT_EQ(out_.str().find(said), std::string::npos) << out_.str();
    notes_.str("");
    ASSERT_EQ(KeysRotate(terminal_, config(), "field"), Exit::kDone) << notes_.str();
    EXPECT_NE(notes_.str().find("restart every latchkeyd before anything is imported"),
              std::string::npos)
        << notes_.str();
    EXPECT_NE(DoctorSays().find(said), std::string::npos) << out_.str();
  });
  EXPECT_EQ(ran.status, 0) << ran.said;
}

// Seen to fail without ReadServerPair: the certificate was good, latchkeyd started with it, and
// doctor asked whether it was running.
TEST_F(BesideTheService, AClientsCertificateInItsPlaceIsNamed) {
  Open();
  const fs::path tls = folder_ / "bank/tls";
  for (const char* kind : {".crt", ".key"}) {
    fs::copy_file(tls / (std::string("portal") + kind), tls / (std::string("service") + kind),
                  fs::copy_options::overwrite_existing);
  }
  const std::string said = (tls / "service.crt").string() + " is a client's certificate";
  EXPECT_NE(DoctorSays().find(said), std::string::npos) << out_.str();
  const Ran service = RunService();
  EXPECT_EQ(service.status, 1);
  EXPECT_NE(service.said.find(said), std::string::npos) << service.said;
}

// Seen to fail with one sentence for every reason: "is latchkeyd running?", while it was. Another
// bank's latchkeyd is as good as a stranger at that port; one that was stopped gives no answer.
TEST_F(BesideTheService, DoctorDoesNotAskWhetherItRunsWhereSomethingAnswers) {
  Open();
  const auto ran = RunService({}, [&] {
    kill(service_, SIGSTOP);
    EXPECT_NE(DoctorSays().find("fail  service: gave no answer at 127.0.0.1"), std::string::npos)
        << out_.str();
    kill(service_, SIGCONT);
    InitOptions other = Bank();
    other.dir = folder_ / "other";
    ASSERT_EQ(Init(terminal_, other), Exit::kDone) << notes_.str();
    for (const char* file : {"tls/operator.crt", "tls/operator.key"})
      fs::copy_file(folder_ / "other" / file, folder_ / "bank" / file,
                    fs::copy_options::overwrite_existing);
    EXPECT_NE(DoctorSays().find("do not trust each other"), std::string::npos) << out_.str();
  });
  EXPECT_EQ(ran.status, 0) << ran.said;
  EXPECT_NE(DoctorSays().find("is latchkeyd running"), std::string::npos) << out_.str();
}

// latchkeyd speaks TLS with a certificate of the bank's own authority, which no machine trusts by
// itself. Seen to fail with curl's words: "SSL peer certificate or SSH remote key was not OK".
TEST_F(BesideTheService, DoctorSaysOfARelayWhoseCertificateIsNotTrustedWhatToName) {
  InitOptions options = Bank();
  options.relay = options.listen.replace(0, options.listen.find(':'), "localhost");
  ASSERT_EQ(Init(terminal_, options), Exit::kDone) << notes_.str();
  ASSERT_EQ(Migrate(terminal_, config()), Exit::kDone) << notes_.str();
  std::stringstream text;
  text << std::ifstream(config()).rdbuf();
  std::string implicit = text.str();
  implicit.replace(implicit.find("\"starttls\""), 10, "\"implicit\"");
  std::ofstream(config()) << implicit;
  (void)RunService({}, [&] {
    EXPECT_NE(DoctorSays().find("of an authority that is not trusted here"), std::string::npos)
        << out_.str();
  });
}

// Seen to fail without `what_if_none`: it was a fault, and to be made by hand.
TEST_F(BesideTheService, DoctorSaysThatTheServiceMakesItsSpool) {
  Open();
  fs::remove_all(folder_ / "bank/data/spool");
  EXPECT_NE(DoctorSays().find("spool is not there; latchkeyd makes it"), std::string::npos)
      << out_.str();
}

// Seen to fail without LookAtPortal: nothing was said of it.
TEST_F(BesideTheService, DoctorComparesWhereMessagesLeadWithWhereThePortalIs) {
  Open();
  EXPECT_NE(DoctorSays().find("ok    portal: "), std::string::npos) << out_.str();
  const fs::path file = folder_ / "bank/portal.toml";
  std::ofstream(file) << "[portal]\nbase_url = \"https://other.bank.example\"\n";
  EXPECT_NE(DoctorSays().find("fail  portal: messages lead to https://recover.bank.example "
                              "(bank.portal_url), and " +
                              file.string() + " has base_url \"https://other.bank.example\""),
            std::string::npos)
      << out_.str();
  fs::remove(file);
  EXPECT_EQ(DoctorSays().find("  portal: "), std::string::npos) << "the portal is elsewhere";
}

// Seen to fail with "stopped" said before what Serve holds was let go: the spool was still claimed.
TEST_F(BesideTheService, SaysThatItStoppedWhenTheNextMayStart) {
  InitOptions options = Bank();
  options.metrics = "127.0.0.1:" + std::to_string(FreePort());  // it takes its time to end
  ASSERT_EQ(Init(terminal_, options), Exit::kDone) << notes_.str();
  ASSERT_EQ(Migrate(terminal_, config()), Exit::kDone) << notes_.str();
  const Ran ran = RunService();
  EXPECT_EQ(ran.status, 0) << ran.said;
  EXPECT_TRUE(ran.let_go) << ran.said;
}

}  // namespace
}  // namespace latchkey::operate
