// SPDX-License-Identifier: MIT
#include "plugin/stand_in.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace arranger {
namespace {

// The outputs of a plugin, as its process struct has them.
struct Outputs {
  std::vector<std::size_t> channels, ports;

  explicit Outputs(const std::vector<Port> &all) {
    std::size_t channel = 0;
    for (std::size_t p = 0; p < all.size(); ++p) {
      const bool is_filled = all[p].is_output() && !all[p].is_event() && !all[p].is_monitor();
      if (is_filled) ports.push_back(p);
      for (int c = 0; c < all[p].channels(); ++c, ++channel)
        if (is_filled) channels.push_back(channel);
    }
  }
};

// The factory is part of its entry, so it lives as long.
struct StandIn : PluginEntry {
  Outputs outputs;
  arr_factory made_by{sizeof(arr_factory), 0, this, create};

  explicit StandIn(Descriptor of) : PluginEntry{std::move(of), nullptr, nullptr, {}, 0}, outputs(descriptor.ports) {
    factory = &made_by;
  }

  static arr_process_status process(arr_plugin *plugin, const arr_process *block) {
    const Outputs &outputs = static_cast<const StandIn *>(plugin->self)->outputs;
    for (const std::size_t channel : outputs.channels) std::fill_n(block->channels[channel], block->frames, 0.0f);
    for (const std::size_t port : outputs.ports) *block->hints[port] |= ARR_HINT_SILENT;
    return ARR_PROCESS_SLEEP;
  }

  static arr_plugin *create(const arr_factory *factory, const arr_host *) {
    auto *plugin = new arr_plugin{};
    plugin->struct_size = sizeof(arr_plugin);
    plugin->self = factory->self;
    plugin->destroy = [](arr_plugin *self) { delete self; };
    plugin->configure = [](arr_plugin *, const char *, const arr_config_value *) -> arr_status {
      return ARR_STATUS_OK;
    };
    plugin->activate = [](arr_plugin *, arr_activation *) -> arr_status { return ARR_STATUS_OK; };
    plugin->deactivate = [](arr_plugin *) {};
    plugin->reset = [](arr_plugin *) {};
    plugin->process = process;
    return plugin;
  }
};

}  // namespace

std::shared_ptr<const PluginEntry> make_stand_in(Descriptor descriptor) {
  return std::make_shared<const StandIn>(std::move(descriptor));
}

}  // namespace arranger
