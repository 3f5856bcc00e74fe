// SPDX-License-Identifier: MIT
// The one plugin that is part of the engine: audio_input, which plays what comes in from the device.
#pragma once

#include <memory>

namespace arranger {

struct PluginEntry;

inline constexpr const char *audio_input_type = "audio_input";

const std::shared_ptr<const PluginEntry> &audio_input_entry();

}  // namespace arranger
