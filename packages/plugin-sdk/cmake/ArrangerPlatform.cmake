# SPDX-License-Identifier: MIT
# ARRANGER_PLATFORM: the system and processor that is built for, as process.platform and process.arch of Node.js name them.
cmake_policy(VERSION 3.20...3.31)

# CMAKE_SYSTEM_PROCESSOR is the host's where one compiler builds for several.
set(_arranger_arch "${CMAKE_SYSTEM_PROCESSOR}")
if(APPLE AND CMAKE_OSX_ARCHITECTURES)
  list(GET CMAKE_OSX_ARCHITECTURES 0 _arranger_arch)
elseif(MSVC)
  set(_arranger_arch "${MSVC_CXX_ARCHITECTURE_ID}${MSVC_C_ARCHITECTURE_ID}")
endif()
string(TOLOWER "${_arranger_arch}" _arranger_arch)
if(_arranger_arch MATCHES "^(x86_64|amd64|x64)")
  set(_arranger_arch "x64")
elseif(_arranger_arch MATCHES "^(aarch64|arm64)")
  set(_arranger_arch "arm64")
endif()

if(WIN32)
  set(ARRANGER_PLATFORM "win32-${_arranger_arch}")
else()
  string(TOLOWER "${CMAKE_SYSTEM_NAME}" ARRANGER_PLATFORM)
  string(APPEND ARRANGER_PLATFORM "-${_arranger_arch}")
endif()
unset(_arranger_arch)
