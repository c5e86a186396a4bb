// SPDX-License-Identifier: Apache-2.0
#include "tests/attacks/caller.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <set>
#include <vector>

#include "latchkey/v1/options.pb.h"

namespace latchkey::attacks {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// What people type is short and guessed at; only what could not come about by chance is a canary.
bool IsDistinct(const std::string& text) {
  return text.size() >= 8 && std::set<char>(text.begin(), text.end()).size() > 4;
}

void PlantField(Canaries& canaries, const Message& message, const FieldDescriptor& field,
                std::string_view party) {
  const std::string value = message.GetReflection()->GetString(message, &field);
  if (!IsDistinct(value)) return;
  if (field.name().find("password") != std::string::npos) return canaries.PlantPassword(value);
  canaries.Plant(field.name(), value, party);
}

}  // namespace

void PlantSecrets(Canaries& canaries, const Message& message, std::string_view party) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->is_repeated()) {
      for (int i = 0; field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
                      i < message.GetReflection()->FieldSize(message, field);
           ++i)
        PlantSecrets(canaries, message.GetReflection()->GetRepeatedMessage(message, field, i),
                     party);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      PlantSecrets(canaries, message.GetReflection()->GetMessage(message, field), party);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING &&
               field->options().GetExtension(v1::secret)) {
      PlantField(canaries, message, *field, party);
    }
  }
}

}  // namespace latchkey::attacks
