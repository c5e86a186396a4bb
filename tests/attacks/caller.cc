// SPDX-License-Identifier: Apache-2.0
#include "tests/attacks/caller.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <vector>

#include "latchkey/v1/options.pb.h"

namespace latchkey::attacks {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Digits as they were issued, not as somebody typed them with blanks, which a mail shows too.
bool IsWritten(const FieldDescriptor& field, const std::string& value) {
  return field.type() == FieldDescriptor::TYPE_BYTES ||
         value.find_first_not_of("0123456789") == std::string::npos;
}

void PlantField(Canaries& canaries, const Message& message, const FieldDescriptor& field,
                std::string_view party) {
  const std::string value = message.GetReflection()->GetString(message, &field);
  if (field.name().find("password") != std::string::npos) return canaries.PlantPassword(value);
  if (IsWritten(field, value)) canaries.Plant(field.name(), value, party);
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
