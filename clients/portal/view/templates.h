// SPDX-License-Identifier: Apache-2.0
// The pages' HTML, once for each language, escaped by context (ctemplate).
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "clients/portal/view/catalog.h"
#include "clients/portal/view/view.h"
#include "services/base/result.h"

namespace latchkey::portal {

// A template is HTML with three marks: {{>name}} takes in _name.html, [[English text]] is
// translated, {{NAME}} and
// {{#SECTION}} are ctemplate's and are filled from a View. The first line of a page is its title,
// <!-- [[Title]] -->. All of it is read and checked at the start; nothing is read later. Threads:
// any.
class Templates {
 public:
  static Result<Templates> Load(const std::filesystem::path& folder, const Catalog& catalog);
  Templates(Templates&&) noexcept;
  ~Templates();

  // The whole page. REQUIRES: the page is there.
  std::string Render(std::string_view page, const std::string& language, const View& view) const;
  const std::string& TitleOf(std::string_view page, const std::string& language) const;
  std::vector<std::string> pages() const;

 private:
  struct Cache;
  Templates();
  std::unique_ptr<Cache> cache_;
};

// Replaces each [[text]] by what `translate` makes of it; blanks in the text are folded. The result
// is escaped for HTML,
// {{NAME}} within it stays.
std::string Translated(std::string_view html,
                       const std::function<std::string(const std::string&)>& translate);

}  // namespace latchkey::portal
