// SPDX-License-Identifier: MIT
#include "harness.hpp"
#include "near.hpp"
#include "response.hpp"

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

using namespace harness;

namespace {

constexpr int rate = 48000;

// Giannoulis, Massberg and Reiss 2012, equation 4.
double curve(double in_db, double threshold, double ratio, double knee) {
  const double above = in_db - threshold;
  if (2 * above < -knee) return in_db;
  if (2 * std::abs(above) < knee) return in_db + (1 / ratio - 1) * std::pow(above + knee / 2, 2) / (2 * knee);
  return threshold + above / ratio;
}

Instance compressor_of(const Library &library, const std::vector<std::pair<std::string, double>> &params) {
  Instance compressor(library);
  for (const auto &[param, value] : params) compressor.set(param, value);
  return compressor;
}

Samples through(Instance &compressor, const Samples &in, const Samples &key = {}) {
  compressor.feed("audio_in", {in, in});
  if (!key.empty()) compressor.feed("sidechain_in", {key, key});
  return compressor.run(static_cast<int>(in.size()))[0];
}

float linear(double db) { return static_cast<float>(std::pow(10, db / 20)); }

}  // namespace

TEST_CASE("compressor: steady sines come out as the static curve says, by peak and by RMS") {
  const Library library("compressor");
  CHECK(library.id == "builtin.compressor");
  for (const auto &[threshold, ratio, knee] :
       {std::tuple{-20.0, 4.0, 0.0}, {-20.0, 4.0, 12.0}, {-30.0, 100.0, 6.0}, {-10.0, 1.5, 24.0}}) {
    for (const double level : {-50.0, -32.0, -24.0, -20.0, -17.0, -10.0, -3.0, 0.0}) {
      for (const bool by_rms : {false, true}) {
        CAPTURE(threshold);
        CAPTURE(ratio);
        CAPTURE(knee);
        CAPTURE(level);
        CAPTURE(by_rms);
        // Fast up and slow down, the peak detector stays where the crests are.
        Instance compressor = compressor_of(library, {{"threshold_db", threshold},
                                                      {"ratio", ratio},
                                                      {"knee_db", knee},
                                                      {"attack_ms", by_rms ? 10 : 0.05},
                                                      {"release_ms", by_rms ? 100 : 2500},
                                                      {"detector", by_rms ? 1 : 0}});
        const Samples out = through(compressor, tone(rate, 1000, rate, linear(level)));
        const double seen = by_rms ? level - 3.0103 : level;
        const double expected = level + curve(seen, threshold, ratio, knee) - seen;
        CHECK(std::abs(db(amplitude_at(out, 1000, rate, rate / 2, rate)) - expected) < 0.1);
        CHECK(std::abs(double{compressor.monitor("gain_reduction_db")} - (level - expected)) < 0.1);
      }
    }
  }
}

TEST_CASE("compressor: attack and release are time constants in dB, at every sample rate") {
  const Library library("compressor");
  // The reduction so many constants after a step between levels that want 5 dB and 20 dB of it.
  const auto reduction_after = [&](double from_db, double to_db, double constants, double ms, double sample_rate) {
    Instance compressor(library, {}, sample_rate);
    for (const auto &[param, value] :
         {std::pair{"threshold_db", -40.0}, {"ratio", 2.0}, {"knee_db", 0.0}, {"attack_ms", ms}, {"release_ms", ms}})
      compressor.set(param, value);
    const double constant = ms * 0.001 * sample_rate;
    const auto step = static_cast<std::size_t>(10 * constant);
    const std::size_t at = step + static_cast<std::size_t>(constants * constant) - 1;
    Samples in(at + 1, linear(from_db));
    std::fill(in.begin() + static_cast<std::ptrdiff_t>(step), in.end(), linear(to_db));
    const Samples out = through(compressor, in);
    return -db(double{out[at]} / double{in[at]});
  };
  for (const double sample_rate : {8000.0, 48000.0, 384000.0}) {
    for (const double ms : {5.0, 200.0}) {
      CAPTURE(sample_rate);
      CAPTURE(ms);
      CHECK(reduction_after(-30, 0, 1, ms, sample_rate) == near(5 + 15 * (1 - std::exp(-1)), 1e-3));
      CHECK(reduction_after(-30, 0, 2, ms, sample_rate) == near(5 + 15 * (1 - std::exp(-2)), 1e-3));
      CHECK(reduction_after(0, -30, 1, ms, sample_rate) == near(20 - 15 * (1 - std::exp(-1)), 1e-3));
      CHECK(reduction_after(0, -30, 2, ms, sample_rate) == near(20 - 15 * (1 - std::exp(-2)), 1e-3));
    }
  }
}

TEST_CASE("compressor: below the threshold every bit passes") {
  const Library library("compressor");
  const std::vector<Samples> in{noise(rate, 1, 0.1f), noise(rate, 2, 0.1f)};
  for (const double mix : {1.0, 0.3}) {
    Instance compressor = compressor_of(library, {{"threshold_db", -15}, {"knee_db", 6}, {"mix", mix}});
    compressor.share_buffers = true;
    compressor.feed("audio_in", in);
    CHECK(compressor.run(rate) == in);
  }
}

TEST_CASE("compressor: both sides get the gain that the louder one needs") {
  const Library library("compressor");
  Instance compressor = compressor_of(library, {{"threshold_db", -20}, {"ratio", 100}, {"knee_db", 0}});
  compressor.feed("audio_in", {Samples(rate, 1.0f), Samples(rate, 0.01f)});
  const auto out = compressor.run(rate);
  const double expected = -20 * (1 - 0.01);
  CHECK(db(static_cast<double>(out[0].back())) == near(expected, 1e-3));
  CHECK(db(static_cast<double>(out[1].back())) == near(expected - 40, 1e-3));
}

TEST_CASE("compressor: a connected sidechain counts instead of the input") {
  const Library library("compressor");
  const std::vector<std::pair<std::string, double>> params{
      {"threshold_db", -20}, {"ratio", 2}, {"knee_db", 0}, {"attack_ms", 1}};
  const Samples quiet(rate, 0.01f), loud(rate, 1.0f);
  Instance ducked = compressor_of(library, params), free = compressor_of(library, params);
  CHECK(db(static_cast<double>(through(ducked, quiet, loud).back())) == near(-50, 1e-3));
  CHECK(through(free, loud, quiet) == loud);
}

TEST_CASE("compressor: make-up and mix") {
  const Library library("compressor");
  const std::vector<std::pair<std::string, double>> params{
      {"threshold_db", -20}, {"ratio", 2}, {"knee_db", 0}, {"attack_ms", 1}};
  const Samples loud(rate, 1.0f);  // reduced by 10 dB
  Instance made_up = compressor_of(library, params), parallel = compressor_of(library, params);
  made_up.set("makeup_db", 4);
  CHECK(db(static_cast<double>(through(made_up, loud).back())) == near(-6, 1e-3));
  parallel.set("mix", 0.25);
  CHECK(through(parallel, loud).back() == near(0.75 + 0.25 * std::pow(10, -0.5), 1e-5));
}

TEST_CASE("compressor: sleeps when its release is over, and not before") {
  const Library library("compressor");
  Instance compressor = compressor_of(library, {{"threshold_db", -20}, {"release_ms", 500}});
  through(compressor, Samples(rate, 1.0f));
  through(compressor, Samples(rate / 10, 0.0f));
  CHECK(!compressor.asleep());
  CHECK(compressor.monitor("gain_reduction_db") > 8);
  through(compressor, Samples(10 * rate, 0.0f));
  CHECK(compressor.asleep());
  CHECK(compressor.monitor("gain_reduction_db") == 0);
}
