// SPDX-License-Identifier: MIT
// The device of a WebAssembly module is its host: it asks for sound when it wants some, on the thread that does all else.
#pragma once

#include "device/device.hpp"

namespace arranger {

// Fills the block with what plays now, or with silence. `late`: sound was lost since the last call. [audio]
void play_on_host(const AudioBlock &block, bool late);

// The device that plays now: its rate and the frames that it was opened with; a host without a rate of its own plays by
// these. Zeros while nothing is live. [control]
struct HostPace {
  std::int32_t sample_rate = 0, block_size = 0;
};
HostPace host_pace();

// A host that has a rate (an AudioContext) says so once, before anything plays. [control]
void set_host_rate(std::int32_t sample_rate);

}  // namespace arranger
