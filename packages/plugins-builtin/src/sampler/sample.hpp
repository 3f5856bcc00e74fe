// SPDX-License-Identifier: MIT
// A sample in memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace arranger::sampler {

// Planar channels with zeros before and after, so that an interpolator may read beyond the ends.
struct Sample {
  static constexpr int padding = 128;                    // frames, at either end
  static constexpr std::int64_t max_frames = 1LL << 28;  // 93 minutes at 48 kHz
  std::array<std::vector<float>, 2> padded;

  int channel_count = 0;
  std::int64_t frames = 0;
  double sample_rate = 0;  // Hz

  // [audio] Frame 0 of a channel; -padding .. frames + padding - 1 may be read.
  const float *channel(int index) const { return padded[static_cast<std::size_t>(index)].data() + padding; }

  // [control] Makes room for so much silence. Why a file cannot be a sample, or "".
  std::string resize(int channels, std::int64_t count, double rate);
  // [control] Whether the value is a finite number, which is then kept.
  bool set(int c, std::int64_t frame, float value);
};

// [control] Reads a whole file; integers become -1 .. 1. Returns why it cannot, or "". Natively WAV, AIFF, FLAC, Ogg and
// what else libsndfile knows; in a WebAssembly module WAV.
std::string load(const std::string &path, Sample &sample);

}  // namespace arranger::sampler
