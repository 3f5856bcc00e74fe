// SPDX-License-Identifier: MIT
#include "harness.hpp"
#include "near.hpp"
#include "response.hpp"

#include <cmath>
#include <cstring>

#include <doctest/doctest.h>

using namespace harness;

namespace {

constexpr int rate = 48000;

struct Band {
  int n, type;
  double hz, gain, q;
};

void set(Instance &eq, const Band &band) {
  const std::string n = std::to_string(band.n);
  eq.set("enabled_" + n, 1);
  eq.set("type_" + n, band.type);
  eq.set("freq_" + n, band.hz);
  eq.set("gain_" + n, band.gain);
  eq.set("q_" + n, band.q);
}

enum Type { low_shelf, peak_type, high_shelf, low_cut, high_cut, notch, band_pass };

}  // namespace

TEST_CASE("eq: flat settings pass every bit") {
  const Library library("eq");
  CHECK(library.id == "builtin.eq");
  const std::vector<Samples> in{noise(9600, 1), noise(9600, 2)};
  Instance eq(library);
  eq.share_buffers = true;
  eq.feed("audio_in", in);
  CHECK(eq.run(9600) == in);
}

TEST_CASE("eq: single bands have the gains they say, where they say") {
  const Library library("eq");
  const auto gain = [&](const Band &band, double hz) {
    Instance eq(library);
    set(eq, band);
    return db(gain_at(impulse_response(eq, rate)[0], hz, rate));
  };
  const double q = std::sqrt(0.5);
  CHECK(gain({3, peak_type, 1000, 9, 2}, 1000) == near(9, 1e-4));
  CHECK(std::abs(gain({3, peak_type, 1000, 9, 2}, 1)) < 1e-3);
  CHECK(gain({3, peak_type, 1000, -24, 10}, 1000) == near(-24, 1e-4));
  CHECK(gain({1, low_shelf, 200, 12, q}, 200) == near(6, 1e-3));
  CHECK(gain({1, low_shelf, 200, 12, q}, 2) == near(12, 1e-3));
  CHECK(std::abs(gain({1, low_shelf, 200, 12, q}, 15000)) < 1e-3);
  CHECK(gain({6, high_shelf, 3000, -12, q}, 3000) == near(-6, 1e-3));
  CHECK(gain({6, high_shelf, 3000, -12, q}, 23000) == near(-12, 1e-3));
  CHECK(gain({0, low_cut, 100, 0, q}, 100) == near(-3.0103, 1e-3));
  CHECK(gain({0, low_cut, 100, 0, q}, 10) == near(-40, 1e-2));
  CHECK(gain({7, high_cut, 1000, 0, 4}, 1000) == near(db(4), 1e-3));
  CHECK(gain({4, notch, 2000, 0, 3}, 2000) < -80);
  CHECK(std::abs(gain({4, band_pass, 2000, 0, 3}, 2000)) < 1e-3);
}

TEST_CASE("eq: bands add up in dB, with the output gain") {
  const Library library("eq");
  const Band first{2, peak_type, 500, 6, 1}, second{5, high_shelf, 4000, -5, 0.7};
  Instance a(library), b(library), both(library);
  set(a, first);
  set(b, second);
  set(both, first);
  set(both, second);
  both.set("output_db", 3);
  const auto ra = impulse_response(a, rate)[0], rb = impulse_response(b, rate)[0], rc = impulse_response(both, rate)[0];
  for (const double hz : {60.0, 500.0, 2000.0, 9000.0})
    CHECK(std::abs(db(gain_at(rc, hz, rate)) - db(gain_at(ra, hz, rate)) - db(gain_at(rb, hz, rate)) - 3) < 1e-3);
}

TEST_CASE("eq: the curve is the response, measured") {
  const Library library("eq");
  for (const double sample_rate : {44100.0, 96000.0}) {
    for (int type = low_shelf; type <= band_pass; ++type) {
      Instance eq(library, {}, sample_rate);
      set(eq, {0, low_cut, 45, 0, 1.2});
      set(eq, {2, peak_type, 330, -7.5, 3});
      set(eq, {4, type, 2100, 8.25, 0.9});
      set(eq, {6, high_shelf, 7000, -4, 0.6});
      set(eq, {7, high_cut, 17000, 0, 0.7});
      eq.set("enabled_5", 0);
      eq.set("gain_5", 24);
      const auto response = impulse_response(eq, static_cast<int>(2 * sample_rate))[1];
      std::vector<double> hertz;
      for (int n = 0; n < 64; ++n) hertz.push_back(20 * std::pow(900, n / 63.0));
      const auto curve = eq.curve_response("curve", hertz);
      for (std::size_t n = 0; n < hertz.size(); ++n) {
        CAPTURE(sample_rate);
        CAPTURE(type);
        CAPTURE(hertz[n]);
        const double measured = db(gain_at(response, hertz[n], sample_rate));
        CHECK(std::abs(curve[n] - measured) < 0.05);
      }
    }
  }
}

TEST_CASE("eq: the points of the curve are the parameters of the bands") {
  const Library library("eq");
  Instance eq(library);
  const arr_curve *curve = eq.curve_extension();
  REQUIRE(curve != nullptr);
  REQUIRE(curve->point_count(eq.plugin(), "curve") == 8);
  for (std::uint32_t n = 0; n < 8; ++n) {
    const arr_curve_point *point = curve->point(eq.plugin(), "curve", n);
    REQUIRE(point != nullptr);
    const std::string number = std::to_string(n);
    CHECK(point->enabled_param == "enabled_" + number);
    CHECK(point->kind_param == "type_" + number);
    CHECK(point->x_param == "freq_" + number);
    CHECK(point->y_param == "gain_" + number);
    CHECK(point->width_param == "q_" + number);
  }
  CHECK(eq.port("curve")->graph_type == ARR_GRAPH_TYPE_EQ_CURVE);
}

TEST_CASE("eq: sweeps and switches do not click") {
  const Library library("eq");
  const Samples in = tone(rate, 200, rate, 0.25f);
  const auto largest_bend = [&](const std::string &param, const Samples &values) {
    Instance eq(library);
    set(eq, {3, peak_type, 2000, 12, 1});
    eq.curve(param, values);
    eq.feed("audio_in", {in, in});
    const Samples out = eq.run(rate)[0];
    float largest = 0;
    for (std::size_t i = 1000; i + 1 < rate; ++i)
      largest = std::max(largest, std::abs(out[i + 1] - 2 * out[i] + out[i - 1]));
    return largest;
  };
  Samples sweep(rate), off(rate, 1.0f), type(rate, 1.0f);
  for (std::size_t i = 0; i < rate; ++i) sweep[i] = 100.0f * std::exp2(7.0f * static_cast<float>(i) / rate);
  std::fill(off.begin() + 24000, off.end(), 0.0f);
  std::fill(type.begin() + 24000, type.end(), 4.0f);
  // The sine itself, at the +12 dB that it may have, bends by 0.0007 per frame; a step of the gain would by 0.1 or more.
  CHECK(largest_bend("freq_3", sweep) < 0.002f);
  CHECK(largest_bend("enabled_3", off) < 0.003f);
  CHECK(largest_bend("type_3", type) < 0.003f);
}

TEST_CASE("eq: stays bounded however fast everything moves") {
  const Library library("eq");
  Instance eq(library);
  for (int n = 0; n < 8; ++n) {
    const std::string number = std::to_string(n);
    set(eq, {n, n % 7, 1000, 0, 1});
    Samples hz = noise(rate, 10 + static_cast<std::uint32_t>(n)), q = noise(rate, 20 + static_cast<std::uint32_t>(n));
    for (float &x : hz) x = 20.0f * std::exp2(9.96f * (0.5f + 0.5f * x));
    for (float &x : q) x = 0.1f * std::exp2(8.6f * (0.5f + 0.5f * x));
    eq.curve("freq_" + number, hz);
    eq.curve("q_" + number, q);
  }
  const Samples in = noise(rate, 1);
  eq.feed("audio_in", {in, in});
  CHECK(peak(eq.run(rate)[0]) < 1000);
}

TEST_CASE("eq: rings out, and sleeps when it is inaudible") {
  const Library library("eq");
  Instance eq(library, {}, 8000);
  set(eq, {3, peak_type, 20, 24, 40});
  const Samples in = tone(16000, 20, 8000, 1.0f);
  eq.feed("audio_in", {in, in});
  eq.run(16000);
  CHECK(peak(eq.run(8000)[0]) > 1);
  CHECK(!eq.asleep());
  eq.run(static_cast<int>(eq.tail_frames()));
  CHECK(eq.asleep());
}
