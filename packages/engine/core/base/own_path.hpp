// SPDX-License-Identifier: MIT
// Where this code lies on disk: what ships beside the addon or the server is found from here.
#pragma once

#include <filesystem>

namespace arranger {

// The file of the module (addon, server, test program) that this code is linked into; empty when the system does not
// say. Any thread.
const std::filesystem::path &own_path();

}  // namespace arranger
