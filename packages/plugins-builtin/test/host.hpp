// SPDX-License-Identifier: MIT
// The harness as a plugin sees it.
#pragma once

#include <arranger/plugin.h>

#include <string>

namespace harness {

const arr_host &host();
// What the last failing call reported.
std::string &last_error();

}  // namespace harness
