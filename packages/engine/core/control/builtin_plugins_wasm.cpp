// SPDX-License-Identifier: MIT
// The built-in plugins are linked in. Their build defines the list, see wasm/CMakeLists.txt.
#include "control/plugins.hpp"

namespace arranger {

std::span<const LinkedLibrary> linked_libraries();

const LoadReport &load_builtin_plugins() {
  static const LoadReport report = Registry::instance().load_linked(linked_libraries());
  return report;
}

}  // namespace arranger
