// SPDX-License-Identifier: MIT
// Its handlers of signals would come over the engine's, with which it survives plugins that crash.
#define DOCTEST_CONFIG_NO_POSIX_SIGNALS
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
