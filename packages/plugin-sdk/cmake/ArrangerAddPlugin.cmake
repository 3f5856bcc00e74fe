# SPDX-License-Identifier: MIT
# arranger_add_plugin(): one plugin library, once per instruction-set level.
include_guard(GLOBAL)
cmake_policy(VERSION 3.20...3.31)

# Levels that are built beside the base library; the engine opens the highest that the processor has.
set(ARRANGER_ISA_LEVELS "x86-64-v3" CACHE STRING
    "Instruction-set levels built beside the base library: any of x86-64-v3;x86-64-v4, or empty")

# arranger_add_plugin(<name> <source>...
#                     [LIBRARIES <library>...]             beyond the C and C++ runtimes
#                     [INCLUDE_DIRECTORIES <directory>...]
#                     [OUTPUT_DIRECTORY <directory>])      default: the current binary directory
#
# Beside the library lies <name>.plugin.json, which says what its plugins are, so that a list of plugins opens nothing. It
# is written by arranger-describe, the engine's, which ARRANGER_DESCRIBE names, or which the project has installed with
# @arranger/engine; without it, or for another system, there is no such file.
#
# Makes the target <name>, the loadable library <directory>/<name>.so (.dylib, .dll), and on x86-64 one target
# <name>-<level> per entry of ARRANGER_ISA_LEVELS, <directory>/<level>/<name>.so. Building <name> builds them all, so
# that no level is ever left stale. ARRANGER_BUILD_ID, if set, goes into the stamp before the level's name.
function(arranger_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "OUTPUT_DIRECTORY" "LIBRARIES;INCLUDE_DIRECTORIES")
  set(sources ${arg_UNPARSED_ARGUMENTS})
  if(NOT sources)
    message(FATAL_ERROR "arranger_add_plugin(${name}): no sources were given")
  endif()
  if(DEFINED arg_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "arranger_add_plugin(${name}): no value after ${arg_KEYWORDS_MISSING_VALUES}")
  endif()
  if(NOT arg_OUTPUT_DIRECTORY)
    set(arg_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}")
  endif()
  get_filename_component(directory "${arg_OUTPUT_DIRECTORY}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_BINARY_DIR}")

  _arranger_check_levels(levels)
  _arranger_plugin_library(${name} ${name} "" "${directory}")
  foreach(level IN LISTS levels)
    _arranger_plugin_library(${name}-${level} ${name} ${level} "${directory}/${level}")
    add_dependencies(${name} ${name}-${level})
  endforeach()

  _arranger_describe(${name} "${directory}")

  # A level that is no longer built would still be opened in place of the fresh base library.
  get_target_property(suffix ${name} SUFFIX)
  foreach(level IN ITEMS x86-64-v3 x86-64-v4)
    if(NOT level IN_LIST levels)
      file(REMOVE "${directory}/${level}/${name}${suffix}")
    endif()
  endforeach()
endfunction()

# Lets the building of <name> end with its description.
function(_arranger_describe name directory)
  set(sidecar "${directory}/${name}.plugin.json")
  _arranger_find_describe(program)
  if(NOT program)
    file(REMOVE "${sidecar}")  # one from before would say what is no longer so
    return()
  endif()
  if(TARGET arranger-describe)
    add_dependencies(${name} arranger-describe)
  endif()
  add_custom_command(TARGET ${name} POST_BUILD VERBATIM BYPRODUCTS "${sidecar}"
    COMMAND "${CMAKE_COMMAND}" "-DDESCRIBE=${program}" "-DLIBRARY=$<TARGET_FILE:${name}>"
            -P "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/ArrangerDescribe.cmake")
endfunction()

# The program that describes libraries; empty when there is none that could open what is built here.
function(_arranger_find_describe result)
  if(CMAKE_CROSSCOMPILING)
    set(program "")
  elseif(TARGET arranger-describe)
    set(program "$<TARGET_FILE:arranger-describe>")
  elseif(DEFINED ARRANGER_DESCRIBE)
    set(program "${ARRANGER_DESCRIBE}")
  else()
    get_property(asked GLOBAL PROPERTY ARRANGER_DESCRIBE_ASKED)
    if(NOT asked)
      execute_process(COMMAND node "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/find_describe.cjs"
        WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}" OUTPUT_VARIABLE found ERROR_QUIET)
      set_property(GLOBAL PROPERTY ARRANGER_DESCRIBE_ASKED TRUE)
      set_property(GLOBAL PROPERTY ARRANGER_DESCRIBE_FOUND "${found}")
    endif()
    get_property(program GLOBAL PROPERTY ARRANGER_DESCRIBE_FOUND)
  endif()
  set(${result} "${program}" PARENT_SCOPE)
endfunction()

# The levels of ARRANGER_ISA_LEVELS that this compiler builds for this processor; an unknown name is an error.
function(_arranger_check_levels result)
  set(levels "")
  foreach(level IN LISTS ARRANGER_ISA_LEVELS)
    if(NOT level MATCHES "^x86-64-v[34]$")
      message(FATAL_ERROR "ARRANGER_ISA_LEVELS: expected x86-64-v3 or x86-64-v4 but received '${level}'")
    endif()
    _arranger_compiler_has("-march=${level}" has)
    if(has)
      list(APPEND levels ${level})
    endif()
  endforeach()
  list(REMOVE_DUPLICATES levels)
  set(${result} "${levels}" PARENT_SCOPE)
endfunction()

# Whether every enabled language's compiler takes a flag; on x86-64 with GCC or Clang only.
function(_arranger_compiler_has flag result)
  set(${result} FALSE PARENT_SCOPE)
  if(MSVC OR CMAKE_OSX_ARCHITECTURES MATCHES "arm64")
    return()
  endif()
  string(MAKE_C_IDENTIFIER "ARRANGER_HAS${flag}" variable)
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  # The compiler is asked, not CMAKE_SYSTEM_PROCESSOR: that is the host's name even for a 32-bit or cross build.
  set(source "#if !defined(__x86_64__) || !defined(__AVX2__)\n#error\n#endif\nint main(void) { return 0; }\n")
  set(CMAKE_REQUIRED_FLAGS "${flag}")
  set(CMAKE_REQUIRED_QUIET TRUE)
  foreach(language IN ITEMS C CXX)
    if(language IN_LIST languages)
      if(language STREQUAL "C")
        include(CheckCSourceCompiles)
        check_c_source_compiles("${source}" ${variable}_C)
      else()
        include(CheckCXXSourceCompiles)
        check_cxx_source_compiles("${source}" ${variable}_CXX)
      endif()
      if(NOT ${variable}_${language})
        return()
      endif()
    endif()
  endforeach()
  set(${result} TRUE PARENT_SCOPE)
endfunction()

# One library of one level. Reads `sources`, `arg_LIBRARIES` and `arg_INCLUDE_DIRECTORIES` of arranger_add_plugin.
function(_arranger_plugin_library target name level directory)
  add_library(${target} MODULE ${sources})
  target_link_libraries(${target} PRIVATE Arranger::PluginSDK ${arg_LIBRARIES})
  target_include_directories(${target} PRIVATE ${arg_INCLUDE_DIRECTORIES})
  if(WIN32)
    set(suffix ".dll")
  elseif(APPLE)
    set(suffix ".dylib")
  else()
    set(suffix ".so")
  endif()
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME "${name}" PREFIX "" SUFFIX "${suffix}" DEBUG_POSTFIX ""
    # The empty generator expression keeps multi-configuration generators from adding a folder per configuration.
    LIBRARY_OUTPUT_DIRECTORY "${directory}$<0:>"
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)

  set(build_id "${ARRANGER_BUILD_ID} ${level}")
  string(STRIP "${build_id}" build_id)
  string(SUBSTRING "${build_id}" 0 31 build_id)
  target_compile_definitions(${target} PRIVATE "ARR_BUILD_ID=\"${build_id}\"")
  if(level)
    target_compile_options(${target} PRIVATE "-march=${level}")
  endif()
  _arranger_plugin_compile_options(${target})
  _arranger_plugin_link_options(${target})
endfunction()

# Options of a target come after the flags of the build type, so these win whatever the build type says or whether
# there is one. Contraction would let a level, or a loop's remainder, round differently from the rest. errno and
# floating-point traps are not for audio code; without them square roots and branches vectorise, to the same values.
function(_arranger_plugin_compile_options target)
  if(MSVC)
    target_compile_options(${target} PRIVATE /W4 /utf-8 $<$<NOT:$<CONFIG:Debug>>:/O2>)
    return()
  endif()
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wdouble-promotion -ffp-contract=off
    "$<$<NOT:$<CONFIG:Debug>>:-O3;-fno-math-errno;-fno-trapping-math>"
    # Unique symbols keep a closed library mapped and let two versions of it share their statics.
    "$<$<OR:$<C_COMPILER_ID:GNU>,$<CXX_COMPILER_ID:GNU>>:-fno-gnu-unique>")
endfunction()

# Exactly the entry and the stamp leave the library, and nothing is left undefined for another library to fill in.
function(_arranger_plugin_link_options target)
  set(dir "${CMAKE_CURRENT_FUNCTION_LIST_DIR}")
  if(WIN32)
    target_sources(${target} PRIVATE "${dir}/exports.def")
  elseif(APPLE)
    target_link_options(${target} PRIVATE "LINKER:-exported_symbols_list,${dir}/exports.txt")
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${dir}/exports.txt")
  else()
    target_link_options(${target} PRIVATE "LINKER:--version-script=${dir}/exports.map" LINKER:-Bsymbolic)
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${dir}/exports.map")
    # Clang's sanitizers are defined by the executable, not by a library that could be named here.
    get_directory_property(options COMPILE_OPTIONS)
    if(NOT "${CMAKE_C_FLAGS} ${CMAKE_CXX_FLAGS} ${options} ${CMAKE_CXX_COMPILER_ID}" MATCHES "-fsanitize.* .*Clang")
      target_link_options(${target} PRIVATE LINKER:-z,defs)
    endif()
  endif()
  if(CMAKE_NM AND NOT WIN32)
    add_custom_command(TARGET ${target} POST_BUILD VERBATIM
      COMMAND "${CMAKE_COMMAND}" "-DLIBRARY=$<TARGET_FILE:${target}>" "-DNM=${CMAKE_NM}" "-DAPPLE_NM=${APPLE}"
              -P "${dir}/ArrangerCheckSymbols.cmake")
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${dir}/ArrangerCheckSymbols.cmake")
  endif()
endfunction()
