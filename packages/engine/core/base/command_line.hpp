// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace arranger {

// What stands behind the program's name, as UTF-8 on every system.
std::vector<std::string> command_line(int count, char **values);

}  // namespace arranger
