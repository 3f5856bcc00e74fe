// SPDX-License-Identifier: MIT
#include <arranger/dsp/fft.hpp>

#include "support.hpp"

#include <algorithm>

using namespace arranger::dsp;
using namespace arranger::dsp::test;

namespace {

struct Spectrum {
  Floats real, imag;
};

Spectrum transform(const Floats &samples) {
  RealFft fft;
  fft.resize(static_cast<Frame>(samples.size()));
  Spectrum out{Floats(samples.size() / 2 + 1), Floats(samples.size() / 2 + 1)};
  REQUIRE(fft.size() == static_cast<Frame>(samples.size()));
  REQUIRE(fft.bins() == static_cast<Frame>(out.real.size()));
  fft.forward(samples.data(), out.real.data(), out.imag.data());
  return out;
}

// By the definition, in double precision.
std::complex<double> direct(const Floats &samples, std::size_t bin) {
  std::complex<double> sum = 0;
  const auto size = static_cast<double>(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto turns = static_cast<double>((i * bin) % samples.size()) / size;
    sum += static_cast<double>(samples[i]) * std::polar(1.0, -2 * std::numbers::pi * turns);
  }
  return sum;
}

Floats white(std::size_t size) {
  std::mt19937 random(static_cast<std::uint32_t>(size));
  std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
  Floats out(size);
  for (float &x : out) x = uniform(random);
  return out;
}

}  // namespace

TEST_CASE("the transform is that of the definition at every size") {
  for (std::size_t size = 4; size <= 4096; size *= 2) {
    CAPTURE(size);
    const Floats samples = white(size);
    const Spectrum spectrum = transform(samples);
    double error = 0, largest = 0;
    for (std::size_t k = 0; k <= size / 2; ++k) {
      const std::complex<double> expected = direct(samples, k);
      const std::complex<double> got(static_cast<double>(spectrum.real[k]), static_cast<double>(spectrum.imag[k]));
      error = std::max(error, std::abs(got - expected));
      largest = std::max(largest, std::abs(expected));
    }
    CHECK(error < 3e-7 * largest);
  }
}

TEST_CASE("an impulse has every frequency, a constant only the lowest, an alternation only the highest") {
  Floats impulse(64, 0.0f), ones(64, 1.0f), alternating(64);
  impulse[0] = 1.0f;
  for (std::size_t i = 0; i < 64; ++i) alternating[i] = i % 2 == 0 ? 1.0f : -1.0f;
  const Spectrum flat = transform(impulse), low = transform(ones), high = transform(alternating);
  for (std::size_t k = 0; k <= 32; ++k) {
    CHECK(flat.real[k] == 1.0f);
    CHECK(flat.imag[k] == 0.0f);
    CHECK(low.real[k] == (k == 0 ? 64.0f : 0.0f));
    CHECK(high.real[k] == (k == 32 ? 64.0f : 0.0f));
  }
}

TEST_CASE("the energy of the samples is that of the spectrum") {
  const Floats samples = white(2048);
  const Spectrum spectrum = transform(samples);
  double in = 0, out = 0;
  for (const float x : samples) in += static_cast<double>(x) * static_cast<double>(x);
  for (std::size_t k = 0; k <= 1024; ++k) {
    const auto re = static_cast<double>(spectrum.real[k]), im = static_cast<double>(spectrum.imag[k]);
    out += (re * re + im * im) * (k == 0 || k == 1024 ? 1 : 2);
  }
  CHECK(std::abs(out / 2048 / in - 1) < 1e-6);
}

TEST_CASE("a transform does not depend on the one before") {
  RealFft fft;
  fft.resize(256);
  const Floats samples = white(256), others = white(256 * 2);
  Floats re(129), im(129);
  fft.forward(others.data(), re.data(), im.data());
  fft.forward(samples.data(), re.data(), im.data());
  const Spectrum fresh = transform(samples);
  CHECK(re == fresh.real);
  CHECK(im == fresh.imag);
}
