// SPDX-License-Identifier: Apache-2.0
// What the edge asks of any message by reflection.
#pragma once

#include <google/protobuf/message.h>

#include <string>

namespace latchkey::rpc {

// True when a message marked (authenticates), or one inside it, carries fields that this version
// does not know (attack P07). Other messages may.
bool HasForbiddenUnknownFields(const google::protobuf::Message& message);

// Overwrites every field marked (secret), in the message and inside it.
void WipeSecrets(google::protobuf::Message& message);

// One line for the log: numbers and enums as they are; of text and bytes the length only, marked
// secret or not, because customers put personal data anywhere.
std::string Describe(const google::protobuf::Message& message);

}  // namespace latchkey::rpc
