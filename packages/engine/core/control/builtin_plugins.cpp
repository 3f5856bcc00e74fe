// SPDX-License-Identifier: MIT
#include <cstdlib>

#include "base/file.hpp"
#include "base/own_path.hpp"
#include "control/plugins.hpp"

namespace arranger {

const LoadReport &load_builtin_plugins() {
  static const LoadReport &report = [] -> const LoadReport & {
    const char *chosen = std::getenv("ARRANGER_BUILTIN_PATH");
    return Registry::instance().load_builtins(chosen ? from_utf8(chosen) : own_path().parent_path() / "plugins");
  }();
  return report;
}

}  // namespace arranger
