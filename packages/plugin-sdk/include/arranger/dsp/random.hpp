// SPDX-License-Identifier: MIT
// Random numbers from a seed.
#pragma once

#include <arranger/dsp/math.hpp>
#include <arranger/dsp/signal.hpp>

#include <cstdint>

namespace arranger::dsp {

// A counter put through a hash: Weyl steps and avalanche as in SplitMix (Steele, Lea and Flood 2014), multipliers found
// by Chris Wellons (2018). The n-th number is a function of seed and n, so a block of noise vectorises and is the same
// however it is cut. The period is 2^32 (a day at 48 kHz). For sound and choices, not for secrets.
// [audio] Real-time safe.
class Random {
 public:
  explicit Random(std::uint64_t seed = 0) { reset(seed); }

  // Starts again: the same seed, the same numbers. A plugin gives its activation's seed.
  void reset(std::uint64_t seed) {
    counter_ = bits(static_cast<std::uint32_t>(seed) ^ 0x6a09e667u, 0u);
    key_ = bits(static_cast<std::uint32_t>(seed >> 32) ^ 0xbb67ae85u, counter_);
  }

  // What the numbers are made of, for those who make many sequences side by side (lanes.hpp): the n-th next() is
  // bits(counter() + n * step, key()), the n-th bipolar() is bipolar_of that.
  std::uint32_t counter() const { return counter_; }
  std::uint32_t key() const { return key_; }
  static constexpr std::uint32_t step = 0x9e3779b9u;
  template <class Bits>
  static ARRANGER_DSP_INLINE Bits bits(Bits counter, Bits key) {
    Bits x = (counter ^ (counter >> 16)) * 0x7feb352du;
    x = x ^ key;
    x = (x ^ (x >> 15)) * 0x846ca68bu;
    return x ^ (x >> 16);
  }

  // -1 <= x < 1, of 32 random bits.
  template <class Bits>
  static ARRANGER_DSP_INLINE auto bipolar_of(Bits bits) {
    using detail::signed_value;
    return signed_value(bits & 0xffffff00u) * 0x1p-31f;
  }

  // 0 .. 2^32 - 1, each equally likely.
  std::uint32_t next() {
    counter_ += step;
    return bits(counter_, key_);
  }

  // 0 <= x < 1, and -1 <= x < 1, in steps of 2^-24 and 2^-23.
  float uniform() { return static_cast<float>(static_cast<std::int32_t>(next() >> 8)) * 0x1p-24f; }
  float bipolar() { return bipolar_of(next()); }

  // 0 <= n < limit, limit > 0 (Lemire's multiplication, 2019, without its rejection: the bias is below limit / 2^32).
  std::uint32_t below(std::uint32_t limit) {
    return static_cast<std::uint32_t>((static_cast<std::uint64_t>(next()) * limit) >> 32);
  }

  // White noise -1 .. 1, RMS 0.577: the same values as that many calls of bipolar().
  Signal noise(Frame size) {
    Signal out(size);
    std::uint32_t counter = counter_;
    const std::uint32_t key = key_;
    for (Frame i = 0; i < size; ++i) {
      counter += step;
      out[i] = bipolar_of(bits(counter, key));
    }
    counter_ = counter;
    return out;
  }

 private:
  std::uint32_t counter_ = 0;
  std::uint32_t key_ = 0;
};

}  // namespace arranger::dsp
