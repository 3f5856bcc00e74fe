// SPDX-License-Identifier: MIT
#include "plugin/audio_input.hpp"

#include <algorithm>

#include "plugin/registry.hpp"
#include "plugin/shown_transport.hpp"

namespace arranger {
namespace {

struct AudioInput : arr_plugin {
  bool offline = false;
};

arr_status activate(arr_plugin *plugin, arr_activation *activation) {
  static_cast<AudioInput *>(plugin)->offline = activation->offline != 0;
  return ARR_STATUS_OK;
}

// One channel goes to both sides. What a render hears is silence, so that it is the same every time.
arr_process_status process(arr_plugin *plugin, const arr_process *block) {
  const auto &inputs = reinterpret_cast<const ShownTransport *>(block->transport)->inputs;
  const bool is_silent = static_cast<AudioInput *>(plugin)->offline || !inputs.channels || inputs.count == 0;
  for (const int side : {0, 1}) {
    float *out = block->channels[side];
    if (is_silent) std::fill_n(out, block->frames, 0.0f);
    else
      std::copy_n(inputs.channels[std::min(side, inputs.count - 1)] + (block->steady_frame - inputs.begins),
                  block->frames, out);
  }
  if (!is_silent) return ARR_PROCESS_CONTINUE;
  *block->hints[0] |= ARR_HINT_SILENT;
  return static_cast<AudioInput *>(plugin)->offline ? ARR_PROCESS_SLEEP : ARR_PROCESS_CONTINUE;  // it may still come
}

arr_plugin *create(const arr_factory *, const arr_host *) {
  auto *plugin = new AudioInput{};
  plugin->struct_size = sizeof(arr_plugin);
  plugin->destroy = [](arr_plugin *self) { delete static_cast<AudioInput *>(self); };
  plugin->configure = [](arr_plugin *, const char *, const arr_config_value *) -> arr_status {
    return ARR_STATUS_INVALID;
  };
  plugin->activate = activate;
  plugin->deactivate = [](arr_plugin *) {};
  plugin->reset = [](arr_plugin *) {};
  plugin->process = process;
  return plugin;
}

constexpr arr_factory factory = {sizeof(arr_factory), 0, nullptr, create};

PluginEntry make_entry() {
  Port out;
  out.id = "audio_out";
  out.display_name = "Audio Out";
  out.type = ARR_PORT_TYPE_AUDIO_STEREO;
  out.role = ARR_PORT_ROLE_OUTPUT;
  PluginEntry entry{{}, &factory, nullptr, {}};
  entry.descriptor.id = audio_input_type;
  entry.descriptor.display_name = "Audio Input";
  entry.descriptor.doc = "What comes in from the device, where it was opened with its input; in a render silence.";
  entry.descriptor.license = "MIT";
  entry.descriptor.ports = {out};
  return entry;
}

}  // namespace

const std::shared_ptr<const PluginEntry> &audio_input_entry() {
  static const auto &entry = *new std::shared_ptr<const PluginEntry>(std::make_shared<const PluginEntry>(make_entry()));
  return entry;
}

}  // namespace arranger
