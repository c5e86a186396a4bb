// SPDX-License-Identifier: Apache-2.0
#include "services/rpc/messages.h"

#include <google/protobuf/descriptor.h>
#include <sodium.h>

#include <vector>

#include "latchkey/v1/options.pb.h"

namespace latchkey::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::vector<const FieldDescriptor*> FieldsOf(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  return fields;
}

bool HasUnknownFields(const Message& message) {
  const Reflection& reflection = *message.GetReflection();
  if (!reflection.GetUnknownFields(message).empty()) return true;
  for (const FieldDescriptor* field : FieldsOf(message)) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      if (HasUnknownFields(reflection.GetMessage(message, field))) return true;
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      if (HasUnknownFields(reflection.GetRepeatedMessage(message, field, i))) return true;
    }
  }
  return false;
}

void Wipe(const std::string& text) { sodium_memzero(const_cast<char*>(text.data()), text.size()); }

std::string DescribeField(const Message& message, const FieldDescriptor* field) {
  const Reflection& reflection = *message.GetReflection();
  if (field->is_repeated()) return std::to_string(reflection.FieldSize(message, field)) + " values";
  std::string scratch;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return std::to_string(reflection.GetStringReference(message, field, &scratch).size()) +
             " bytes";
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return "{" + Describe(reflection.GetMessage(message, field)) + "}";
    case FieldDescriptor::CPPTYPE_ENUM:
      return std::to_string(reflection.GetEnumValue(message, field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(message, field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(reflection.GetInt64(message, field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return std::to_string(reflection.GetUInt32(message, field));
    default:
      return "set";
  }
}

}  // namespace

bool HasForbiddenUnknownFields(const Message& message) {
  return message.GetDescriptor()->options().GetExtension(v1::authenticates) &&
         HasUnknownFields(message);
}

void WipeSecrets(Message& message) {
  const Reflection& reflection = *message.GetReflection();
  for (const FieldDescriptor* field : FieldsOf(message)) {
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_repeated()) {
      WipeSecrets(*reflection.MutableMessage(&message, field));
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING && !field->is_repeated() &&
               field->options().GetExtension(v1::secret)) {
      std::string scratch;
      Wipe(reflection.GetStringReference(message, field, &scratch));
    }
  }
}

std::string Describe(const Message& message) {
  std::string line;
  for (const FieldDescriptor* field : FieldsOf(message)) {
    if (!line.empty()) line += ' ';
    line += field->name() + "=" + DescribeField(message, field);
  }
  return line;
}

}  // namespace latchkey::rpc
