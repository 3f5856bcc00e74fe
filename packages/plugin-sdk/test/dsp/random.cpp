// SPDX-License-Identifier: MIT
#include <arranger/dsp/random.hpp>

#include "support.hpp"

#include <algorithm>
#include <array>

using namespace arranger::dsp;
using namespace arranger::dsp::test;

TEST_CASE("the same seed gives the same numbers, another seed others") {
  Random a(42), b(42), c(43), d(42 + (1ull << 32));  // d differs in the high word alone
  int equal_c = 0, equal_d = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto number = a.next();
    CHECK(number == b.next());
    equal_c += number == c.next() ? 1 : 0;
    equal_d += number == d.next() ? 1 : 0;
  }
  CHECK(equal_c < 3);
  CHECK(equal_d < 3);
  a.reset(42);
  b.reset(42);
  CHECK(a.next() == b.next());
}

TEST_CASE("noise is white, even and of the stated range and level") {
  constexpr Frame frames = 1 << 17;
  Random random(1);
  const auto noise = run(frames, [&](Frame, Frame size) { return random.noise(size); });
  double mean = 0.0, power = 0.0, neighbours = 0.0;
  std::array<int, 16> counts{};
  for (std::size_t i = 0; i < noise.size(); ++i) {
    const double x = static_cast<double>(noise[i]);
    REQUIRE(x >= -1.0);
    REQUIRE(x < 1.0);
    mean += x / frames;
    power += x * x / frames;
    if (i > 0) neighbours += x * static_cast<double>(noise[i - 1]) / frames;
    ++counts[static_cast<std::size_t>((x + 1.0) * 8.0)];
  }
  CHECK(std::abs(mean) < 0.006);
  CHECK(power == doctest::Approx(1.0 / 3.0).epsilon(0.01));
  CHECK(std::abs(neighbours) < 0.004);
  double chi_squared = 0.0;
  for (const int count : counts) chi_squared += std::pow(count - frames / 16.0, 2.0) / (frames / 16.0);
  CHECK(chi_squared < 37.7);  // 15 degrees of freedom, one in a thousand

  const auto bins = spectrum(noise);
  for (std::size_t band = 0; band < 16; ++band) {
    double energy = 0.0;
    for (std::size_t bin = band * 4096 + 1; bin <= band * 4096 + 4096; ++bin) energy += bins[bin] * bins[bin] / 2.0;
    CHECK(energy * 16.0 == doctest::Approx(1.0 / 3.0).epsilon(0.1));
  }
}

TEST_CASE("any cut gives the same bits, and the same as single calls") {
  const auto noise = check_any_cut(
      3000, [] { return [random = Random(7)](Frame, Frame size) mutable { return random.noise(size); }; });
  Random random(7);
  Floats singles;
  for (int i = 0; i < 3000; ++i) singles.push_back(random.bipolar());
  CHECK(same_bits(noise, singles));
}

TEST_CASE("ranges") {
  Random random(3);
  std::array<int, 6> die{};
  for (int i = 0; i < 60000; ++i) {
    const float x = random.uniform();
    REQUIRE(x >= 0.0f);
    REQUIRE(x < 1.0f);
    ++die[random.below(6)];
  }
  for (const int count : die) CHECK(std::abs(count - 10000) < 400);
  CHECK(random.below(1) == 0);
}
