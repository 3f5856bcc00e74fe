// SPDX-License-Identifier: MIT
// Parameter values over time: exactly placed, in closed form.
#include "graph/parameters.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <utility>

#include "session.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

constexpr double sample_rate = 48000;

Port parameter(double min, double max, arr_taper taper = ARR_TAPER_LINEAR, double smoothing_ms = 1,
               arr_port_hint hint = ARR_PORT_HINT_CONTINUOUS) {
  Port port;
  port.type = ARR_PORT_TYPE_CONTROL;
  port.min = min;
  port.max = max;
  port.taper = taper;
  port.smoothing_ms = smoothing_ms;
  port.hint = hint;
  return port;
}

// One parameter and its reader.
class Bench {
 public:
  Bench(const Port &port, double value) {
    parameters.sample_rate = sample_rate;
    parameters.resize(1, 128);
    parameters.set(number, port, value, &cell, &channel);
  }
  struct Change {
    std::int32_t frame;
    double value;
    std::int64_t ramp_frames = 0;
    bool explicit_ramp = false;
  };
  // The values of one slice.
  std::vector<float> slice(std::int32_t frames, const std::vector<Change> &changes = {}) {
    parameters.begin(now);
    for (const Change &change : changes)
      parameters.change(number, change.frame, change.value, change.ramp_frames, change.explicit_ramp);
    parameters.finish(frames);
    now += frames;
    constant = (cell.hint & ARR_HINT_CONSTANT) != 0;
    if (constant) return std::vector<float>(static_cast<std::size_t>(frames), *channel);
    return {channel, channel + frames};
  }

  Parameters parameters;
  ControlCell cell{};
  float *channel = nullptr;
  std::uint32_t number = 0;
  std::int64_t now = 0;
  bool constant = false;
};

}  // namespace

TEST_CASE("a parameter that rests is one constant value") {
  Bench bench(parameter(0, 1), 0.25);
  CHECK(bench.slice(128) == std::vector<float>(128, 0.25f));
  CHECK(bench.constant);
}

TEST_CASE("a change is a straight line of the smoothing time from its own frame, then constant again") {
  Bench bench(parameter(0, 1), 0.5);  // 48 frames
  const auto values = bench.slice(128, {{10, 1.0}});
  CHECK(!bench.constant);
  for (int i = 0; i < 10; ++i) CHECK(values[static_cast<std::size_t>(i)] == 0.5f);
  for (int i = 0; i <= 48; ++i)
    CHECK(values[static_cast<std::size_t>(10 + i)] == doctest::Approx(0.5 + 0.5 * i / 48).epsilon(1e-7));
  CHECK(values[58] == 1.0f);
  CHECK(values[127] == 1.0f);
  CHECK(bench.slice(64) == std::vector<float>(64, 1.0f));
  CHECK(bench.constant);
}

TEST_CASE("a new target starts from where the value is") {
  Bench bench(parameter(0, 1), 0);
  const auto values = bench.slice(128, {{0, 1.0}, {24, 0.0}});
  CHECK(values[24] == doctest::Approx(0.5));
  CHECK(values[36] == doctest::Approx(0.375));
  CHECK(values[72] == 0.0f);
}

TEST_CASE("what a call is filled with is the value of each frame, wherever it begins and ends") {
  constexpr std::int64_t start = 1'000'000, length = 50;
  for (const arr_taper taper : {ARR_TAPER_LINEAR, ARR_TAPER_LOG, ARR_TAPER_EXP}) {
    const Port port = parameter(0, 2, taper);
    for (const auto &[from, to] : {std::pair{0.1, 1.9}, {1.9, 0.1}, {-0.0, 1.0}, {1.0, 1.0}}) {
      const Line line(port, from, to, start, length);
      for (std::int64_t first = start - 5; first <= start + length + 1; ++first) {
        std::array<float, 20> out{};
        line.fill(out.data(), first, static_cast<std::int32_t>(out.size()));
        for (std::size_t i = 0; i < out.size(); ++i)
          CHECK(std::bit_cast<std::uint32_t>(out[i]) ==
                std::bit_cast<std::uint32_t>(static_cast<float>(line.at(first + static_cast<std::int64_t>(i)))));
      }
    }
  }
}

TEST_CASE("equal ratios for log, a square for exp, decibels for db, none of them from zero") {
  const auto half_way = [](const Port &port, double from, double to) {
    return Bench(port, from).slice(128, {{0, to}})[24];
  };
  CHECK(half_way(parameter(20, 20000, ARR_TAPER_LOG), 100, 10000) == doctest::Approx(1000));
  CHECK(half_way(parameter(1, 101, ARR_TAPER_EXP), 1, 101) == doctest::Approx(1 + 100 * 0.25));
  CHECK(half_way(parameter(0, 2, ARR_TAPER_DB), 1, 0.01) == doctest::Approx(0.1));
  CHECK(half_way(parameter(0, 2, ARR_TAPER_DB), 1, 0) == doctest::Approx(0.5));  // zero has no decibels
  CHECK(half_way(parameter(0, 2, ARR_TAPER_DB), 0, 1) == doctest::Approx(0.5));
}

TEST_CASE("an explicit line replaces smoothing; toggles, integers and choices jump") {
  Bench bench(parameter(0, 1), 0);
  CHECK(bench.slice(128, {{0, 1.0, 96, true}})[48] == doctest::Approx(0.5));
  CHECK(bench.slice(8, {{4, 0.0, 0, true}}) == std::vector<float>{1, 1, 1, 1, 0, 0, 0, 0});
  for (const arr_port_hint hint :
       {ARR_PORT_HINT_TOGGLE, ARR_PORT_HINT_INTEGER, ARR_PORT_HINT_CATEGORICAL, ARR_PORT_HINT_RADIO}) {
    Bench jump(parameter(0, 3, ARR_TAPER_LINEAR, 5, hint), 0);
    CHECK(jump.slice(4, {{2, 3.0, 96, true}}) == std::vector<float>{0, 0, 3, 3});
  }
}

TEST_CASE("values stay within the range") {
  Bench bench(parameter(-1, 1, ARR_TAPER_LINEAR, 0), 0);
  CHECK(bench.slice(4, {{1, 1e300}, {3, -7.0}}) == std::vector<float>{0, 1, 1, -1});
}

TEST_CASE("in a graph, lines of every taper are the same however blocks are cut") {
  const Schedule events = Events()
                              .param(0.01, "v", "value", 90, 0.2)
                              .param(0.1, "v", "value", 30)
                              .param(0.1001, "v", "value", 60)
                              .param(0.15, "v", "value", 1, 0.003)
                              .param(0.16, "v", "value", 55);
  for (const char *type :
       {"test.value", "test.log_value", "test.exp_value", "test.db_value", "test.jump_value", "test.toggle_value"}) {
    CAPTURE(std::string(type));
    const Graph graph{{}, {node("v", type), node("mixer", "test.scale")}, {connect("v", "out", "mixer", "in")}};
    const Stereo out = render(graph, events, 6000);
    CHECK(same_bits(out.left, out.right));
    CHECK(out.left[200] == out.left[0]);
    CHECK(out.left[5999] == out.left[5000]);
  }
}

TEST_CASE("the smoothing of a parameter begins on the frame of its event") {
  const Graph graph{{},
                    {node("v", "test.value", {{"value", 10.0}}), node("mixer", "test.scale")},
                    {connect("v", "out", "mixer", "in")}};
  const Stereo out = render(graph, Events().param(0.05, "v", "value", 20), 2000);  // frame 1200, 144 frames
  CHECK(out.left[1200] == 10.0f);
  CHECK(out.left[1201] == doctest::Approx(10 + 10.0 / 144));
  CHECK(out.left[1272] == doctest::Approx(15));
  CHECK(out.left[1344] == 20.0f);
}
