// SPDX-License-Identifier: Apache-2.0
// The sink for mail: a real SMTP receiver that records what was said and what was handed over.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/attacks/canaries.h"
#include "tests/unit/courier/mail_reader.h"
#include "tests/unit/courier/post_office.h"

namespace latchkey::attacks {

// One mail as the receiver took it.
struct Letter {
  std::string from;                     // of the envelope
  std::vector<std::string> recipients;  // all of the envelope
  std::string data;                     // as it came over the wire
  courier::MailAsRead read;

  std::string to() const { return recipients.size() == 1 ? recipients[0] : "not one recipient"; }
  std::string subject() const;
  // The base64url token behind "#t=" of the link that leads to this path; empty: none.
  std::string TokenAt(std::string_view path) const;
  std::string link() const { return TokenAt("/recover"); }
  std::string stop_link() const { return TokenAt("/stop"); }
  // Eight digits; empty: none.
  std::string code() const;
  // It tells an owner that wrong passwords made passwords rest.
  bool WarnsOfGuesses() const;
  // When that happened of which it tells, as it is written there: "14 July 2017".
  std::string Day() const;
};

class Post {
 public:
  // `modes` as in tests/unit/courier/hostile_smtp.py.
  explicit Post(std::filesystem::path folder, std::vector<std::string> modes = {"accept"});

  courier::RelayOptions relay() const { return relay_->Plain(); }
  // What came since the last look, in order. Secrets in it become canaries of `mail to ADDRESS`.
  std::vector<Letter> Take(Canaries& canaries);
  // How many conversations there were, mail or not.
  size_t conversations() const { return relay_->heard().size(); }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<courier::Relay> relay_;
  int taken_ = 0;
};

}  // namespace latchkey::attacks
