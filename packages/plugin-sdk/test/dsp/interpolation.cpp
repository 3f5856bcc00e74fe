// SPDX-License-Identifier: MIT
#include <arranger/dsp/interpolation.hpp>

#include <doctest/doctest.h>

using namespace arranger::dsp;

TEST_CASE("every interpolation meets the samples at both ends") {
  CHECK(linear(2.0f, 5.0f, 0.0f) == 2.0f);
  CHECK(linear(2.0f, 5.0f, 1.0f) == 5.0f);
  CHECK(cubic(1.0f, 2.0f, 5.0f, -3.0f, 0.0f) == 2.0f);
  CHECK(cubic(1.0f, 2.0f, 5.0f, -3.0f, 1.0f) == doctest::Approx(5.0));
  CHECK(lagrange(1.0f, 2.0f, 5.0f, -3.0f, 0.0f) == 2.0f);
  CHECK(lagrange(1.0f, 2.0f, 5.0f, -3.0f, 1.0f) == doctest::Approx(5.0));
}

TEST_CASE("each keeps the polynomials it should") {
  const auto line = [](float x) { return 3.0f * x - 1.0f; };
  const auto parabola = [](float x) { return x * x - 2.0f * x + 0.5f; };
  const auto third = [](float x) { return x * x * x - x * x + 2.0f; };
  for (float t = 0.0f; t <= 1.0f; t += 0.125f) {
    CHECK(linear(line(0.0f), line(1.0f), t) == doctest::Approx(line(t)));
    CHECK(cubic(parabola(-1.0f), parabola(0.0f), parabola(1.0f), parabola(2.0f), t) == doctest::Approx(parabola(t)));
    CHECK(lagrange(third(-1.0f), third(0.0f), third(1.0f), third(2.0f), t) == doctest::Approx(third(t)));
  }
}
