// SPDX-License-Identifier: Apache-2.0
// Attacks on who may call what: spellings of a method, identities in headers, odd certificates, and
// the map of the house.
#include <fstream>

#include "crypto/peer_certificate.h"
#include "tests/attacks/bank.h"
#include "tests/attacks/certificate_zoo.h"
#include "tests/attacks/raw_h2.h"
#include "tests/unit/portal/wire.h"

namespace latchkey::attacks {
namespace {

constexpr int kUnimplemented = 12, kInvalidArgument = 3;

class Protocol : public Attack {
 protected:
  int Port() {
    const std::string& address = A().address();
    return std::stoi(address.substr(address.rfind(':') + 1));
  }
  TlsClient With(const crypto::IssuedCertificate& leaf) {
    return {.authority = authority_.certificate_pem,
            .certificate = leaf.certificate_pem,
            .key = std::string(leaf.key_pem.Reveal())};
  }
  TlsClient Portal() {
    return With(Leaf({std::string(kBankDomain), crypto::Role::kPortal, "", ""}));
  }
  // OK, or why the operator's question was refused.
  grpc::StatusCode AskStatusWith(const crypto::IssuedCertificate& leaf, Node* node = nullptr) {
    Caller caller("somebody", Channel(leaf, node), canaries_);
    return caller.Call(&v1::Operator::Stub::GetStatus, v1::GetStatusRequest()).status.error_code();
  }
};

// P01. Fails without: gRPC's own exact routing: with a CallbackGenericService in StartServer, which
// gets every path that is no method's, each was answered (seen). The first call shows that the
// probe does reach a handler.
TEST_F(Protocol, P01_AMethodHasOneSpelling) {
  RawH2 wire(Port(), Portal());
  wire.Hello();
  EXPECT_EQ(wire.Ask(RawH2::Call("/latchkey.v1.SignIn/SignIn"), "").grpc_status, kInvalidArgument);
  const Effort before = A().effort();
  for (const char* path :
       {"latchkey.v1.SignIn/SignIn", "//latchkey.v1.SignIn/SignIn", "/latchkey.v1.SignIn//SignIn",
        "/latchkey.v1.SignIn/SignIn/", "/latchkey.v1.signin/SignIn", "/LATCHKEY.V1.SIGNIN/SIGNIN",
        "/latchkey.v1.SignIn%2fSignIn", "/latchkey.v1.SignIn/%53ignIn",
        "/./latchkey.v1.SignIn/SignIn", "/latchkey.v1.Staff/../latchkey.v1.SignIn/SignIn",
        "/latchkey.v1.SignIn/SignIn?x=1", "/latchkey.v1.SignIn/SignIn#x",
        "/latchkey.v1.SignIn/SignIn ", "/latchkey.v1.SignIn",
        "https://localhost/latchkey.v1.SignIn/SignIn", "*", "/", ""}) {
    RawH2 other(Port(), Portal());
    other.Hello();
    const RawH2::Answer answer = other.Ask(RawH2::Call(path), "");
    const bool refused =
        answer.reset || answer.closed || answer.grpc_status.value_or(0) == kUnimplemented;
    EXPECT_TRUE(refused) << path << ": " << answer.grpc_status.value_or(-1);
  }
  EXPECT_EQ(A().effort(), before) << "a handler was reached";
}

// P02. Fails without: the look at the caller's role in Edge::Admit (seen: GetStatus answered).
TEST_F(Protocol, P02_HeadersAreNoIdentity) {
  std::multimap<std::string, std::string> headers;
  for (const char* name : {"x-user",
                           "x-role",
                           "x-roles",
                           "x-identity",
                           "x-spiffe-id",
                           "x-forwarded-user",
                           "x-forwarded-client-cert",
                           "x-ssl-client-cert",
                           "x-ssl-client-s-dn",
                           "x-ssl-client-verify",
                           "x-client-cert",
                           "x-client-subject",
                           "x-client-san-uri",
                           "x-arr-clientcert",
                           "ssl-client-cert",
                           "ssl_client_s_dn",
                           "client-cert",
                           "client-cert-chain",
                           "cf-client-cert-der-base64",
                           "x-amzn-mtls-clientcert",
                           "x-amzn-mtls-clientcert-subject",
                           "x-envoy-peer-metadata",
                           "x-envoy-peer-metadata-id",
                           "x-goog-authenticated-user-id",
                           "x-remote-user",
                           "remote-user",
                           "authorization",
                           "proxy-authorization",
                           "x-real-ip",
                           "x-original-url",
                           "forwarded"}) {
    headers.emplace(name, "spiffe://bank.example/latchkey/operator");
  }
  ASSERT_GE(headers.size(), 30u);
  Caller web = Web();
  EXPECT_EQ(web.Call(&v1::Operator::Stub::GetStatus, v1::GetStatusRequest(), headers).reason(),
            v1::REFUSAL_REASON_NOT_ALLOWED);
  EXPECT_EQ(web.Call(&v1::Cases::Stub::ListWaiting, v1::ListWaitingRequest(), headers).reason(),
            v1::REFUSAL_REASON_NOT_ALLOWED);
  // And without TLS nobody speaks at all.
  portal::Wire plain(static_cast<uint16_t>(Port()));
  plain.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + RawH2::FrameOf(RawH2::kSettings, 0, 0, {}));
  const std::string said = plain.ReadAll();
  EXPECT_EQ(said.find("\x04", 3), std::string::npos) << "no SETTINGS frame: nothing was served";
}

struct Odd {
  std::string what;
  crypto::IssuedCertificate leaf;
};

std::vector<ZooPlan> OddNames() {
  using Names = std::vector<std::pair<int, std::string>>;
  const std::string operators = "spiffe://bank.example/latchkey/operator";
  const std::vector<Names> all = {
      {},
      {{GEN_DNS, "bank.example"}},
      {{GEN_DNS, operators}},
      {{GEN_EMAIL, "operator@bank.example"}},
      {{GEN_URI, operators}, {GEN_URI, operators}},
      {{GEN_URI, "spiffe://bank.example/latchkey/portal"}, {GEN_URI, operators}},
      {{GEN_URI, operators}, {GEN_URI, "spiffe://bank.example/latchkey/portal"}},
      {{GEN_URI, operators + std::string(1, '\0') + ".evil.example"}},
      {{GEN_URI, std::string(1, '\0') + operators}},
      {{GEN_URI, operators + "/"}},
      {{GEN_URI, operators + "?x"}},
      {{GEN_URI, operators + "#x"}},
      {{GEN_URI, operators + "\n"}},
      {{GEN_URI, operators + "%00"}},
      {{GEN_URI, " " + operators}},
      {{GEN_URI, "SPIFFE://bank.example/latchkey/operator"}},
      {{GEN_URI, "spiffe://BANK.example/latchkey/operator"}},
      {{GEN_URI, "spiffe://bank.example/latchkey/Operator"}},
      {{GEN_URI, "spiffe://bank.example./latchkey/operator"}},
      {{GEN_URI, "spiffe://bank.example:443/latchkey/operator"}},
      {{GEN_URI, "spiffe://x@bank.example/latchkey/operator"}},
      {{GEN_URI, "spiffe://bank.example//latchkey/operator"}},
      {{GEN_URI, "spiffe://bank.example/latchkey/../latchkey/operator"}},
      {{GEN_URI, "spiffe://bank.example/latchkey/branch/main/operator"}},
      {{GEN_URI, "spiffe://bank.example/latchkey/portal"}},
      {{GEN_URI, "spiffe://bank.example/latchkey/ivr"}},
      {{GEN_URI, "spiffe://bank.example/latchkey/service"}},
      {{GEN_URI, "spiffe://bank.example/latchkey/branch/west/one"}},
      {{GEN_URI, "spiffe://other.example/latchkey/operator"}},
      {{GEN_URI, "spiffe://bank.example.evil.example/latchkey/operator"}},
      {{GEN_URI, "https://bank.example/latchkey/operator"}},
      {{GEN_URI, "spiffe://bank.example/latchkey/"}},
      {{GEN_URI, "spiffe://bank.example/latchkey/*"}},
      {{GEN_URI, "spiffe://bank.example/latchkey/" + std::string(4000, 'o')}},
      {{GEN_URI, ""}},
  };
  std::vector<ZooPlan> plans;
  for (const Names& names : all)
    plans.push_back({.common_name = "latchkey/operator", .names = names});
  return plans;
}

// P03. Fails without: Identify's demand for exactly one URI name (seen: two names took the first),
// or `names_uses` in ReadPeerCertificate (seen: the one without a use came in).
TEST_F(Protocol, P03_ACertificateOpensItsOwnNamesDoorOnly) {
  const ZooPlan good{.names = {{GEN_URI, "spiffe://bank.example/latchkey/operator"}}};
  ASSERT_EQ(AskStatusWith(Breed(&authority_, good)), grpc::StatusCode::OK)
      << "the zoo can be let in";
  std::vector<Odd> zoo;
  for (const ZooPlan& plan : OddNames())
    zoo.push_back(
        {plan.names.empty() ? "no name" : plan.names[0].second, Breed(&authority_, plan)});
  const auto with = [&](const char* what, auto change) {
    ZooPlan plan = good;
    change(plan);
    zoo.push_back({what, Breed(&authority_, plan)});
  };
  with("for servers", [](ZooPlan& plan) { plan.usage = "serverAuth"; });
  with("for no use that is named", [](ZooPlan& plan) { plan.usage = ""; });
  with("for any use", [](ZooPlan& plan) { plan.usage = "anyExtendedKeyUsage"; });
  with("for signing mail", [](ZooPlan& plan) { plan.usage = "emailProtection"; });
  with("ended", [](ZooPlan& plan) { plan.from_days = -3, plan.until_days = -1; });
  with("not begun", [](ZooPlan& plan) { plan.from_days = 1; });
  with("critical and unknown",
       [](ZooPlan& plan) { plan.critical_extension = NID_netscape_comment; });
  zoo.push_back({"by itself", Breed(nullptr, good)});
  SystemClock real;
  const auto twin = crypto::IssueAuthority("Harbour Bank", real.Now()).value();
  zoo.push_back({"by an authority of the same name", Breed(&twin, good)});
  // A leaf that signs: its chain goes along.
  crypto::IssuedCertificate leaf =
      Leaf({std::string(kBankDomain), crypto::Role::kOperator, "", ""});
  crypto::IssuedCertificate child = Breed(&leaf, good);
  child.certificate_pem += leaf.certificate_pem;
  zoo.push_back({"by a leaf", std::move(child)});
  ASSERT_GE(zoo.size(), 40u);
  for (const Odd& odd : zoo) EXPECT_NE(AskStatusWith(odd.leaf), grpc::StatusCode::OK) << odd.what;
  EXPECT_EQ(A().effort().guesses, 0);
}

// P03. Fails without: the look at `revoked_` in CheckCertificate (seen: it was let in).
TEST_F(Protocol, P03_ACertificateThatWasWithdrawnOpensNothing) {
  const crypto::Identity terminal{std::string(kBankDomain), crypto::Role::kOperator, "", ""};
  const crypto::IssuedCertificate lost = Leaf(terminal), kept = Leaf(terminal);
  config_.tls.revoked = {crypto::ReadPeerCertificate(lost.certificate_pem)->fingerprint};
  EXPECT_EQ(AskStatusWith(lost), grpc::StatusCode::OK) << "A was started before";
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(AskStatusWith(kept, &B()), grpc::StatusCode::OK);
    EXPECT_EQ(AskStatusWith(lost, &B()), grpc::StatusCode::PERMISSION_DENIED);
  }
}

// P04. Fails without: the condition on `options.reflection` in StartServer (seen).
TEST_F(Protocol, P04_TheMapOfTheHouseIsNotOnTheWall) {
  A();
  for (const bool with_certificate : {true, false}) {
    for (const char* path :
         {"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
          "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
          "/grpc.channelz.v1.Channelz/GetTopChannels", "/grpc.channelz.v1.Channelz/GetServers",
          "/envoy.service.status.v3.ClientStatusDiscoveryService/FetchClientStatus", "/metrics",
          "/debug/pprof", "/healthz", "/"}) {
      RawH2 wire(
          Port(),
          with_certificate
              ? With(Leaf({std::string(kBankDomain), crypto::Role::kOperator, "", ""}))
              : TlsClient{.authority = authority_.certificate_pem, .certificate = {}, .key = {}});
      wire.Hello();
      const RawH2::Answer answer = wire.Ask(RawH2::Call(path), "");
      EXPECT_TRUE(answer.closed || answer.reset || answer.grpc_status == kUnimplemented)
          << path << ": " << answer.grpc_status.value_or(-1);
      EXPECT_EQ(answer.data, "") << path;
      if (!with_certificate) {
        EXPECT_TRUE(answer.closed) << path;
      }
    }
  }
  std::ifstream maps("/proc/self/maps");
  const std::string loaded{std::istreambuf_iterator<char>(maps), {}};
  EXPECT_EQ(loaded.find("grpc++_reflection"), std::string::npos);
  EXPECT_EQ(loaded.find("grpcpp_channelz"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::attacks
