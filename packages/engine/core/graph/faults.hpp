// SPDX-License-Identifier: MIT
// What is said of a plugin that failed.
#pragma once

#include <cstdint>
#include <string>

#include "graph/steps.hpp"
#include "plugin/instance.hpp"

namespace arranger {

// "crashed in process by SIGSEGV": goes on after the node's name. Any thread but [audio].
std::string fault_text(Fault fault, const Interruption &how);

// Whether it can be heard again as it is; else nothing of it may be called, and what it held stays locked.
inline bool is_final(Fault fault) { return fault == Fault::crashed || fault == Fault::stuck; }

// The number of a failure, another each time. Any thread.
std::uint32_t next_failure();

}  // namespace arranger
