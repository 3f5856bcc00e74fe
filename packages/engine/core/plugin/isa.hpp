// SPDX-License-Identifier: MIT
// Instruction-set levels: one library, several builds beside each other, as glibc-hwcaps has them.
#pragma once

#include <string>
#include <vector>

namespace arranger {

// The folders that may hold a faster build of a library, best first: those of the levels that this processor has, or of
// the level that $ARRANGER_ISA names and those below it ("base": none). Any thread.
std::vector<std::string> isa_folders();

}  // namespace arranger
