// SPDX-License-Identifier: MIT
// What a library adds when it is registered: used by the engine and, before that, by the probe.
#include <algorithm>
#include <cstddef>
#include <optional>

#include "plugin/guard.hpp"
#include "plugin/host.hpp"
#include "plugin/library.hpp"

namespace arranger {
namespace {

struct Collector {
  arr_registry registry;  // first, so that its address is the collector's
  std::string_view name;
  std::vector<PluginClass> plugins;
  std::optional<Error> error;  // the first one
};

bool is_usable(const arr_factory *factory) {
  return factory && factory->struct_size >= offsetof(arr_factory, create) + sizeof factory->create && factory->create;
}

arr_status refuse(Collector &collector, arr_status status, Code code, const std::string &text) {
  if (!collector.error) collector.error = Error{code, std::string(collector.name) + ": " + text};
  return status;
}

arr_status add(arr_registry *registry, const arr_descriptor *source, const arr_factory *factory) {
  if (!registry) return ARR_STATUS_INVALID;
  auto &collector = *reinterpret_cast<Collector *>(registry);
  if (!source) return refuse(collector, ARR_STATUS_INVALID, Code::plugin_load_failed, "it adds a null descriptor");
  auto descriptor = read_descriptor(*source);
  if (!descriptor) return refuse(collector, ARR_STATUS_INVALID, descriptor.error().code, descriptor.error().message);
  if (!is_usable(factory)) {
    return refuse(collector, ARR_STATUS_INVALID, Code::plugin_load_failed,
                  descriptor->id + " has no factory that can create it");
  }
  const auto same_id = [&](const PluginClass &plugin) { return plugin.descriptor.id == descriptor->id; };
  if (std::ranges::any_of(collector.plugins, same_id)) {
    return refuse(collector, ARR_STATUS_DUPLICATE, Code::duplicate_id, "it adds " + descriptor->id + " twice");
  }
  collector.plugins.push_back({std::move(*descriptor), factory});
  return ARR_STATUS_OK;
}

}  // namespace

Result<std::vector<PluginClass>> collect_plugins(const Module &module, std::string_view name) {
  const auto entry = reinterpret_cast<guard::Entry>(module.symbol("register_plugin"));
  if (!entry) return fail(Code::plugin_load_failed, std::string(name) + " does not export register_plugin");
  return collect_plugins(entry, name);
}

Result<std::vector<PluginClass>> collect_plugins(guard::Entry entry, std::string_view name) {
  Collector collector = {{sizeof(arr_registry), 0, &plugin_host(), add}, name, {}, {}};
  auto registered = guard::register_plugin(entry, collector.registry, name);
  // What add refused is the cause; the status that the library made of it is the consequence.
  if (collector.error) return std::unexpected(std::move(*collector.error));
  if (!registered) return std::unexpected(std::move(registered.error()));
  if (collector.plugins.empty()) return fail(Code::plugin_load_failed, std::string(name) + " adds no plugin");
  return std::move(collector.plugins);
}

}  // namespace arranger
