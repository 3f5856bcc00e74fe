// SPDX-License-Identifier: MIT
#include "plugin/instance.hpp"

#include "plugin/guard.hpp"
#include "plugin/host.hpp"

namespace arranger {

Result<std::unique_ptr<Instance>> Instance::create(std::shared_ptr<const PluginEntry> entry,
                                                   std::span<const ConfigSetting> config) {
  const std::string &who = entry->descriptor.id;
  auto plugin = guard::create(*entry->factory, plugin_host(), who);
  if (!plugin) return std::unexpected(plugin.error());
  std::unique_ptr<Instance> instance(new Instance(entry, *plugin));
  for (const ConfigSetting &setting : config) {
    arr_config_value value{};
    value.struct_size = sizeof(value);
    if (const auto *text = std::get_if<std::string>(&setting.value)) {
      value.text = text->c_str();
      value.length = static_cast<std::uint32_t>(text->size());
    } else {
      value.number = std::get<double>(setting.value);
    }
    if (auto done = guard::configure(**plugin, setting.id.c_str(), value, who); !done)
      return std::unexpected(done.error());
  }
  auto ports = guard::ports(**plugin, who);
  if (!ports) return std::unexpected(ports.error());
  if (ports->data() == nullptr) {
    instance->ports_ = entry->descriptor.ports;
    return instance;
  }
  auto copied = read_ports(ports->data(), static_cast<std::uint32_t>(ports->size()), who);
  if (!copied) return std::unexpected(copied.error());
  instance->ports_ = std::move(*copied);
  return instance;
}

Result<void> Instance::activate(double sample_rate, std::int32_t max_frames, bool offline, std::uint64_t seed) {
  arr_activation activation{};
  activation.struct_size = sizeof(activation);
  activation.max_frames = max_frames;
  activation.sample_rate = sample_rate;
  activation.seed = seed;
  activation.offline = offline ? 1 : 0;
  const std::string &who = entry_->descriptor.id;
  if (auto done = guard::activate(*plugin_, activation, who); !done) return done;
  active_ = true;
  latency_frames_ = activation.latency_frames;
  tail_frames_ = activation.tail_frames;
  return guard::reset(*plugin_, who);
}

// What a plugin throws here has no one left to hear it; the guard keeps it from the engine.
Instance::~Instance() {
  const std::string &who = entry_->descriptor.id;
  if (active_) static_cast<void>(guard::deactivate(*plugin_, who));
  static_cast<void>(guard::destroy(*plugin_, who));
}

}  // namespace arranger
