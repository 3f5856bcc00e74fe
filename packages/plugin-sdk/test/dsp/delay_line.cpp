// SPDX-License-Identifier: MIT
#include <arranger/dsp/delay_line.hpp>

#include "support.hpp"

#include <algorithm>
#include <limits>

using namespace arranger::dsp;
using namespace arranger::dsp::test;

namespace {

DelayLine line_of(Frame max_delay) {
  DelayLine line;
  line.resize(max_delay);
  return line;
}

}  // namespace

TEST_CASE("a whole delay is exact, up to the greatest, round the ring many times") {
  for (const Frame delay : {1, 2, 5, 63, 64, 100}) {
    CAPTURE(delay);
    DelayLine line = line_of(100);
    bool exact = true;
    for (Frame i = 0; i < 5000; ++i) {
      const float out = line.read(delay);
      exact = exact && out == (i < delay ? 0.0f : static_cast<float>(i - delay + 1));
      line.write(static_cast<float>(i + 1));
    }
    CHECK(exact);
  }
}

TEST_CASE("blocks give what frames give") {
  for (const Frame delay : {128, 200, 1000}) {
    CAPTURE(delay);
    const auto samples = check_any_cut(6000, [&] {
      return [delay, line = line_of(1000)](Frame first, Frame size) mutable {
        const Signal out = line.read(delay, size);
        line.write(part(first, size, [](Frame i) { return i + 1; }));
        return out;
      };
    });
    bool exact = true;
    for (Frame i = 0; i < 6000; ++i)
      exact = exact && samples[static_cast<std::size_t>(i)] == (i < delay ? 0.0f : static_cast<float>(i - delay + 1));
    CHECK(exact);
  }
}

TEST_CASE("what lies in a row gives what copies give") {
  for (const Frame delay : {128, 200, 1000}) {
    CAPTURE(delay);
    const auto samples = check_any_cut(6000, [&] {
      return [delay, line = line_of(1000)](Frame first, Frame size) mutable {
        Signal out(size);
        for (Frame done = 0; done < size;) {
          const Frame here = line.in_a_row(delay, size - done);
          REQUIRE(here > 0);
          for (Frame i = 0; i < here; ++i) out[done + i] = line.next(delay)[i];
          for (Frame i = 0; i < here; ++i) line.next()[i] = static_cast<float>(first + done + i + 1);
          line.advance(here);
          done += here;
        }
        return out;
      };
    });
    bool exact = true;
    for (Frame i = 0; i < 6000; ++i)
      exact = exact && samples[static_cast<std::size_t>(i)] == (i < delay ? 0.0f : static_cast<float>(i - delay + 1));
    CHECK(exact);
  }
}

TEST_CASE("a feedback loop has exactly its delay") {
  DelayLine line = line_of(50);
  std::vector<float> out;
  for (int i = 0; i < 200; ++i) {
    const float echo = line.read(50);
    line.write((i == 0 ? 1.0f : 0.0f) + 0.5f * echo);
    out.push_back(echo);
  }
  CHECK(out[49] == 0.0f);
  CHECK(out[50] == 1.0f);
  CHECK(out[100] == 0.5f);
  CHECK(out[150] == 0.25f);
  CHECK(std::count(out.begin(), out.end(), 0.0f) == 197);
}

TEST_CASE("fractional delays: whole ones are exact, straight lines and parabolas are kept") {
  DelayLine line = line_of(100);
  for (int i = 0; i < 300; ++i) line.write(static_cast<float>(i));
  // The newest is 299, at delay 1.
  CHECK(line.read_linear(1.0f) == 299.0f);
  CHECK(line.read_linear(10.25f) == 289.75f);
  CHECK(line.read_linear(100.0f) == 200.0f);
  CHECK(line.read_cubic(2.0f) == 298.0f);
  CHECK(line.read_cubic(10.25f) == 289.75f);
  CHECK(line.read_cubic(100.0f) == 200.0f);

  // A ring of 64 would end where the points past the greatest delay are.
  line.resize(64);
  for (int i = 0; i < 300; ++i) line.write(static_cast<float>(i));
  CHECK(line.read_linear(64.0f) == 236.0f);
  CHECK(line.read_cubic(63.5f) == 236.5f);
  CHECK(line.read_cubic(64.0f) == 236.0f);

  line.resize(100);
  for (int i = 0; i < 100; ++i) line.write(static_cast<float>(i * i));
  CHECK(line.read_cubic(10.5f) == doctest::Approx(89.5 * 89.5));
}

TEST_CASE("cubic reading follows a sine that linear reading dulls") {
  DelayLine line = line_of(64);
  double worst_cubic = 0.0, worst_linear = 0.0;
  for (int i = 0; i < 1000; ++i) {
    line.write(static_cast<float>(std::sin(0.3 * i)));
    if (i < 100) continue;
    const double exact = std::sin(0.3 * (i + 1 - 20.5));
    worst_cubic = std::max(worst_cubic, std::abs(static_cast<double>(line.read_cubic(20.5f)) - exact));
    worst_linear = std::max(worst_linear, std::abs(static_cast<double>(line.read_linear(20.5f)) - exact));
  }
  CHECK(worst_cubic < 6e-4);
  CHECK(worst_linear > 5e-3);
  CHECK(worst_linear < 2e-2);
}

TEST_CASE("reset and resize clear; delays out of range stay in the ring") {
  DelayLine line = line_of(10);
  for (const int written : {3, 13, 20, 100}) {
    CAPTURE(written);
    for (int i = 0; i < written; ++i) line.write(1.0f);
    line.reset();
    for (Frame delay = 1; delay <= 13; ++delay) CHECK(line.read(delay) == 0.0f);  // all that cubic may reach
  }
  line.resize(20);
  CHECK(line.max_delay() == 20);
  CHECK(line.read(20) == 0.0f);
  using limits = std::numeric_limits<float>;
  for (const float delay : {-5.0f, 0.0f, 1e9f, limits::infinity(), -limits::infinity(), limits::quiet_NaN()}) {
    line.read_linear(delay);
    line.read_cubic(delay);
  }
  CHECK(line.read(-1000) == 0.0f);
  CHECK(DelayLine().read(1) == 0.0f);
}
