// SPDX-License-Identifier: MIT
#include "harness.hpp"
#include "near.hpp"

#include <cmath>

#include <doctest/doctest.h>

using namespace harness;

namespace {

constexpr int rate = 48000, frames = 9600;

std::vector<Samples> through(const Library &library, const std::vector<Samples> &in,
                             const std::vector<std::pair<std::string, double>> &params) {
  Instance utility(library);
  for (const auto &[param, value] : params) utility.set(param, value);
  utility.feed("audio_in", in);
  return utility.run(frames);
}

}  // namespace

TEST_CASE("utility: at its defaults every bit passes") {
  const Library library("utility");
  CHECK(library.id == "builtin.utility");
  std::vector<Samples> in{noise(frames, 1), noise(frames, 2)};
  in[0][77] = 3.0e38f;
  in[1][77] = -3.0e38f;
  CHECK(through(library, in, {}) == in);
  Instance shared(library);
  shared.share_buffers = true;
  shared.feed("audio_in", in);
  CHECK(shared.run(frames) == in);
}

TEST_CASE("utility: gain is in dB, and -96 is silence") {
  const Library library("utility");
  const std::vector<Samples> in{noise(frames, 1, 0.05f), noise(frames, 2, 0.05f)};
  for (const double db : {-90.0, -20.0, -6.0, 6.0, 24.0}) {
    CAPTURE(db);
    const auto out = through(library, in, {{"gain_db", db}});
    CHECK(rms(out[0]) == near(rms(in[0]) * std::pow(10, db / 20), 1e-5));
    CHECK(rms(out[1]) == near(rms(in[1]) * std::pow(10, db / 20), 1e-5));
  }
  CHECK(peak(through(library, in, {{"gain_db", -96}})[0]) == 0);
}

TEST_CASE("utility: pan has equal power, unity at the centre and nothing on the far side") {
  const Library library("utility");
  const Samples ones(frames, 0.5f);
  for (const double pan : {-1.0, -0.6, -0.1, 0.3, 1.0}) {
    CAPTURE(pan);
    const auto out = through(library, {ones, ones}, {{"pan", pan}});
    const double angle = (1 + pan) * std::acos(-1.0) / 4;
    CHECK(std::abs(peak(out[0]) - 0.5 * std::sqrt(2.0) * std::cos(angle)) < 1e-6);
    CHECK(std::abs(peak(out[1]) - 0.5 * std::sqrt(2.0) * std::sin(angle)) < 1e-6);
  }
  CHECK(peak(through(library, {ones, ones}, {{"pan", 1}})[0]) == 0);
}

TEST_CASE("utility: width scales the difference of the sides and leaves their mean") {
  const Library library("utility");
  const std::vector<Samples> in{noise(frames, 1, 0.3f), noise(frames, 2, 0.3f)};
  for (const double width : {0.0, 0.5, 1.5, 2.0}) {
    CAPTURE(width);
    const auto out = through(library, in, {{"width", width}});
    for (std::size_t i = 0; i < frames; ++i) {
      REQUIRE(std::abs((out[0][i] + out[1][i]) - (in[0][i] + in[1][i])) < 1e-6f);
      REQUIRE(std::abs((out[0][i] - out[1][i]) - static_cast<float>(width) * (in[0][i] - in[1][i])) < 1e-6f);
    }
  }
}

TEST_CASE("utility: mono is the same on both sides, inversion the exact negative") {
  const Library library("utility");
  const std::vector<Samples> in{noise(frames, 1), noise(frames, 2)};
  const auto mono = through(library, in, {{"mono", 1}, {"width", 2}});
  CHECK(mono[0] == mono[1]);
  CHECK(mono[0][100] == 0.5f * in[0][100] + 0.5f * in[1][100]);
  const auto left = through(library, in, {{"invert_l", 1}});
  const auto right = through(library, in, {{"invert_r", 1}});
  for (std::size_t i = 0; i < frames; ++i) {
    REQUIRE(left[0][i] == -in[0][i]);
    REQUIRE(right[1][i] == -in[1][i]);
  }
  CHECK(left[1] == in[1]);
  CHECK(right[0] == in[0]);
}

TEST_CASE("utility: a toggle is a line of 5 ms and not a step") {
  const Library library("utility");
  constexpr int fade = rate * 5 / 1000;
  for (const auto &[toggle, end] : {std::pair{"mute", 0.0f}, {"invert_l", -1.0f}, {"mono", 0.5f}}) {
    CAPTURE(toggle);
    Instance utility(library);
    utility.feed("audio_in", {Samples(frames, 1.0f), Samples(frames, 0.0f)});
    Samples on(frames, 1.0f);
    std::fill_n(on.begin(), 1000, 0.0f);
    utility.curve(toggle, on);
    const auto out = utility.run(frames, {100})[0];
    CHECK(out[999] == 1.0f);
    CHECK(out[1000 + fade - 1] == end);
    CHECK(out[frames - 1] == end);
    for (std::size_t i = 1; i < frames; ++i) REQUIRE(std::abs(out[i] - out[i - 1]) < 1.01f * (1.0f - end) / fade);
  }
}

TEST_CASE("utility: sleeps in silence and takes new settings there at once") {
  const Library library("utility");
  Instance utility(library);
  utility.run(1000);
  CHECK(utility.asleep());
  utility.set("mono", 1);
  const std::vector<Samples> in{Samples(256, 0.5f), Samples(256, 0.0f)};
  utility.feed("audio_in", in);
  CHECK(utility.run(256)[1] == Samples(256, 0.25f));
}
