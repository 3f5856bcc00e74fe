// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace arranger {

// Counts what has changed in registries, so that what was found out from one can be kept until then. Any thread.
std::uint64_t registry_version();

}  // namespace arranger
