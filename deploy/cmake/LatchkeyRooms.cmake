# SPDX-License-Identifier: Apache-2.0
# A room is a folder that becomes one library: every .cc in it, and what it may include.

# latchkey_room(NAME DIRS dir... EXCEPT file... DEPS lib...): a static library latchkey_NAME of every .cc in DIRS
# (default: here) but those in EXCEPT, which another library has.
# main.cc is left to latchkey_program, so that tests link a program's parts without its beginning.
function(latchkey_room name)
  cmake_parse_arguments(ARG "" "" "DIRS;EXCEPT;DEPS" ${ARGN})
  if(NOT ARG_DIRS)
    set(ARG_DIRS .)
  endif()
  set(sources)
  foreach(dir ${ARG_DIRS})
    file(GLOB found CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${dir}/*.cc)
    list(APPEND sources ${found})
  endforeach()
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  foreach(file ${ARG_EXCEPT})
    list(FILTER sources EXCLUDE REGEX "/${file}$")
  endforeach()
  add_library(latchkey_${name} STATIC ${sources})
  target_link_libraries(latchkey_${name} PUBLIC latchkey_flags ${ARG_DEPS})
endfunction()

# latchkey_program(NAME DIR dir DEPS lib...): the program of DIR/main.cc.
function(latchkey_program name)
  cmake_parse_arguments(ARG "" "DIR" "DEPS" ${ARGN})
  add_executable(${name} ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_DIR}/main.cc)
  target_link_libraries(${name} PRIVATE latchkey_flags ${ARG_DEPS})
endfunction()
