# SPDX-License-Identifier: MIT
# cmake -DDESCRIBE=<program> -DLIBRARY=<file> -P ArrangerDescribe.cmake
# Writes what a library says of its plugins into <name>.plugin.json beside it. A library that cannot be opened here may
# well be opened elsewhere, so that is a warning.
cmake_minimum_required(VERSION 3.20...3.31)

execute_process(COMMAND "${DESCRIBE}" "${LIBRARY}" ERROR_VARIABLE trouble RESULT_VARIABLE code)
if(NOT code EQUAL 0)
  string(REGEX REPLACE "\\.[^.]*$" ".plugin.json" sidecar "${LIBRARY}")
  file(REMOVE "${sidecar}")
  message(WARNING "${LIBRARY} has no description, so that it has to be opened to be listed (${code}): ${trouble}")
endif()
