// SPDX-License-Identifier: MIT
// <windows.h> without its macros `min` and `max` and without what nobody here uses. Nothing elsewhere.
#pragma once

#if defined(_WIN32)
#if !defined(WIN32_LEAN_AND_MEAN)
#define WIN32_LEAN_AND_MEAN
#endif
#if !defined(NOMINMAX)
#define NOMINMAX
#endif
#include <windows.h>
#endif
