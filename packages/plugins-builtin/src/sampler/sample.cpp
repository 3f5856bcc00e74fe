// SPDX-License-Identifier: MIT
#include "sample.hpp"

#include <cmath>

namespace arranger::sampler {

std::string Sample::resize(int channels, std::int64_t count, double rate) {
  if (channels < 1 || channels > 2) return "it has " + std::to_string(channels) + " channels, and 1 or 2 are expected";
  if (count < 1) return "it holds no frames";
  if (count > max_frames)
    return "it holds " + std::to_string(count) + " frames, and at most " + std::to_string(max_frames) + " are expected";
  channel_count = channels;
  frames = count;
  sample_rate = rate;
  for (int c = 0; c < channels; ++c)
    padded[static_cast<std::size_t>(c)].assign(static_cast<std::size_t>(count + 2 * padding), 0);
  return "";
}

bool Sample::set(int c, std::int64_t frame, float value) {
  if (!std::isfinite(value)) return false;
  padded[static_cast<std::size_t>(c)][static_cast<std::size_t>(padding + frame)] = value;
  return true;
}

}  // namespace arranger::sampler
