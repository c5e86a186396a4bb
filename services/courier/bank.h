// SPDX-License-Identifier: Apache-2.0
// What messages say about the bank itself: all of it configuration, none of it from a request
// (attack L03).
#pragma once

#include <string>

#include "services/base/result.h"

namespace latchkey::courier {

struct BankOptions {
  std::string name;  // "Harbour Bank"
  std::string
      portal_url;  // "https://access.harbour.example", no slash at its end; http for loopback only
  std::string phone;                    // as it is printed: "+49 30 1234567"
  std::string from_address;             // "access@harbour.example"
  std::string color = "#0b5c66";        // of the head and the buttons, "#rrggbb"
  std::string time_zone = "UTC";        // in which times are told: "Europe/Berlin"
  std::string default_language = "en";  // for accounts whose language has no messages
};

// kMalformed with `field` naming the option, and a detail that says what it has to be.
Done CheckBank(const BankOptions& bank);

}  // namespace latchkey::courier
