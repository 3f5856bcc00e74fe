# SPDX-License-Identifier: MIT
# The version is the one that plugin.h states: ARR_SDK_VERSION, major << 16 | minor << 8 | patch.
file(STRINGS "${CMAKE_CURRENT_LIST_DIR}/../include/arranger/plugin.h" _arranger_line REGEX "#define ARR_SDK_VERSION ")
string(REGEX MATCH "0x[0-9a-fA-F]+" _arranger_packed "${_arranger_line}")
math(EXPR _arranger_major "(${_arranger_packed} >> 16) & 255")
math(EXPR _arranger_minor "(${_arranger_packed} >> 8) & 255")
math(EXPR _arranger_patch "${_arranger_packed} & 255")
set(PACKAGE_VERSION "${_arranger_major}.${_arranger_minor}.${_arranger_patch}")

# A request is met by the same major version (before 1.0: the same minor version) that is not older.
set(PACKAGE_VERSION_COMPATIBLE FALSE)
set(PACKAGE_VERSION_EXACT FALSE)
if(PACKAGE_FIND_VERSION VERSION_EQUAL PACKAGE_VERSION)
  set(PACKAGE_VERSION_EXACT TRUE)
endif()
if(NOT PACKAGE_FIND_VERSION VERSION_GREATER PACKAGE_VERSION
    AND "${PACKAGE_FIND_VERSION_MAJOR}" STREQUAL "${_arranger_major}"
    AND (_arranger_major GREATER 0 OR "${PACKAGE_FIND_VERSION_MINOR}" STREQUAL "${_arranger_minor}"))
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
endif()
