# SPDX-License-Identifier: Apache-2.0
# Writes OUT, a source that defines the files declared in services/courier/messages/messages.h from FILES below ROOT.
set(text "// Made from services/courier/messages.\n#include \"services/courier/messages/messages.h\"\nnamespace latchkey::courier {\nconst std::vector<MessageFile>& MessageFiles() {\n  static const std::vector<MessageFile> all = {\n")
foreach(file ${FILES})
  file(RELATIVE_PATH name ${ROOT} ${file})
  file(READ ${file} words)
  string(APPEND text "    {\"${name}\", R\"words(${words})words\"},\n")
endforeach()
string(APPEND text "  };\n  return all;\n}\n}  // namespace latchkey::courier\n")
file(WRITE ${OUT} "${text}")
