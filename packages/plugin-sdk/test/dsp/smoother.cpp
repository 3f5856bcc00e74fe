// SPDX-License-Identifier: MIT
#include <arranger/dsp/smoother.hpp>

#include "support.hpp"

using namespace arranger::dsp;
using namespace arranger::dsp::test;

namespace {

Smoother at(float value, float seconds) {
  Smoother smoother;
  smoother.activate(48000.0, seconds);
  smoother.reset(value);
  return smoother;
}

}  // namespace

TEST_CASE("a line is the closed form from the frame it began on") {
  Smoother smoother = at(0.25f, 0.01f);
  smoother.set_target(1.0f);
  const auto samples = run(1000, [&](Frame, Frame size) { return smoother.next(size); });
  for (std::size_t k = 0; k < 1000; ++k) {
    const double exact = k < 480 ? 0.25 + 0.75 * static_cast<double>(k) / 480.0 : 1.0;
    CHECK(static_cast<double>(samples[k]) == doctest::Approx(exact).epsilon(1e-6));
  }
  CHECK(samples[480] == 1.0f);
  CHECK_FALSE(smoother.is_moving());
}

TEST_CASE("a new target begins a new line from where the value is; the same target changes nothing") {
  Smoother smoother = at(0.0f, 0.001f);
  smoother.set_target(1.0f);
  for (int i = 0; i < 24; ++i) smoother.next();
  CHECK(smoother.value() == 0.5f);
  smoother.set_target(1.0f);
  smoother.set_target(-1.0f);
  CHECK(smoother.next() == 0.5f);
  for (int i = 0; i < 23; ++i) smoother.next();
  CHECK(smoother.value() == doctest::Approx(-0.25f));
  CHECK(smoother.target() == -1.0f);
}

TEST_CASE("still means constant; no seconds means steps; reset ends a line") {
  Smoother smoother = at(0.5f, 0.0f);
  CHECK(smoother.next(64).is_constant());
  smoother.set_target(2.0f);
  CHECK(smoother.next(64)[0] == 2.0f);

  smoother = at(0.0f, 1.0f);
  smoother.set_target(1.0f);
  CHECK_FALSE(smoother.next(64).is_constant());
  smoother.reset(3.0f);
  CHECK_FALSE(smoother.is_moving());
  CHECK(smoother.next() == 3.0f);
}

TEST_CASE("frame by frame equals block by block, however it is cut") {
  const auto make = [] {
    return [smoother = at(0.1f, 0.0123f)](Frame first, Frame size) mutable {
      Signal out(size);
      // Targets change on their own frames, in the middle of whatever block there is.
      for (Frame done = 0; done < size;) {
        const Frame now = first + done;
        if (now % 777 == 0) smoother.set_target(static_cast<float>(now % 5) * 0.3f);
        const Frame count = std::min(size - done, 777 - now % 777);
        const Signal piece = smoother.next(count);
        for (Frame i = 0; i < count; ++i) out[done + i] = piece[i];
        done += count;
      }
      return out;
    };
  };
  const auto samples = check_any_cut(5000, make);
  Smoother single = at(0.1f, 0.0123f);
  Floats singles;
  for (Frame i = 0; i < 5000; ++i) {
    if (i % 777 == 0) single.set_target(static_cast<float>(i % 5) * 0.3f);
    singles.push_back(single.next());
  }
  CHECK(same_bits(samples, singles));
}
