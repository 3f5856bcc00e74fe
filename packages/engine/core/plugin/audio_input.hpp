// SPDX-License-Identifier: MIT
// The one plugin that is part of the engine: audio_input, which plays what comes in from the device.
#pragma once

#include <cstdint>
#include <memory>

#include "arranger/plugin.h"

namespace arranger {

struct PluginEntry;

inline constexpr const char *audio_input_type = "audio_input";

// What a block came with. [audio]
struct AudioInputs {
  const float *const *channels = nullptr;  // one pointer each; null: none
  std::int32_t count = 0;
  std::int64_t begins = 0;  // the steady frame of their first sample
};

// The transport as plugins are shown it, and behind it what is for audio_input only: it is the one thing of a plan's owner
// that reaches a plugin. Whoever runs a plan with that plugin in it shows this.
struct ShownTransport {
  arr_transport shown{};
  AudioInputs inputs;
};

const std::shared_ptr<const PluginEntry> &audio_input_entry();

}  // namespace arranger
