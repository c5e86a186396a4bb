# SPDX-License-Identifier: Apache-2.0
# A room is a folder that becomes one library: every .cc in it, and what it may include.

# latchkey_room(NAME DIRS dir... DEPS lib...): a static library latchkey_NAME of every .cc in DIRS (default: here).
function(latchkey_room name)
  cmake_parse_arguments(ARG "" "" "DIRS;DEPS" ${ARGN})
  if(NOT ARG_DIRS)
    set(ARG_DIRS .)
  endif()
  set(sources)
  foreach(dir ${ARG_DIRS})
    file(GLOB found CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${dir}/*.cc)
    list(APPEND sources ${found})
  endforeach()
  if(NOT sources)
    add_library(latchkey_${name} INTERFACE)
    target_link_libraries(latchkey_${name} INTERFACE latchkey_flags ${ARG_DEPS})
    return()
  endif()
  add_library(latchkey_${name} STATIC ${sources})
  target_link_libraries(latchkey_${name} PUBLIC latchkey_flags ${ARG_DEPS})
endfunction()

# latchkey_program(NAME DIR dir DEPS lib...): an executable of every .cc in DIR.
function(latchkey_program name)
  cmake_parse_arguments(ARG "" "DIR" "DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_DIR}/*.cc)
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE latchkey_flags ${ARG_DEPS})
endfunction()
