// SPDX-License-Identifier: MIT
// The spectrum of real samples: the fast Fourier transform of Cooley and Tukey (1965), radix 2, decimation in time. Real
// samples of size n go through a complex transform of size n / 2 as pairs, and are told apart afterwards (Cooley, Lewis
// and Welch 1970).
#pragma once

#include <arranger/dsp/math.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace arranger::dsp {

// X[k] = Σ x[i] e^(-2πi·ik/n) for k = 0 .. n/2; not scaled. The error is below 3e-7 of the largest bin up to 4096.
class RealFft {
 public:
  // [control] Takes the memory and computes the tables. `size`: a power of two, 4 .. 65536.
  void resize(std::int32_t size) {
    half_ = static_cast<std::size_t>(size) / 2;
    real_.assign(half_, 0.0f);
    imag_.assign(half_, 0.0f);
    cosine_.resize(half_);
    sine_.resize(half_);
    for (std::size_t k = 0; k < half_; ++k) {
      const double turns = static_cast<double>(k) / static_cast<double>(size);
      cosine_[k] = static_cast<float>(cosine_of_turns(turns));
      sine_[k] = static_cast<float>(sine_of_turns(turns));
    }
    reversed_.assign(half_, 0);
    for (std::size_t i = 1; i < half_; ++i)
      reversed_[i] = static_cast<std::uint32_t>(reversed_[i / 2] / 2 + (i % 2 != 0 ? half_ / 2 : 0));
  }

  // As it was given to resize, and half of it and one more.
  std::int32_t size() const { return static_cast<std::int32_t>(2 * half_); }
  std::int32_t bins() const { return static_cast<std::int32_t>(half_ + 1); }

  // [audio] Real-time safe. Reads size() samples, writes bins() real and imaginary parts; imag[0] and imag[n/2] are 0.
  void forward(const float *samples, float *real, float *imag) {
    for (std::size_t i = 0; i < half_; ++i) {
      real_[reversed_[i]] = samples[2 * i];
      imag_[reversed_[i]] = samples[2 * i + 1];
    }
    for (std::size_t length = 1; length < half_; length *= 2) combine(length);
    separate(real, imag);
  }

 private:
  // One stage: neighbouring spectra of `length` bins become one of twice as many.
  void combine(std::size_t length) {
    const std::size_t stride = half_ / length;  // in tables made for 2 * half_
    for (std::size_t start = 0; start < half_; start += 2 * length) {
      for (std::size_t k = 0; k < length; ++k) {
        const float c = cosine_[k * stride], s = sine_[k * stride];
        const std::size_t a = start + k, b = a + length;
        const float real = c * real_[b] + s * imag_[b];
        const float imag = c * imag_[b] - s * real_[b];
        real_[b] = real_[a] - real;
        imag_[b] = imag_[a] - imag;
        real_[a] += real;
        imag_[a] += imag;
      }
    }
  }

  // The transform of pairs holds the even samples' spectrum E and the odd ones' O: Z = E + iO; X[k] = E + e^(-2πik/n) O.
  void separate(float *real, float *imag) const {
    real[0] = real_[0] + imag_[0];
    real[half_] = real_[0] - imag_[0];
    imag[0] = imag[half_] = 0.0f;
    for (std::size_t k = 1; k < half_; ++k) {
      const std::size_t m = half_ - k;
      const float even_real = 0.5f * (real_[k] + real_[m]), even_imag = 0.5f * (imag_[k] - imag_[m]);
      const float odd_real = 0.5f * (imag_[k] + imag_[m]), odd_imag = 0.5f * (real_[m] - real_[k]);
      real[k] = even_real + (cosine_[k] * odd_real + sine_[k] * odd_imag);
      imag[k] = even_imag + (cosine_[k] * odd_imag - sine_[k] * odd_real);
    }
  }

  std::size_t half_ = 0;
  std::vector<float> real_, imag_;       // of the pairs
  std::vector<float> cosine_, sine_;     // of k / n turns, k < n / 2
  std::vector<std::uint32_t> reversed_;  // bits of the index, in reverse
};

}  // namespace arranger::dsp
