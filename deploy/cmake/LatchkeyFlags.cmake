# SPDX-License-Identifier: Apache-2.0
# Warnings and hardening for everything that is built here.
add_library(latchkey_flags INTERFACE)
target_include_directories(latchkey_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(latchkey_flags INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual)
if(LATCHKEY_WERROR)
  target_compile_options(latchkey_flags INTERFACE -Werror)
endif()
# Debug information for line numbers only: a third of the build time otherwise.
target_compile_options(latchkey_flags INTERFACE $<$<CONFIG:Debug>:-g1>)

# A binary names no folder of the machine that built it, and holds nothing that it does not use: the hooks of tests
# among them (tests/rules/binaries_test.py).
target_compile_options(latchkey_flags INTERFACE -ffile-prefix-map=${CMAKE_SOURCE_DIR}/= -ffunction-sections)
target_link_options(latchkey_flags INTERFACE -Wl,--gc-sections)

# What takes time here is hashing, in libraries; -O3 only takes longer to compile.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported()
if(LATCHKEY_FUZZ)
  target_compile_options(latchkey_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(LATCHKEY_SANITIZE)
  target_compile_options(latchkey_flags INTERFACE -fsanitize=${LATCHKEY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_compile_definitions(latchkey_flags INTERFACE LATCHKEY_SANITIZED)
  target_link_options(latchkey_flags INTERFACE -fsanitize=${LATCHKEY_SANITIZE})
else()
  target_compile_options(latchkey_flags INTERFACE -fstack-protector-strong -fstack-clash-protection -fcf-protection
    $<$<CONFIG:Release>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS>)
endif()
target_link_options(latchkey_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)

find_program(LATCHKEY_CCACHE ccache)
if(LATCHKEY_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${LATCHKEY_CCACHE})
endif()
