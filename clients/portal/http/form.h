// SPDX-License-Identifier: Apache-2.0
// What a page's form sends: application/x-www-form-urlencoded, read without any leniency.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/base/result.h"

namespace latchkey::portal {

// The fields of one form. Wiped when it ends, because some of them are secrets (Law 12).
class Form {
 public:
  Form() = default;
  ~Form() { Wipe(); }
  Form(Form&& other) noexcept : fields_(std::move(other.fields_)) { other.fields_.clear(); }
  Form& operator=(Form&& other) noexcept;
  Form(const Form&) = delete;
  Form& operator=(const Form&) = delete;

  // Reads `body`. kMalformed for whatever two parsers could read differently (attack I07): a field
  // that is repeated or not in `allowed`, an escape that is cut or no hex, NUL, bytes that are no
  // UTF-8, an empty piece.
  static Result<Form> Parse(std::string_view body, std::span<const std::string_view> allowed);

  // The field's value; empty when it was not sent.
  std::string_view Get(std::string_view name) const;

 private:
  void Wipe();
  std::vector<std::pair<std::string, std::string>> fields_;
};

// True for UTF-8 without overlong forms, surrogates, and code points above U+10FFFF.
bool IsUtf8(std::string_view text);

}  // namespace latchkey::portal
