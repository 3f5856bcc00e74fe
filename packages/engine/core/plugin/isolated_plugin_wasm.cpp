// SPDX-License-Identifier: MIT
// A WebAssembly module has no processes beside it: no node is isolated.
#include "plugin/isolated_plugin.hpp"

namespace arranger {

namespace {

std::unexpected<Error> no_processes() {
  return fail(Code::plugin_probe_unavailable,
              "Expected no isolated node: this engine is a WebAssembly module, which starts no processes");
}

}  // namespace

Result<std::unique_ptr<IsolatedPlugin>> IsolatedPlugin::create(std::shared_ptr<const PluginEntry>,
                                                               std::span<const ConfigSetting>) {
  return no_processes();
}
IsolatedPlugin::~IsolatedPlugin() = default;
Result<void> IsolatedPlugin::activate(arr_activation &) { return no_processes(); }
bool IsolatedPlugin::has_failed() const { return true; }
std::optional<Error> IsolatedPlugin::failure() const { return no_processes().error(); }
std::size_t IsolatedPlugin::count() { return 0; }
void IsolatedPlugin::remember() {}

}  // namespace arranger
