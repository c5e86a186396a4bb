// SPDX-License-Identifier: Apache-2.0
// portal_page and portal_slow: the sign-in page against nginx serving the same bytes, and against
// itself in a crowd that only sits there.
#include <fstream>
#include <sstream>

#include <strings.h>
#include <unistd.h>

#include "tests/bench/bench.h"
#include "tests/bench/http_load.h"
#include "tests/bench/progress.h"

namespace latchkey::bench {
namespace {

// Fewer than the portal allows to one source.
constexpr size_t kBrowsers = 50;
constexpr size_t kFewBrowsers = 16;
constexpr char kPath[] = "/";
constexpr char kNginx[] = "/usr/sbin/nginx";

class Portal {
 public:
  // `limits`: lines of [limits] in portal.toml.
  Portal(const Places& places, const std::filesystem::path& bank, const Ports& ports,
         const std::string& limits) {
    std::ofstream(bank / "portal.toml", std::ios::app) << "\n[limits]\n" << limits;
    page_ = {
        .port = ports.portal, .host = "localhost:" + std::to_string(ports.portal), .path = kPath};
    program_ = std::make_unique<Child>(
        std::vector<std::string>{places.bin / "latchkey-portal", "--config", bank / "portal.toml"},
        bank / "portal.log");
    program_->WaitForPort(ports.portal);
  }
  const Page& page() const { return page_; }

 private:
  Page page_;
  std::unique_ptr<Child> program_;
};

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
    if (c == '$') quoted.replace(quoted.size() - 1, 1, "${dollar}");
  }
  return quoted + '"';
}

// Every header of the portal's answer that nginx does not write by itself.
std::string HeaderLines(const std::string& head) {
  std::string lines;
  std::istringstream in(head);
  std::string line;
  std::getline(in, line);  // the status
  while (std::getline(in, line) && line.size() > 1) {
    line.pop_back();
    const size_t colon = line.find(": ");
    const std::string name = line.substr(0, colon);
    bool own = false;
    for (const char* each : {"Date", "Server", "Content-Length", "Content-Type", "Connection"}) {
      own = own || ::strcasecmp(name.c_str(), each) == 0;
    }
    if (!own) lines += "add_header " + name + " " + Quoted(line.substr(colon + 2)) + ";\n";
  }
  return lines;
}

// The web server that others would put there, with its access log as Debian has it.
class Nginx {
 public:
  Nginx(const std::filesystem::path& folder, const Answer& answer) {
    const uint16_t port = FreePort();
    page_ = {.port = port, .host = "localhost:" + std::to_string(port), .path = kPath};
    std::ofstream(folder / "page.html", std::ios::binary) << answer.body;
    const std::string place = folder.string();
    std::ofstream(folder / "nginx.conf")
        << (::geteuid() == 0 ? "user root;\n" : "") << "daemon off;\nworker_processes auto;\npid "
        << place << "/nginx.pid;\nerror_log " << place
        << "/nginx-error.log;\nevents { worker_connections 2048; }\nhttp {\n"
        << "geo $dollar { default \"$\"; }\naccess_log " << place
        << "/nginx-access.log;\nclient_body_temp_path " << place << "/t1;\nproxy_temp_path "
        << place << "/t2;\nfastcgi_temp_path " << place << "/t3;\nuwsgi_temp_path " << place
        << "/t4;\nscgi_temp_path " << place
        << "/t5;\nsendfile on;\ntcp_nopush on;\nserver {\nlisten 127.0.0.1:" << port
        << ";\ndefault_type \"text/html; charset=utf-8\";\nlocation = / {\nroot " << place
        << ";\ntry_files /page.html =404;\n"
        << HeaderLines(answer.head) << "}\n}\n}\n";
    program_ = std::make_unique<Child>(
        std::vector<std::string>{kNginx, "-c", place + "/nginx.conf"}, folder / "nginx.log");
    program_->WaitForPort(port);
  }
  const Page& page() const { return page_; }

 private:
  Page page_;
  std::unique_ptr<Child> program_;
};

double PagesPerSecond(const Page& page, const Scale& scale) {
  const Tally tally = AskAgain(page, kBrowsers, {scale.warm_up, scale.seconds});
  if (tally.refused > 0) Die("portal: " + std::to_string(tally.refused) + " pages did not come");
  return tally.per_second();
}

}  // namespace

std::vector<Figure> PortalPageFigures(const Setting& setting) {
  const Scale& scale = setting.scale;
  Figure figure{.name = "portal_page",
                .unit = "pages/s",
                .limit_is = "nginx serving the same bytes",
                .target = Target{.ratio = 0.30}};
  if (::access(kNginx, X_OK) != 0) Die("portal_page needs nginx: apt-get install nginx-light");
  RunningBank bank(setting.places, KeptBank(setting.places, scale.few_accounts, false));
  Portal portal(setting.places, bank.folder(), bank.ports(), "");
  Nginx nginx(bank.folder(), Fetch(portal.page()));
  if (Fetch(nginx.page()).body != Fetch(portal.page()).body) {
    // The page holds a form token: as long, and another each time.
    if (Fetch(nginx.page()).body.size() != Fetch(portal.page()).body.size()) {
      Die("portal_page: nginx serves another page");
    }
  }
  for (int run = 0; run < scale.runs; ++run) {
    Progress("portal_page", run, scale.runs);
    const double limit = PagesPerSecond(nginx.page(), scale);
    figure.rounds.push_back({PagesPerSecond(portal.page(), scale), limit});
  }
  return {figure};
}

std::vector<Figure> PortalSlowFigures(const Setting& setting) {
  const Scale& scale = setting.scale;
  Figure figure{.name = "portal_slow",
                .unit = "ms (p99)",
                .limit_is = "p99 of the same without the crowd",
                .target = Target{.ratio = 2, .at_least = false}};
  const Crowd crowd{.idle = scale.idle_connections, .slow = scale.slow_connections};
  const size_t seats = crowd.idle + crowd.slow + 1'000;
  NeedFiles(seats);
  RunningBank bank(setting.places, KeptBank(setting.places, scale.few_accounts, false));
  // Seats for all of them: a portal that shows the crowd out would be measured without it.
  Portal portal(setting.places, bank.folder(), bank.ports(),
                "connections = " + std::to_string(seats) + "\n");
  const Span span{scale.warm_up, scale.seconds};
  for (int run = 0; run < scale.runs; ++run) {
    Progress("portal_slow", run, scale.runs);
    const Tally calm = AskAgain(portal.page(), kFewBrowsers, span);
    Crowding crowding(portal.page(), crowd);
    const Tally crowded = AskAgain(portal.page(), kFewBrowsers, span);
    if (calm.refused + crowded.refused > 0) Die("portal_slow: pages did not come");
    figure.rounds.push_back({crowded.percentile(0.99), calm.percentile(0.99)});
  }
  return {figure};
}

}  // namespace latchkey::bench
