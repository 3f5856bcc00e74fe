// SPDX-License-Identifier: MIT
// Eight at once are eight one by one, to the bit.
#include "support.hpp"

#include <arranger/dsp/envelope.hpp>
#include <arranger/dsp/lanes.hpp>
#include <arranger/dsp/oscillator.hpp>
#include <arranger/dsp/random.hpp>

#include <limits>

using namespace arranger::dsp;

namespace {

std::uint32_t bits(float x) { return std::bit_cast<std::uint32_t>(x); }

// Eight values of each sign and size, as bits that are no NaN.
Lanes any_floats(Random &random) {
  Lanes out = 0.0f;
  for (int lane = 0; lane < lane_count; ++lane) out.set(lane, random.bipolar() * exp2(40.0f * random.bipolar()));
  return out;
}
UintLanes any_phases(Random &random) {
  UintLanes out = 0u;
  for (int lane = 0; lane < lane_count; ++lane) out.set(lane, random.next());
  return out;
}

template <class Got, class Expected>
void check_lanes(const Got &got, Expected expected) {
  for (int lane = 0; lane < lane_count; ++lane) {
    CAPTURE(lane);
    CHECK(bits(got[lane]) == bits(expected(lane)));
  }
}

}  // namespace

TEST_CASE("lanes: arithmetic and comparisons are those of their numbers") {
  Random random(3);
  for (int round = 0; round < 200; ++round) {
    const Lanes a = any_floats(random), b = any_floats(random);
    check_lanes(a + b, [&](int i) { return a[i] + b[i]; });
    check_lanes(a - b, [&](int i) { return a[i] - b[i]; });
    check_lanes(a * b, [&](int i) { return a[i] * b[i]; });
    check_lanes(a / b, [&](int i) { return a[i] / b[i]; });
    check_lanes(2.0f - min(a, 2.0f), [&](int i) { return 2.0f - detail::min(a[i], 2.0f); });
    check_lanes(max(a, b), [&](int i) { return detail::max(a[i], b[i]); });
    const UintLanes p = any_phases(random), q = any_phases(random);
    check_lanes(where_less(p, q, a, b), [&](int i) { return p[i] < q[i] ? a[i] : b[i]; });
    const UintLanes mixed = ((p * q) ^ (p >> 7)) - (q << 3) + (p & q);
    for (int i = 0; i < lane_count; ++i) CHECK(mixed[i] == ((p[i] * q[i]) ^ (p[i] >> 7)) - (q[i] << 3) + (p[i] & q[i]));
  }
  const float none = std::numeric_limits<float>::quiet_NaN();
  check_lanes(min(Lanes(none), Lanes(1.0f)), [](int) { return 1.0f; });
  check_lanes(max(Lanes(none), Lanes(1.0f)), [](int) { return 1.0f; });
}

TEST_CASE("lanes: functions and waves are those of one number") {
  Random random(4);
  for (int round = 0; round < 500; ++round) {
    const UintLanes phase = any_phases(random), increment = any_phases(random) >> 4;
    const Lanes x = signed_value(phase) * 0x1p-25f, turns = signed_value(phase >> 1) * (0.499f * 0x1p-31f);
    check_lanes(exp2(x), [&](int i) { return exp2(x[i]); });
    check_lanes(midi_to_hz(x), [&](int i) { return midi_to_hz(x[i]); });
    check_lanes(tan_of_half_turns(turns), [&](int i) { return tan_of_half_turns(turns[i]); });
    check_lanes(sine_of_phase(phase), [&](int i) { return sine_of_phase(phase[i]); });
    const Lanes scale = detail::frames_per_phase_step<Lanes>(increment);
    check_lanes(scale, [&](int i) { return detail::frames_per_phase_step<float>(increment[i]); });
    check_lanes(detail::saw_of_phase(phase, scale), [&](int i) { return detail::saw_of_phase(phase[i], scale[i]); });
    check_lanes(detail::pulse_of_phase(phase, scale, 0x40000000u),
                [&](int i) { return detail::pulse_of_phase(phase[i], scale[i], 0x40000000u); });
    check_lanes(detail::triangle_of_phase(phase, scale),
                [&](int i) { return detail::triangle_of_phase(phase[i], scale[i]); });
  }
}

TEST_CASE("lanes: noise in a lane is that of its seed") {
  UintLanes counter = 0u, key = 0u;
  std::vector<Random> randoms;
  for (int i = 0; i < lane_count; ++i) {
    randoms.emplace_back(static_cast<std::uint64_t>(i) << 40 | 7u);
    counter.set(i, randoms.back().counter());
    key.set(i, randoms.back().key());
  }
  for (int n = 0; n < 100; ++n) {
    counter += Random::step;
    check_lanes(Random::bipolar_of(Random::bits(counter, key)),
                [&](int i) { return randoms[static_cast<std::size_t>(i)].bipolar(); });
  }
}

TEST_CASE("lanes: memory, rows of frames, and sums in a fixed order") {
  float numbers[lane_count + 1];
  for (int i = 0; i <= lane_count; ++i) numbers[i] = static_cast<float>(i) + 0.25f;
  check_lanes(Lanes::load(numbers + 1), [&](int i) { return numbers[i + 1]; });
  Lanes::load(numbers).store(numbers + 1);
  CHECK(numbers[lane_count] == 7.25f);

  const UintLanes row = phases(0xffffffffu, 0x20000001u);
  for (int i = 0; i < lane_count; ++i) CHECK(row[i] == 0xffffffffu + 0x20000001u * static_cast<std::uint32_t>(i));

  Random random(5);
  Lanes vectors[8];
  for (Lanes &vector : vectors) vector = any_floats(random);
  for (Frame frames = 0; frames <= 8; ++frames) {
    alignas(16) float sums[12];
    std::fill_n(sums, 12, 99.0f);
    sum_lanes(vectors, sums, frames);
    for (Frame i = 0; i < frames; ++i) {
      const Lanes &x = vectors[i];
      CHECK(bits(sums[i]) == bits(((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]))));
    }
    for (Frame i = (frames + 3) / 4 * 4; i < 12; ++i) CHECK(sums[i] == 99.0f);
  }
}

TEST_CASE("lanes: an envelope's segments say all of it") {
  Envelope whole, told;
  for (Envelope *envelope : {&whole, &told}) {
    envelope->activate(48000.0);
    envelope->set(0.002f, 0.01f, 0.5f, 0.005f);
    envelope->trigger();
  }
  int corners = 0;
  for (Frame frame = 0; frame < 2000; ++frame) {
    if (frame == 1000)
      for (Envelope *envelope : {&whole, &told}) envelope->release();
    const Envelope::Segment now = told.segment();
    REQUIRE(now.frames > 0);
    const float level = now.asymptote + now.distance * exp2(static_cast<float>(now.position) * now.octaves);
    REQUIRE(bits(level) == bits(whole.next()));
    const bool over = told.advance(1);
    REQUIRE(over == (now.frames == 1));
    corners += over ? 1 : 0;
  }
  CHECK(corners == 3);
  CHECK_FALSE(told.is_active());
}
