// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/view/assets.h"

#include <sodium.h>

#include <fstream>
#include <iterator>

#include "services/base/bytes.h"
#include "services/base/check.h"

namespace latchkey::portal {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNeeded[] = {"bootstrap.min.css", "portal.css", "portal.js", "logo.svg"};

std::string TypeOf(const fs::path& path) {
  if (path.extension() == ".css") return "text/css; charset=utf-8";
  if (path.extension() == ".js") return "text/javascript; charset=utf-8";
  if (path.extension() == ".svg") return "image/svg+xml";
  return {};
}

std::string ReadAll(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// The bank's theme as CSS variables; portal.css says what they colour. LoadPortalConfig checked the
// values.
std::string ThemeOf(const BankConfig& bank) {
  return ":root{--bank-accent:" + bank.accent + ";--bank-on-accent:#fff}\n" +
         "@media (prefers-color-scheme:dark){:root{--bank-accent:" + bank.accent_dark +
         ";--bank-on-accent:#0b1319}}\n";
}

}  // namespace

Result<Assets> Assets::Load(const fs::path& folder, const BankConfig& bank) {
  Assets assets;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (TypeOf(name).empty() || (name == "logo.svg" && !bank.logo.empty())) continue;
    assets.Add(name, ReadAll(entry.path()));
  }
  if (!bank.logo.empty()) {
    std::string logo = ReadAll(bank.logo);
    if (logo.find("<svg") == std::string::npos) {
      return Malformed("logo", bank.logo.string() + " is no SVG file that can be read");
    }
    assets.Add("logo.svg", std::move(logo));
  }
  assets.Add("theme.css", ThemeOf(bank));
  for (std::string_view name : kNeeded) {
    if (!assets.paths_.contains(name)) {
      return Malformed("share", "there is no " + (folder / name).string() +
                                    "; set share in [portal] to the folder that holds static/");
    }
  }
  return assets;
}

void Assets::Add(std::string name, std::string content) {
  unsigned char digest[8 + 8];
  crypto_generichash(digest, sizeof digest, reinterpret_cast<const unsigned char*>(content.data()),
                     content.size(), nullptr, 0);
  const fs::path file(name);
  const std::string path = "/static/" + file.stem().string() + "." +
                           ToHex({reinterpret_cast<const char*>(digest), 8}) +
                           file.extension().string();
  Response response;
  response.type = TypeOf(file);
  response.body = std::move(content);
  response.immutable = true;
  files_[path] = std::move(response);
  paths_[std::move(name)] = path;
}

const std::string& Assets::PathOf(std::string_view name) const {
  auto found = paths_.find(name);
  LATCHKEY_CHECK(found != paths_.end());
  return found->second;
}

const Response* Assets::Find(std::string_view path) const {
  auto found = files_.find(path);
  return found == files_.end() ? nullptr : &found->second;
}

}  // namespace latchkey::portal
