// SPDX-License-Identifier: MIT
// Every response against the analog prototype it was designed from, s = j tan(w / 2) / tan(w0 / 2).
#include <arranger/dsp/filter.hpp>

#include "support.hpp"

#include <algorithm>
#include <complex>

using namespace arranger::dsp;
using namespace arranger::dsp::test;

namespace {

constexpr std::size_t length = 32768;
using Complex = std::complex<double>;

template <class Filter>
std::vector<double> measure(Filter filter) {
  return response(run(static_cast<Frame>(length), [&](Frame first, Frame size) {
    Signal impulse(size, 0.0f);
    if (first == 0) impulse[0] = 1.0f;
    return filter(impulse);
  }));
}

// The greatest difference, as an amplitude, between a measured response and |prototype(s)|.
template <class Prototype>
double worst_difference(const std::vector<double> &measured, double hz, double sample_rate, Prototype prototype) {
  double worst = 0.0;
  for (std::size_t bin = 0; bin < length / 2; bin += 7) {
    const double w = std::numbers::pi * static_cast<double>(bin) / static_cast<double>(length);
    const Complex s(0.0, std::tan(w) / std::tan(std::numbers::pi * hz / sample_rate));
    const double exact = std::abs(prototype(s));
    worst = std::max(worst, std::abs(measured[bin] - exact) / std::max(1.0, exact));
  }
  return worst;
}

const auto low_pass = [](double q) { return [q](Complex s) { return 1.0 / (s * s + s / q + 1.0); }; };
const auto high_pass = [](double q) { return [q](Complex s) { return s * s / (s * s + s / q + 1.0); }; };
const auto band_pass = [](double q) { return [q](Complex s) { return s / q / (s * s + s / q + 1.0); }; };
const auto notch = [](double q) { return [q](Complex s) { return (s * s + 1.0) / (s * s + s / q + 1.0); }; };
const auto all_pass = [](double) { return [](Complex) { return Complex(1.0); }; };

double check_biquad(const BiquadCoefficients &coefficients, double hz, double sample_rate, auto prototype) {
  Biquad biquad;
  biquad.set(coefficients);
  const auto measured = measure([&](const Signal &in) { return biquad.process(in); });
  return worst_difference(measured, hz, sample_rate, prototype);
}

}  // namespace

TEST_CASE("biquads have the response of their prototypes") {
  using Design = BiquadCoefficients;
  for (const double sample_rate : {44100.0, 96000.0})
    for (const double hz : {250.0, 1000.0, 9000.0, 20000.0})
      for (const double q : {0.5, 0.70710678, 4.0}) {
        CAPTURE(sample_rate);
        CAPTURE(hz);
        CAPTURE(q);
        CHECK(check_biquad(Design::low_pass(hz, q, sample_rate), hz, sample_rate, low_pass(q)) < 1e-5);
        CHECK(check_biquad(Design::high_pass(hz, q, sample_rate), hz, sample_rate, high_pass(q)) < 1e-5);
        CHECK(check_biquad(Design::band_pass(hz, q, sample_rate), hz, sample_rate, band_pass(q)) < 1e-5);
        CHECK(check_biquad(Design::notch(hz, q, sample_rate), hz, sample_rate, notch(q)) < 1e-5);
        CHECK(check_biquad(Design::all_pass(hz, q, sample_rate), hz, sample_rate, all_pass(q)) < 1e-5);
      }
}

TEST_CASE("peak and shelves have the gain and the response of their prototypes") {
  using Design = BiquadCoefficients;
  const double hz = 1000.0, rate = 48000.0, q = 0.9;
  for (const double gain_db : {-18.0, -3.0, 6.0, 12.0}) {
    CAPTURE(gain_db);
    const double a = std::pow(10.0, gain_db / 40.0), r = std::sqrt(a);
    const auto peak = [&](Complex s) { return (s * s + s * a / q + 1.0) / (s * s + s / (a * q) + 1.0); };
    const auto low = [&](Complex s) { return a * (s * s + s * r / q + a) / (a * s * s + s * r / q + 1.0); };
    const auto high = [&](Complex s) { return a * (a * s * s + s * r / q + 1.0) / (s * s + s * r / q + a); };
    CHECK(check_biquad(Design::peak(hz, q, gain_db, rate), hz, rate, peak) < 1e-5);
    CHECK(check_biquad(Design::low_shelf(hz, q, gain_db, rate), hz, rate, low) < 1e-5);
    CHECK(check_biquad(Design::high_shelf(hz, q, gain_db, rate), hz, rate, high) < 1e-5);
  }
}

TEST_CASE("a biquad keeps a low cutoff at a high sample rate") {
  Biquad biquad;
  biquad.set(BiquadCoefficients::low_pass(20.0, 0.70710678, 192000.0));
  float out = 0.0f;
  for (int i = 0; i < 192000; ++i) out = biquad.process(1.0f);
  CHECK(out == doctest::Approx(1.0).epsilon(1e-5));
}

TEST_CASE("a biquad works in place and after reset as before") {
  Biquad biquad;
  biquad.set(BiquadCoefficients::low_pass(1000.0, 2.0, 48000.0));
  float in[300], out[300];
  for (int i = 0; i < 300; ++i) in[i] = static_cast<float>(i % 17) - 8.0f;
  biquad.process(in, out, 300);
  biquad.reset();
  biquad.process(in, in, 300);
  CHECK(std::memcmp(in, out, sizeof in) == 0);
}

TEST_CASE("the state-variable filter has the response of its prototypes") {
  for (const double rate : {44100.0, 96000.0})
    for (const float hz : {250.0f, 1000.0f, 9000.0f, 20000.0f})
      for (const float q : {0.5f, 0.70710678f, 4.0f}) {
        CAPTURE(rate);
        CAPTURE(hz);
        CAPTURE(q);
        const auto check = [&](auto call, auto prototype) {
          Svf svf;
          const auto measured =
              measure([&](const Signal &in) { return call(svf, in, Constant(hz, in.size()), Constant(q, in.size())); });
          return worst_difference(measured, static_cast<double>(hz), rate, prototype(static_cast<double>(q)));
        };
        using C = Constant;
        CHECK(check([&](Svf &f, const Signal &in, C c, C k) { return f.low_pass(in, c, k, rate); }, low_pass) < 3e-5);
        CHECK(check([&](Svf &f, const Signal &in, C c, C k) { return f.high_pass(in, c, k, rate); }, high_pass) < 3e-5);
        CHECK(check([&](Svf &f, const Signal &in, C c, C k) { return f.band_pass(in, c, k, rate); }, band_pass) < 3e-5);
        CHECK(check([&](Svf &f, const Signal &in, C c, C k) { return f.notch(in, c, k, rate); }, notch) < 3e-5);
        CHECK(check([&](Svf &f, const Signal &in, C c, C k) { return f.all_pass(in, c, k, rate); }, all_pass) < 6e-5);
      }
}

TEST_CASE("the state-variable filter stays bounded when cutoff and q leap and when they are impossible") {
  Svf svf;
  std::mt19937 random(7);
  std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
  float peak = 0.0f;
  for (int block = 0; block < 1000; ++block) {
    Signal in(128), cutoff(128), q(128);
    for (Frame i = 0; i < 128; ++i) {
      in[i] = uniform(random);
      cutoff[i] = std::exp2(uniform(random) * 20.0f);  // from microhertz to beyond the sample rate
      q[i] = uniform(random) * 10.0f;
    }
    const Signal out = svf.low_pass(in, cutoff, q, 48000.0);
    for (Frame i = 0; i < 128; ++i) peak = std::max(peak, std::abs(out[i]));
  }
  CHECK(peak < 1000.0f);
  CHECK(peak > 0.01f);
}

TEST_CASE("any cut gives the same bits, at a still and at a moving cutoff") {
  const auto noise = [](Frame first, Frame size) {
    return part(first, size, [](Frame i) { return std::sin(0.01 * i * i); });
  };
  check_any_cut(4000, [&] {
    return [noise, svf = Svf()](Frame first, Frame size) mutable {
      return svf.low_pass(noise(first, size), Constant(800.0f, size), Constant(3.0f, size), 48000.0);
    };
  });
  check_any_cut(4000, [&] {
    return [noise, svf = Svf()](Frame first, Frame size) mutable {
      const auto cutoff = part(first, size, [](Frame i) { return moving(i, 100.0, 9000.0); });
      const auto q = part(first, size, [](Frame i) { return moving(i + 450, 0.5, 8.0); });
      return svf.high_pass(noise(first, size), cutoff, q, 48000.0);
    };
  });
  check_any_cut(4000, [&] {
    Biquad biquad;
    biquad.set(BiquadCoefficients::peak(500.0, 2.0, 9.0, 48000.0));
    return [noise, biquad](Frame first, Frame size) mutable { return biquad.process(noise(first, size)); };
  });
}

TEST_CASE("the DC blocker takes the mean and leaves the rest") {
  DcBlocker blocker;
  blocker.activate(48000.0, 10.0);
  double mean = 0.0, power = 0.0;
  for (int i = 0; i < 96000; ++i) {
    const float out = blocker.process(0.5f + static_cast<float>(std::sin(2.0 * std::numbers::pi * i / 48.0)));
    if (i < 48000) continue;
    mean += static_cast<double>(out) / 48000.0;
    power += static_cast<double>(out * out) / 48000.0;
  }
  CHECK(std::abs(mean) < 1e-4);
  CHECK(power == doctest::Approx(0.5).epsilon(1e-3));
}
