// SPDX-License-Identifier: Apache-2.0
// courier: messages a second into a receiver on this machine, against a bare libcurl loop that
// sends the same bytes over as many connections and keeps them.
#include <curl/curl.h>

#include <chrono>
#include <cstring>

#include "tests/bench/bench.h"
#include "tests/bench/calls.h"
#include "tests/bench/ledger_file.h"
#include "tests/bench/load.h"
#include "tests/bench/mail_sink.h"
#include "tests/bench/progress.h"

namespace latchkey::bench {
namespace {

constexpr size_t kCallers = 16;
constexpr double kPatience = 120;
constexpr size_t kWorkers = 4;  // as many as the courier has unless a bank says otherwise

struct Upload {
  std::string_view rest;
};

size_t ReadMail(char* out, size_t size, size_t count, void* keeper) {
  auto& upload = *static_cast<Upload*>(keeper);
  const size_t taken = std::min(size * count, upload.rest.size());
  std::memcpy(out, upload.rest.data(), taken);
  upload.rest.remove_prefix(taken);
  return taken;
}

// One connection, kept, for one message after another.
class Sender {
 public:
  Sender(uint16_t port, const std::filesystem::path& authority)
      : handle_(curl_easy_init()),
        to_(curl_slist_append(nullptr, "<customer0000000@mail.example>")) {
    const std::string url = "smtp://localhost:" + std::to_string(port) + "/bank.example";
    curl_easy_setopt(handle_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle_, CURLOPT_PROXY, "");
    curl_easy_setopt(handle_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle_, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
    curl_easy_setopt(handle_, CURLOPT_CAINFO, authority.c_str());
    curl_easy_setopt(handle_, CURLOPT_MAIL_FROM, "<no-reply@bank.example>");
    curl_easy_setopt(handle_, CURLOPT_MAIL_RCPT, to_);
    curl_easy_setopt(handle_, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(handle_, CURLOPT_READFUNCTION, &ReadMail);
  }
  ~Sender() {
    curl_easy_cleanup(handle_);
    curl_slist_free_all(to_);
  }
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  void Send(std::string_view mail) {
    Upload upload{mail};
    curl_easy_setopt(handle_, CURLOPT_READDATA, &upload);
    const CURLcode code = curl_easy_perform(handle_);
    if (code != CURLE_OK) Die(std::string("the bare libcurl loop: ") + curl_easy_strerror(code));
  }

 private:
  CURL* const handle_;
  curl_slist* const to_;
};

double BareSends(MailSink& sink, const std::filesystem::path& authority, const std::string& mail,
                 double seconds) {
  std::vector<std::unique_ptr<Sender>> senders;
  for (size_t i = 0; i < kWorkers; ++i) {
    senders.push_back(std::make_unique<Sender>(sink.port(), authority));
  }
  return Repeat(kWorkers, seconds, [&](size_t thread) { senders[thread]->Send(mail); });
}

// Gathers messages while the receiver does not greet, then lets them go and takes the time.
double CourierSends(MailSink& sink, const Setting& setting, const std::filesystem::path& kept) {
  const uint64_t count = setting.scale.messages;
  sink.Hold();
  RunningBank bank(setting.places, kept,
                   {.relay_port = sink.port(),
                    .settings = {{"[courier]\n", "[courier]\ntimeout_seconds = 300\n"}}});
  Lines lines(bank.folder(), bank.ports().service, kUsualLines);
  const int64_t begun = Each(count, kCallers, [&](uint64_t number, Done done) {
    lines.Begin(LoginOf(number), AddressOf(number),
                [done = std::move(done)](const auto& answer) { done(answer.has_value()); });
  });
  if (begun != static_cast<int64_t>(count)) Die("courier: not every request was kept");
  WaitForOutbox(bank.folder() / "data/ledger.db", static_cast<int64_t>(count));
  const uint64_t before = sink.mails();
  const auto started = std::chrono::steady_clock::now();
  sink.Open();
  if (!sink.WaitForMails(before + count, kPatience)) Die("courier: not every message came");
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  return static_cast<double>(count) / took.count();
}

}  // namespace

std::vector<Figure> CourierFigures(const Setting& setting) {
  const Scale& scale = setting.scale;
  Figure figure{.name = "courier",
                .unit = "messages/s",
                .limit_is = "bare libcurl loop, connections kept, same bytes",
                .target = Target{.ratio = 0.80}};
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const auto kept = KeptBank(setting.places, scale.accounts, true);
  for (int run = 0; run < scale.runs; ++run) {
    Progress("courier", run, scale.runs);
    MailSink sink(kept);
    const double ours = CourierSends(sink, setting, kept);
    std::string mail = sink.last();
    mail.resize(mail.size() - std::strlen(".\r\n"));
    figure.rounds.push_back(
        {ours, BareSends(sink, kept / "ca/authority.crt", mail, scale.seconds)});
  }
  return {figure};
}

}  // namespace latchkey::bench
