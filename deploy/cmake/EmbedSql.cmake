# SPDX-License-Identifier: Apache-2.0
# Writes OUT, a source that defines the migrations declared in services/ledger/schema/schema.h from FILES.
set(text "// Made from services/ledger/schema/*.sql.\n#include \"services/ledger/schema/schema.h\"\nnamespace latchkey::ledger {\nconst std::vector<Migration>& Migrations() {\n  static const std::vector<Migration> all = {\n")
foreach(file ${FILES})
  get_filename_component(name ${file} NAME_WE)
  string(REGEX MATCH "^[0-9]+" number ${name})
  string(REGEX REPLACE "^0+" "" number ${number})
  file(READ ${file} sql)
  string(APPEND text "    {${number}, R\"sql(${sql})sql\"},\n")
endforeach()
string(APPEND text "  };\n  return all;\n}\n}  // namespace latchkey::ledger\n")
file(WRITE ${OUT} "${text}")
