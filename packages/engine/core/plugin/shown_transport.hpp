// SPDX-License-Identifier: MIT
// The transport as plugins are shown it, and behind it what only the engine's own plugins read: it is the one thing of a
// plan's owner that reaches a plugin. Whoever runs a plan with audio_input or an isolated node in it shows this.
#pragma once

#include <chrono>
#include <cstdint>

#include "arranger/plugin.h"
#include "base/tempo_segments.hpp"

namespace arranger {

// What a block came with. [audio]
struct AudioInputs {
  const float *const *channels = nullptr;  // one pointer each; null: none
  std::int32_t count = 0;
  std::int64_t begins = 0;  // the steady frame of their first sample
};

// How long the isolated nodes of one block may be waited for, all together. [audio]
struct BlockLimit {
  std::uint64_t block = 0;  // counts the device's blocks; 0: nobody waits for the sound
  std::chrono::steady_clock::time_point deadline{};
};

struct ShownTransport {
  arr_transport shown{};
  AudioInputs inputs;
  TempoSegments tempo;
  BlockLimit limit;
};

// arr_transport.frame_of_beat of every ShownTransport. [audio]
inline std::int64_t frame_of_beat(const arr_transport *transport, double beat) {
  return reinterpret_cast<const ShownTransport *>(transport)->tempo.frame(beat);
}

}  // namespace arranger
