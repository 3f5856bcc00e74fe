// SPDX-License-Identifier: MIT
// Compiled once per level, each time under another name of what it defines. Everything else is of this file alone, and no
// inline function of any header is called: the linker would keep one for all levels, and it might be that of the highest.
#include "graph/kernels.hpp"

#include <cstring>
#include <utility>

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

// A factor of 1 changes no bit, so none is applied where all are 1, as most are.
template <std::size_t... n>
void sum_of(float *out, const MixSource *sources, bool added, std::int32_t frames, std::index_sequence<n...>) {
  const float *const samples[] = {sources[n].samples...};
  const float gains[] = {sources[n].gain...};
  if (((gains[n] == 1.0f) && ...)) {
    if (added) each_frame(frames, [=](std::int32_t i) { out[i] = (out[i] + ... + samples[n][i]); });
    else each_frame(frames, [=](std::int32_t i) { out[i] = (0.0f + ... + samples[n][i]); });
    return;
  }
  if (added) each_frame(frames, [=](std::int32_t i) { out[i] = (out[i] + ... + (gains[n] * samples[n][i])); });
  else each_frame(frames, [=](std::int32_t i) { out[i] = (0.0f + ... + (gains[n] * samples[n][i])); });
}

using SumOf = void (*)(float *out, const MixSource *sources, bool added, std::int32_t frames);

template <std::size_t count>
void sum_of_count(float *out, const MixSource *sources, bool added, std::int32_t frames) {
  sum_of(out, sources, added, frames, std::make_index_sequence<count>());
}

void sum(float *out, const MixSource *sources, std::int32_t count, bool added, std::int32_t frames) {
  static constexpr SumOf by_count[Kernels::most_sources] = {sum_of_count<1>, sum_of_count<2>, sum_of_count<3>,
                                                            sum_of_count<4>, sum_of_count<5>, sum_of_count<6>,
                                                            sum_of_count<7>, sum_of_count<8>};
  by_count[count - 1](out, sources, added, frames);
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

constexpr float greatest = 0x1.fffffep127f;

template <class V>
V limited(V x) {
  const V most = greatest - V{}, least = -most;
  const V below = x > most ? most : x;
  return below < least ? least : below;
}

// x0 is 0 where x is finite and else NaN, which nothing equals.
bool all_finite(const Vector *x, std::int32_t count) {
  Vector sum{};
  for (std::int32_t n = 0; n < count; ++n) sum += x[n] * 0.0f;
#if defined(__AVX__)
  return __builtin_ia32_movmskps256(reinterpret_cast<Vector>(sum == sum)) == 0xff;
#elif defined(__SSE2__)
  return __builtin_ia32_movmskps(reinterpret_cast<Vector>(sum == sum)) == 0xf;
#else
  float lane[sizeof sum / sizeof(float)];
  std::memcpy(lane, &sum, sizeof sum);
  for (const float one : lane)
    if (!(one == one)) return false;
  return true;
#endif
}

// A product that leaves the finite numbers never comes back by further factors, so one look at the end finds it.
template <std::int32_t channels, std::int32_t vectors>
std::int32_t scale_vectors(const float *const *from, float *const *to, const float *gains, std::int32_t count,
                           std::int32_t at, std::int32_t frames) {
  constexpr auto lanes_of = static_cast<std::int32_t>(sizeof(Vector) / sizeof(float));
  constexpr std::int32_t all = channels * vectors;
  const auto place = [&](auto *const *buffers, std::int32_t n) {
    return buffers[n / vectors] + at + n % vectors * lanes_of;
  };
  for (; at + vectors * lanes_of <= frames; at += vectors * lanes_of) {
    Vector before[all], x[all];
    for (std::int32_t n = 0; n < all; ++n) std::memcpy(&x[n], place(from, n), sizeof x[n]);
    std::memcpy(before, x, sizeof x);
    for (std::int32_t g = 0; g < count; ++g)
      for (std::int32_t n = 0; n < all; ++n) x[n] *= gains[g];
    if (!all_finite(x, all))
      for (std::int32_t n = 0; n < all; ++n) {
        x[n] = before[n];
        for (std::int32_t g = 0; g < count; ++g) x[n] = limited<Vector>(x[n] * gains[g]);
      }
    for (std::int32_t n = 0; n < all; ++n) std::memcpy(place(to, n), &x[n], sizeof x[n]);
  }
  return at;
}

template <std::int32_t channels>
void scale_all(const float *const *from, float *const *to, const float *gains, std::int32_t count,
               std::int32_t frames) {
  std::int32_t at = scale_vectors<channels, 8 / channels>(from, to, gains, count, 0, frames);
  at = scale_vectors<channels, 1>(from, to, gains, count, at, frames);
  for (; at < frames; ++at) {
    float x[channels];
    for (std::int32_t c = 0; c < channels; ++c) x[c] = from[c][at];
    for (std::int32_t g = 0; g < count; ++g)
      for (std::int32_t c = 0; c < channels; ++c) x[c] = limited(x[c] * gains[g]);
    for (std::int32_t c = 0; c < channels; ++c) to[c][at] = x[c];
  }
}

void scale(const float *const *from, float *const *to, std::int32_t channels, const float *gains, std::int32_t count,
           std::int32_t frames) {
  if (channels == 1) scale_all<1>(from, to, gains, count, frames);
  else scale_all<2>(from, to, gains, count, frames);
}

void multiply(const float *from, const float *gains, float *to, std::int32_t frames) {
  each_frame(frames, [=](std::int32_t i) { to[i] = limited(from[i] * gains[i]); });
}

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
const Kernels ARRANGER_KERNELS = {sum, scale, multiply, finite, measure, modulate, clamp, line};

}  // namespace arranger
