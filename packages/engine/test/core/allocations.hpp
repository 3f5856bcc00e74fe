// SPDX-License-Identifier: MIT
// Counts what takes memory.
#pragma once

#include <cstdint>

namespace arranger::test {

// How often this thread has called operator new, in any form, plugins included.
std::int64_t allocations();

}  // namespace arranger::test
