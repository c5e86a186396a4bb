# SPDX-License-Identifier: Apache-2.0
# `cmake --build --preset dev --target format|format-check|lint`.
find_program(CLANG_FORMAT NAMES clang-format-19 clang-format)
find_program(RUN_CLANG_TIDY NAMES run-clang-tidy-19 run-clang-tidy)
if(CLANG_FORMAT)
  add_custom_target(format COMMAND sh -c "git -C ${CMAKE_SOURCE_DIR} ls-files '*.cc' '*.h' '*.proto' | (cd ${CMAKE_SOURCE_DIR} && xargs ${CLANG_FORMAT} -i)" VERBATIM)
  add_custom_target(format-check COMMAND sh -c "git -C ${CMAKE_SOURCE_DIR} ls-files '*.cc' '*.h' '*.proto' | (cd ${CMAKE_SOURCE_DIR} && xargs ${CLANG_FORMAT} --dry-run -Werror)" VERBATIM)
endif()
if(RUN_CLANG_TIDY)
  add_custom_target(lint COMMAND ${RUN_CLANG_TIDY} -quiet -p ${CMAKE_BINARY_DIR} "${CMAKE_SOURCE_DIR}/(services|crypto|clients)/" VERBATIM)
endif()
