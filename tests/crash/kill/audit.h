// SPDX-License-Identifier: Apache-2.0
// When the last life is calm: whether everything that was acknowledged stands, once.
#pragma once

#include "tests/crash/kill/load.h"

namespace latchkey::crash {

// Waits until nothing waits to be worked on or sent.
void AwaitCalm(Bank& bank, Service& service, Book& book);
// Holds the ledger, the mail and the journal against what the customers know.
void Audit(Bank& bank, Sink& sink, Book& book, Dice& dice);

}  // namespace latchkey::crash
