// SPDX-License-Identifier: Apache-2.0
// From a message of the outbox to what its reader sees: a pure function of template, configuration,
// account and row.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "services/base/result.h"
#include "services/courier/bank.h"
#include "services/courier/page.h"
#include "services/courier/words.h"
#include "services/ledger/outbox.h"

namespace latchkey::courier {

struct Rendered {
  std::string language;  // in which it was written
  std::string subject;
  std::string text;
  std::string html;
};

// Holds all messages in all languages. Immutable once made; threads: any.
class Renderer {
 public:
  // Reads and checks everything that is built in, so that a broken message stops the start and not
  // a delivery. kMalformed when the bank's configuration is impossible (CheckBank), kInternal for a
  // broken message.
  static Result<std::unique_ptr<Renderer>> Make(const BankOptions& bank);

  // `language` is the account's ("de", "de-AT"); one without messages gets the bank's default.
  // kInternal: the message can never be sent: its template is unknown, or a value is missing or not
  // what it has to be.
  Result<Rendered> Render(const ledger::LeasedMessage& message, const std::string& language) const;

  const BankOptions& bank() const { return bank_; }

 private:
  struct Language {
    Values common;
    std::map<std::string, Words, std::less<>> messages;
  };
  explicit Renderer(const BankOptions& bank) : bank_(bank) {}
  Done Read();
  Result<Sheet> Lay(const ledger::LeasedMessage& message, const std::string& code,
                    const Language& language) const;

  BankOptions bank_;
  std::map<std::string, Language, std::less<>> languages_;
  std::unique_ptr<HtmlPage> page_;
};

}  // namespace latchkey::courier
