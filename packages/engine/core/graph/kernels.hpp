// SPDX-License-Identifier: MIT
// The loops over samples that every plan runs, built once per instruction-set level and chosen when the program starts. Each
// level gives the same bits: what is added has one order, whatever the width of the processor's vectors.
#pragma once

#include <cstdint>
#include <span>

namespace arranger {

// One of several signals that are summed.
struct MixSource {
  const float *samples;
  float gain;
};

// A map of a control signal and how it moves a parameter.
struct Modulation {
  double offset, scale;
  double amount;
  bool replaces;  // what was there, or is added to it
};

struct Loudness {
  float peak;      // of the samples' absolute values
  double squares;  // their sum
};

// [audio] All of them. Buffers begin anywhere; `out` may be one of the sources, from its first frame on.
struct Kernels {
  static constexpr std::int32_t most_sources = 8;
  // out = ((start + gain source) + gain source) + …, in their order; `start` is `out` where that is to be `added` to, else 0, so
  // that no sum is ever -0. `count`: 1 .. most_sources.
  void (*sum)(float *out, const MixSource *sources, std::int32_t count, bool added, std::int32_t frames);
  // Each of `channels`, 1 or 2: to = (from gain0) gain1 …, each product rounded and kept within the finite numbers. What comes in
  // is finite. `to` may be `from`, whichever channel.
  void (*scale)(const float *const *from, float *const *to, std::int32_t channels, const float *gains,
                std::int32_t count, std::int32_t frames);
  // The same of one gain with a value for each frame, and of one channel.
  void (*multiply)(const float *from, const float *gains, float *to, std::int32_t frames);
  // Whether none is NaN or infinite.
  bool (*finite)(const float *samples, std::int32_t frames);
  Loudness (*measure)(const float *samples, std::int32_t frames);
  void (*modulate)(float *values, const float *source, const Modulation &modulation, std::int32_t frames);
  void (*clamp)(float *values, float min, float max, std::int32_t frames);
  // out[i] = start + slope (passed + i), worked out in double.
  void (*line)(float *out, double start, double slope, double passed, std::int32_t frames);
};

// Those of the level that $ARRANGER_ISA names, or of the best that the processor has: as isa_folders() has it for plugins.
extern const Kernels kernels;

// For tests: those that were built and that this processor can run.
struct KernelLevel {
  const char *name;  // "base", "x86-64-v3", …
  const Kernels *kernels;
};
std::span<const KernelLevel> kernel_levels();

}  // namespace arranger
