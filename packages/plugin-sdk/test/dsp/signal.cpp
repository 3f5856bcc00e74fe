// SPDX-License-Identifier: MIT
#include <arranger/dsp/signal.hpp>

#include <doctest/doctest.h>
#include <cstdint>

using namespace arranger::dsp;

TEST_CASE("a signal of one value is constant and full of it") {
  const Signal signal(100, 0.25f);
  CHECK(signal.size() == 100);
  CHECK(signal.is_constant());
  for (Frame i = 0; i < signal.size(); ++i) CHECK(signal[i] == 0.25f);
}

TEST_CASE("a signal that is written is not constant until its maker says so") {
  Signal signal(2);
  CHECK_FALSE(signal.is_constant());
  signal[0] = signal[1] = 1.0f;
  signal.mark_constant();
  CHECK(signal.is_constant());
}

TEST_CASE("samples begin on a cache line") {
  const Signal signal(128, 0.0f);
  CHECK(reinterpret_cast<std::uintptr_t>(signal.data()) % 64 == 0);
}

TEST_CASE("numbers and foreign samples are views") {
  const Constant constant(3.0f, 5);
  CHECK(constant.size() == 5);
  CHECK(constant.is_constant());
  CHECK(constant[4] == 3.0f);

  const float data[] = {1.0f, 2.0f, 3.0f};
  const Samples samples(data, 3);
  CHECK(samples.size() == 3);
  CHECK_FALSE(samples.is_constant());
  CHECK(samples[2] == 3.0f);
}
