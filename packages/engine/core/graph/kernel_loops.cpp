// SPDX-License-Identifier: MIT
// Compiled once per level, each time under another name of what it defines. Everything else is of this file alone, and no
// inline function of any header is called: the linker would keep one for all levels, and it might be that of the highest.
#include "graph/kernels.hpp"

#include <cstring>

#if !defined(ARRANGER_KERNELS)
#define ARRANGER_KERNELS kernels_base
#endif

namespace arranger {
namespace {

// Each frame stands alone, which the compiler cannot see: an output may be the memory of an input.
template <class F>
void each_frame(std::int32_t frames, F f) {
#if defined(__clang__)
#pragma clang loop vectorize(assume_safety)
#elif defined(__GNUC__)
#pragma GCC ivdep
#elif defined(_MSC_VER)
#pragma loop(ivdep)
#endif
  for (std::int32_t i = 0; i < frames; ++i) f(i);
}

template <int... n>
void sum_of(float *out, const MixSource *sources, bool added, std::int32_t frames) {
  const float *const samples[] = {sources[n].samples...};
  const float gains[] = {sources[n].gain...};
  if (added) each_frame(frames, [=](std::int32_t i) { out[i] = (out[i] + ... + (gains[n] * samples[n][i])); });
  else each_frame(frames, [=](std::int32_t i) { out[i] = (0.0f + ... + (gains[n] * samples[n][i])); });
}

void sum(float *out, const MixSource *sources, std::int32_t count, bool added, std::int32_t frames) {
  if (count == 1) sum_of<0>(out, sources, added, frames);
  else if (count == 2) sum_of<0, 1>(out, sources, added, frames);
  else if (count == 3) sum_of<0, 1, 2>(out, sources, added, frames);
  else sum_of<0, 1, 2, 3>(out, sources, added, frames);
}

std::uint32_t bits_of(float x) {
  std::uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

// The exponent of a NaN or an infinity is all ones.
bool finite(const float *samples, std::int32_t frames) {
  std::uint32_t bad = 0;
  for (std::int32_t i = 0; i < frames; ++i) bad |= std::uint32_t((bits_of(samples[i]) & 0x7f800000u) == 0x7f800000u);
  return bad == 0;
}

// What this level's processor adds at a time.
#if defined(__AVX__)
using Vector = float __attribute__((vector_size(32)));
#elif defined(__GNUC__)
using Vector = float __attribute__((vector_size(16)));
#else
using Vector = float;
#endif

// In so many lanes at every level: the compiler is not free to reorder a sum, so its order is written down.
constexpr std::int32_t lanes = 16;
constexpr std::int32_t width = sizeof(Vector) / sizeof(float), vectors = lanes / width;

Loudness measure(const float *samples, std::int32_t frames) {
  Vector peaks[vectors] = {}, squares[vectors] = {};
  const auto add = [&](const float *from) {
    for (std::int32_t n = 0; n < vectors; ++n) {
      Vector row;
      std::memcpy(&row, from + n * width, sizeof row);
      const Vector size = row < -row ? -row : row;
      peaks[n] = peaks[n] < size ? size : peaks[n];
      squares[n] += row * row;
    }
  };
  const std::int32_t whole = frames - frames % lanes;
  for (std::int32_t i = 0; i < whole; i += lanes) add(samples + i);
  if (whole < frames) {
    float rest[lanes] = {};
    std::memcpy(rest, samples + whole, static_cast<std::size_t>(frames - whole) * sizeof(float));
    add(rest);
  }
  float peak[lanes], square[lanes];
  std::memcpy(peak, peaks, sizeof peak);
  std::memcpy(square, squares, sizeof square);
  Loudness out{};
  for (std::int32_t lane = 0; lane < lanes; ++lane) {
    out.peak = out.peak < peak[lane] ? peak[lane] : out.peak;
    out.squares += static_cast<double>(square[lane]);
  }
  return out;
}

void modulate(float *values, const float *source, const Modulation &modulation, std::int32_t frames) {
  const auto [offset, scale, amount, replaces] = modulation;
  const auto moved = [=](std::int32_t i) { return offset + scale * static_cast<double>(source[i]); };
  if (replaces) each_frame(frames, [=](std::int32_t i) { values[i] = static_cast<float>(moved(i)); });
  else
    each_frame(frames, [=](std::int32_t i) {
      values[i] = static_cast<float>(static_cast<double>(values[i]) + amount * moved(i));
    });
}

void clamp(float *values, float min, float max, std::int32_t frames) {
  each_frame(frames, [=](std::int32_t i) {
    const float above = values[i] < min ? min : values[i];
    values[i] = max < above ? max : above;
  });
}

void line(float *out, double start, double slope, double passed, std::int32_t frames) {
  each_frame(frames,
             [=](std::int32_t i) { out[i] = static_cast<float>(start + slope * (passed + static_cast<double>(i))); });
}

}  // namespace

extern const Kernels ARRANGER_KERNELS;
const Kernels ARRANGER_KERNELS = {sum, finite, measure, modulate, clamp, line};

}  // namespace arranger
