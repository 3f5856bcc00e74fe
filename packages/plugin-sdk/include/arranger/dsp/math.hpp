// SPDX-License-Identifier: MIT
// Elementary functions for per-sample code. The C library's own are neither vectorised nor the same on every machine
// (glibc picks a variant by processor); these are plain polynomials: a loop over them vectorises, and every
// instruction-set level gives the same bits when contraction is off.
// All are pure, real-time safe and callable from any thread. The polynomials are minimax fits by the Remez exchange
// (Remez 1934); the errors stated are of the float result against the exact value and are held by the tests.
#pragma once

#include <bit>
#include <cstdint>

// What a loop over eight lanes is made of must not become a call, whatever the compiler thinks of its size.
#if defined(__GNUC__)
#define ARRANGER_DSP_INLINE inline __attribute__((always_inline))
#else
#define ARRANGER_DSP_INLINE inline
#endif

namespace arranger::dsp {

namespace detail {

// Written so that they become one instruction, and so that a NaN gives `high` (clamp) or `b` (min, max).
inline float min(float a, float b) { return a < b ? a : b; }
inline float max(float a, float b) { return a > b ? a : b; }

// What the functions below need of a number. lanes.hpp has the same for eight numbers at once, so that they are written
// once and have the same bits.
inline std::uint32_t bits_of(float x) { return std::bit_cast<std::uint32_t>(x); }
inline float from_bits(std::uint32_t bits) { return std::bit_cast<float>(bits); }
inline float signed_value(std::uint32_t x) { return static_cast<float>(static_cast<std::int32_t>(x)); }
// Of a two's complement number, 2^31 of the least.
inline std::uint32_t magnitude(std::uint32_t x) { return static_cast<std::int32_t>(x) < 0 ? 0u - x : x; }

inline float where_less(std::uint32_t a, std::uint32_t b, float yes, float no) { return a < b ? yes : no; }

template <class Real>
ARRANGER_DSP_INLINE Real clamp(Real x, float low, float high) {
  return max(min(x, Real(high)), Real(low));
}

template <class Real>
ARRANGER_DSP_INLINE Real absolute(Real x) {
  return from_bits(bits_of(x) & 0x7fffffffu);
}

// `magnitude`, 0 or more, with the sign of `sign`.
template <class Real>
ARRANGER_DSP_INLINE Real with_sign(Real magnitude, Real sign) {
  return from_bits(bits_of(magnitude) | (bits_of(sign) & 0x80000000u));
}

// sin(pi/2 u), |u| <= 1.
template <class Real>
ARRANGER_DSP_INLINE Real sine_of_quarter(Real u) {
  const Real v = u * u;
  const Real odd = ((1.5148511e-4f * v - 4.6737666e-3f) * v + 7.9689679e-2f) * v - 6.4596371e-1f;
  return u + u * (odd * v + 0.57079632f);  // near 1, where the ear is, the sum is exact to half a step
}

// A phase as quarter turns from the nearest zero of its sine, -1 .. 1: a triangle, a quarter turn less how far the phase is
// from its top.
template <class Phase>
ARRANGER_DSP_INLINE auto quarters(Phase phase) {
  return signed_value(0x40000000u - magnitude(phase - 0x40000000u)) * 0x1p-30f;
}

template <class Real>
ARRANGER_DSP_INLINE Real exp2(Real x) {
  constexpr float round = 12582912.0f;  // 1.5 * 2^23: adding it rounds to a whole number, held in the low bits
  const Real limited = clamp(x, -126.0f, 127.99f);
  const Real shifted = limited + round;
  const Real f = limited - (shifted - round);  // -0.5 .. 0.5
  Real sum = 1.5469729e-4f * f + 1.3390867e-3f;
  sum = sum * f + 9.6180308e-3f;
  sum = sum * f + 5.5503571e-2f;
  sum = sum * f + 2.40226511e-1f;
  sum = sum * f + 6.93147188e-1f;
  return from_bits(bits_of(sum * f + 1.0f) + (bits_of(shifted) << 23));
}

template <class Real>
ARRANGER_DSP_INLINE Real tan_of_half_turns(Real x) {
  return sine_of_quarter(2.0f * x) / sine_of_quarter(1.0f - 2.0f * x);
}

template <class Real>
ARRANGER_DSP_INLINE Real midi_to_hz(Real key) {
  return 440.0f * exp2((key - 69.0f) * (1.0f / 12.0f));
}

inline double sine_of_quarter(double u) {
  const double v = u * u;
  double sum = 5.8706111366322836e-12;
  sum = sum * v - 6.684321727635047e-10;
  sum = sum * v + 5.6921348728465175e-8;
  sum = sum * v - 3.5988430072098955e-6;
  sum = sum * v + 1.604411847068227e-4;
  sum = sum * v - 4.6817541353026428e-3;
  sum = sum * v + 7.9692626246165436e-2;
  sum = sum * v - 6.4596409750624619e-1;
  sum = sum * v + 1.5707963267948966;
  return u * sum;
}

}  // namespace detail

// sin(2 pi phase / 2^32): a whole turn is the range of the integer, so wrapping is free and exact.
// Absolute error < 1.5e-7. |result| <= 1.
inline float sine_of_phase(std::uint32_t phase) { return detail::sine_of_quarter(detail::quarters(phase)); }

// 2^x, -126 <= x <= 127.99 (beyond that the limit's value). Relative error < 1.5e-7; exact for whole x.
inline float exp2(float x) { return detail::exp2(x); }

// log2(x), x a normal positive number; 0, negative, denormal give -126 and NaN gives log2 of the largest float.
// Absolute error < 2e-7 * max(1, |log2(x)|); exact for powers of two.
inline float log2(float x) {
  const float limited = detail::clamp(x, 0x1p-126f, 0x1.fffffep127f);
  const auto bits = std::bit_cast<std::int32_t>(limited);
  const std::int32_t exponent = (bits - 0x3f3504f3) >> 23;  // the mantissa is then sqrt(1/2) .. sqrt(2)
  const float mantissa = std::bit_cast<float>(bits - exponent * 0x800000);
  const float s = (mantissa - 1.0f) / (mantissa + 1.0f);  // log((1 + s) / (1 - s)) = 2 artanh(s), an odd series
  const float v = s * s;
  const float sum = ((4.31752296e-1f * v + 5.76713689e-1f) * v + 9.61798855e-1f) * v + 2.88539008f;
  return s * sum + static_cast<float>(exponent);
}

// tanh(x), any x. Relative error < 4e-7; |result| <= 1. A rational function of degree 9/8 fitted on |x| <= 9.02.
inline float tanh(float x) {
  const float limited = detail::clamp(x, -9.02f, 9.02f);
  const float v = limited * limited;
  const float above =
      (((1.33194807e-8f * v + 2.05837909e-5f) * v + 3.49405395e-3f) * v + 1.33797344e-1f) * v + 9.99999979e-1f;
  const float below = (((7.76219117e-7f * v + 3.28312412e-4f) * v + 2.58711475e-2f) * v + 4.67130497e-1f) * v + 1.0f;
  return detail::clamp(limited * above / below, -1.0f, 1.0f);
}

// tan(pi x), 0 <= x <= 0.499, x a frequency as a fraction of the sample rate. Relative error < 5e-7.
inline float tan_of_half_turns(float x) { return detail::tan_of_half_turns(x); }

// sin and cos of 2 pi x, 0 <= x <= 0.5, in double precision for filter design. Absolute error < 1e-15.
inline double sine_of_turns(double x) { return detail::sine_of_quarter(x <= 0.25 ? 4.0 * x : 2.0 - 4.0 * x); }
inline double cosine_of_turns(double x) { return detail::sine_of_quarter(1.0 - 4.0 * x); }

// Hz of a MIDI key (69 = A4 = 440 Hz); fractions are cents, so bend is key + semitones. Relative error < 1e-6.
inline float midi_to_hz(float key) { return detail::midi_to_hz(key); }

// Frequency ratio of an interval in semitones. Relative error < 1e-6 for -96 .. 96.
inline float semitones_to_ratio(float semitones) { return exp2(semitones * (1.0f / 12.0f)); }

// Amplitude factor of a level in dB. Relative error < 2e-6 for -144 .. 144; -759 dB and below give about 1e-38, not 0.
inline float db_to_gain(float db) { return exp2(db * 0.166096405f); }

// Level in dB of an amplitude factor; 0 and less give -758.6. Absolute error < 4e-5 dB for -144 .. 144 dB.
inline float gain_to_db(float gain) { return log2(gain) * 6.02059991f; }

}  // namespace arranger::dsp
