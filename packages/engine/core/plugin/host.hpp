// SPDX-License-Identifier: MIT
// The engine as plugins see it: one arr_host for the whole process.
#pragma once

#include <string>

#include "arranger/plugin.h"

namespace arranger {

// Lives as long as the process. Any thread.
const arr_host &plugin_host();

// What plugins told report_error on this thread since the last call; empty when nothing. A guarded call (guard.hpp)
// takes it itself. Any thread.
std::string take_reported_error();

}  // namespace arranger
