# SPDX-License-Identifier: MIT
# Works from the folder of the npm package as it is: nothing is built or installed.
#   find_package(ArrangerPluginSDK CONFIG REQUIRED PATHS <cmakeDir>)
# gives the target Arranger::PluginSDK (headers), the function arranger_add_plugin(), and ARRANGER_PLATFORM, the platform that
# is built for as Node.js names it (linux-x64): the folder of its libraries in an npm package.
cmake_policy(VERSION 3.20...3.31)
include("${CMAKE_CURRENT_LIST_DIR}/ArrangerAddPlugin.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/ArrangerPlatform.cmake")

get_filename_component(ArrangerPluginSDK_INCLUDE_DIR "${CMAKE_CURRENT_LIST_DIR}/../include" ABSOLUTE)

if(NOT TARGET Arranger::PluginSDK)
  add_library(Arranger::PluginSDK INTERFACE IMPORTED GLOBAL)
  target_include_directories(Arranger::PluginSDK INTERFACE "${ArrangerPluginSDK_INCLUDE_DIR}")
  # A feature of a language that the project did not enable would be an error.
  get_property(_arranger_languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if("C" IN_LIST _arranger_languages)
    target_compile_features(Arranger::PluginSDK INTERFACE c_std_11)
  endif()
  if("CXX" IN_LIST _arranger_languages)
    target_compile_features(Arranger::PluginSDK INTERFACE cxx_std_20)
  endif()
  unset(_arranger_languages)
endif()
