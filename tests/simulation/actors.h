// SPDX-License-Identifier: Apache-2.0
// Who does what next: customers, forgetful ones, a thief who knows everything but the secrets, an
// honest and a crooked teller, and the workers of the nodes.
#pragma once

namespace latchkey::simulation {

class Bank;

// One of them does one thing.
void Act(Bank& bank);

void ActAsCustomer(Bank& bank);
void ActAsThief(Bank& bank);
void ActAsTeller(Bank& bank);

}  // namespace latchkey::simulation
