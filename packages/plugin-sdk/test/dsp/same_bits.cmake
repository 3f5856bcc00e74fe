# SPDX-License-Identifier: MIT
# cmake -DREFERENCE=<program> -DBASE=<program> -DV3=<program> -P same_bits.cmake
# Fails when the programs do not print the same.

execute_process(COMMAND "${REFERENCE}" OUTPUT_VARIABLE reference COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${BASE}" OUTPUT_VARIABLE base COMMAND_ERROR_IS_FATAL ANY)
if(NOT reference MATCHES "envelope")
  message(FATAL_ERROR "Expected one line per generator but received:\n${reference}")
endif()
if(NOT base STREQUAL reference)
  message(FATAL_ERROR "The optimised build differs:\n${reference}\n${base}")
endif()
execute_process(COMMAND "${V3}" OUTPUT_VARIABLE v3 RESULT_VARIABLE code)
if(code EQUAL 77)
  message(STATUS "x86-64-v3 was not compared: this processor does not have it")
elseif(NOT code EQUAL 0 OR NOT v3 STREQUAL reference)
  message(FATAL_ERROR "x86-64-v3 (exit ${code}) differs:\n${reference}\n${v3}")
endif()
