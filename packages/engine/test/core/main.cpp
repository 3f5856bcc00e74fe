// SPDX-License-Identifier: MIT
// Its handlers of signals would come over the engine's, with which it survives plugins that crash.
#define DOCTEST_CONFIG_NO_POSIX_SIGNALS
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "fixtures.hpp"

// What these tests find out about libraries is nobody else's: the cache is their own, and empty at the start.
int main(int count, char **values) {
  const arranger::test::TemporaryFolder cache;
  const arranger::test::Environment own("ARRANGER_CACHE_DIR", cache.path().string());
  return doctest::Context(count, values).run();
}
