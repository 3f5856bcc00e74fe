// SPDX-License-Identifier: MIT
#include "harness.hpp"
#include "near.hpp"
#include "sample_file.hpp"

#include <cmath>
#include <numbers>

#include <doctest/doctest.h>

using namespace harness;

namespace {

constexpr int second = 48000;

const Library &library() {
  static const Library instance("sampler");
  return instance;
}

class Sampler : public Instance {
 public:
  explicit Sampler(const std::string &path) : Instance(library(), {}, second, {{"sample_path", path}}) {}
};

Samples constant(int frames, float value = 1.0f) { return Samples(static_cast<std::size_t>(frames), value); }

std::string refusal(const std::string &path) {
  try {
    const Sampler sampler(path);
  } catch (const std::runtime_error &error) {
    return error.what();
  }
  return "";
}

// The sine of a frequency that fits best, by least squares, and what is left without it, relative to it, in dB.
struct Fit {
  double amplitude, rest;
};
Fit fit(const Samples &samples, double hertz, int from, int to) {
  double cc = 0, cs = 0, ss = 0, xc = 0, xs = 0, xx = 0;
  for (int i = from; i < to; ++i) {
    const double angle = 2 * std::numbers::pi * hertz / second * i;
    const double c = std::cos(angle), s = std::sin(angle),
                 x = static_cast<double>(samples[static_cast<std::size_t>(i)]);
    cc += c * c;
    cs += c * s;
    ss += s * s;
    xc += x * c;
    xs += x * s;
    xx += x * x;
  }
  const double determinant = cc * ss - cs * cs;
  const double a = (xc * ss - xs * cs) / determinant, b = (xs * cc - xc * cs) / determinant;
  const double explained = a * xc + b * xs;
  return {std::hypot(a, b), 10 * std::log10(std::max(xx - explained, 1e-30) / explained)};
}

}  // namespace

TEST_CASE("sampler: the root key at the sample's rate plays the file's own frames") {
  const std::vector<Samples> file_frames{noise(5000, 1), noise(5000, 2)};
  const SampleFile file(file_frames);
  for (const double gain : {1.0, 0.5}) {
    Sampler sampler(file.path());
    sampler.set("gain", gain);
    sampler.note_on(100, 60);
    const auto out = sampler.run(10000);
    for (std::size_t c = 0; c < 2; ++c) {
      for (std::size_t i = 0; i < 5000; ++i) REQUIRE(out[c][100 + i] == static_cast<float>(gain) * file_frames[c][i]);
      CHECK(peak(out[c], 0, 100) == 0.0);
      CHECK(peak(out[c], 5100) == 0.0);
    }
    CHECK(sampler.asleep());
  }
}

TEST_CASE("sampler: a mono sample is on both sides, and another root plays it on another key") {
  const Samples frames = noise(2000, 3);
  const SampleFile file({frames});
  Sampler sampler(file.path());
  sampler.set("root_pitch", 36);
  sampler.note_on(0, 36);
  const auto out = sampler.run(2000);
  CHECK(out[0] == frames);
  CHECK(out[1] == frames);
}

TEST_CASE("sampler: a file of half the rate is met on every second frame") {
  const Samples frames = noise(2000, 4);
  const SampleFile file({frames}, second / 2);
  Sampler sampler(file.path());
  sampler.note_on(0, 60);
  const auto out = sampler.run(4000)[0];
  for (std::size_t i = 0; i < 2000; ++i) REQUIRE(out[2 * i] == frames[i]);
}

TEST_CASE("sampler: each key has its pitch, whatever the file's rate, and adds nothing else") {
  const SampleFile file({tone(4 * 44100, 440, 44100, 0.5f)}, 44100);
  for (const int key : {0, 36, 48, 59, 60, 61, 67, 72, 79, 84}) {
    CAPTURE(key);
    Sampler sampler(file.path());
    sampler.note_on(0, key);
    const auto out = sampler.run(second / 2)[0];
    const double hertz = 440 * std::exp2((key - 60) / 12.0);
    const Fit sine = fit(out, hertz, 4800, second / 2);
    CHECK(sine.amplitude == near(0.5, 1e-3));
    CHECK(sine.rest < -90);
  }
}

TEST_CASE("sampler: up to 0.39 of the file's rate is played in full, with nothing above -80 dB beside it") {
  for (const double hertz : {5000.0, 12000.0, 0.39 * 44100}) {
    CAPTURE(hertz);
    const SampleFile file({tone(2 * 44100, hertz, 44100, 0.5f)}, 44100);
    Sampler sampler(file.path());
    sampler.note_on(0, 60);
    const Fit sine = fit(sampler.run(second)[0], hertz, 4800, second);
    CHECK(sine.amplitude == near(0.5, 1e-3));
    CHECK(sine.rest < -80);
  }
}

TEST_CASE("sampler: what a high key would fold back is taken away") {
  const SampleFile file({tone(8 * second, 15000, second)});
  for (const int key : {72, 79, 84}) {  // 30, 45 and 60 kHz
    CAPTURE(key);
    Sampler sampler(file.path());
    sampler.note_on(0, key);
    CHECK(20 * std::log10(rms(sampler.run(second)[0], 1000)) < -65);
  }
}

TEST_CASE("sampler: bend is two semitones either way, on its channel") {
  const SampleFile file({tone(4 * second, 1000, second, 0.5f)});
  for (const double bend : {-1.0, 0.5, 1.0}) {
    CAPTURE(bend);
    Sampler sampler(file.path());
    sampler.note_on(0, 60, 1, 3);
    sampler.event(100, ARR_EVENT_BEND, 3, 0, bend);
    sampler.event(100, ARR_EVENT_BEND, 4, 0, -bend);
    const double hertz = 1000 * std::exp2(bend * 2 / 12);
    CHECK(amplitude_at(sampler.run(second)[0], hertz, second, 4800, second) == near(0.5, 0.01));
    sampler.event(0, ARR_EVENT_CC, 3, 120, 0);
    sampler.run(1000);
    sampler.note_on(0, 60, 1, 3);  // a later note has it from the start
    CHECK(amplitude_at(sampler.run(second)[0], hertz, second, 0, second) == near(0.5, 0.01));
  }
}

TEST_CASE("sampler: a note's level is the square of its velocity, as far as it is sensitive to it") {
  const SampleFile file({constant(1000)});
  const auto level = [&](double velocity, double sensitivity) {
    Sampler sampler(file.path());
    sampler.set("velocity_sensitivity", sensitivity);
    sampler.note_on(0, 60, velocity);
    return static_cast<double>(sampler.run(1000)[0][500]);
  };
  CHECK(level(1, 1) == 1.0);
  CHECK(level(0.5, 1) == near(0.25));
  CHECK(level(0.25, 1) == near(0.0625));
  CHECK(level(0.5, 0.5) == near(0.625));
  CHECK(level(0.1, 0) == 1.0);
}

TEST_CASE("sampler: attack and release take the times they say") {
  const SampleFile file({constant(100)});
  Sampler sampler(file.path());
  sampler.set("loop", 1);
  sampler.set("attack", 0.1);
  sampler.set("release", 0.2);
  sampler.note_on(0, 60);
  sampler.note_off(9600, 60);
  const auto out = sampler.run(second)[0];
  for (std::size_t i = 1; i <= 4800; ++i) REQUIRE(out[i] > out[i - 1]);
  CHECK(out[4799] < 1.0f);
  for (std::size_t i = 4800; i < 9600; ++i) REQUIRE(out[i] == near(1.0, 1e-6));
  CHECK(out[9600 + 4800] == near(0.031, 0.02));  // 30 dB down, less the part of the last 60 dB that is cut off
  CHECK(out[9600 + 9500] > 0.0f);
  CHECK(peak(out, 9600 + 9600) == 0.0);
  CHECK(sampler.asleep());
}

TEST_CASE("sampler: a loop has no seam, wherever its ends are read and however fast") {
  // Seven periods of a sine between 0.2 and 0.9; around them is noise, which must not be heard once the loop repeats.
  Samples frames = noise(200, 5);
  for (const float x : tone(700, 480, second)) frames.push_back(x);
  for (const float x : noise(100, 6)) frames.push_back(x);
  const SampleFile file({frames});
  for (const int key : {41, 48, 60, 65, 72, 77}) {
    CAPTURE(key);
    Sampler sampler(file.path());
    sampler.set("loop", 1);
    sampler.set("loop_start", 0.2);
    sampler.set("loop_end", 0.9);
    sampler.note_on(0, key);
    const auto out = sampler.run(second)[0];
    const double turn_of_file = 2 * std::numbers::pi * 480 / second;
    const double turn = turn_of_file * std::exp2((key - 60) / 12.0);
    double worst = 0;
    const auto within = static_cast<std::size_t>(300 * turn_of_file / turn);  // where no kernel reaches what is before
    for (std::size_t i = within; i < out.size(); ++i)
      worst =
          std::max(worst, std::abs(static_cast<double>(out[i]) - 2 * std::cos(turn) * static_cast<double>(out[i - 1]) +
                                   static_cast<double>(out[i - 2])));
    CHECK(worst < 2e-4);
    CHECK(peak(out, second / 2) == near(1.0, 0.01));
  }
}

TEST_CASE("sampler: a loop of a few frames sounds") {
  const SampleFile file({constant(100, 0.5f)});
  Sampler sampler(file.path());
  sampler.set("loop", 1);
  sampler.set("loop_start", 1);
  sampler.set("loop_end", 0);  // at least one frame
  sampler.note_on(0, 84);
  CHECK(sampler.run(second)[0].back() == near(0.5, 1e-4));
}

TEST_CASE("sampler: 64 notes sound, and a further one takes the place of the quietest") {
  const SampleFile file({constant(100)});
  Sampler sampler(file.path());
  sampler.set("loop", 1);
  sampler.set("gain", 0.01);
  for (int n = 0; n < 64; ++n) sampler.note_on(0, 60, n == 20 ? 0.5 : 1.0, n % 16);
  CHECK(sampler.run(1000)[0].back() == near(0.6325, 1e-4));
  sampler.note_on(0, 62);
  CHECK(sampler.run(1000)[0].back() == near(0.64, 1e-4));
}

TEST_CASE("sampler: the pedal holds, and the controllers end a channel's notes") {
  const SampleFile file({constant(100)});
  Sampler sampler(file.path());
  sampler.set("loop", 1);
  sampler.event(0, ARR_EVENT_CC, 2, 64, 1);
  sampler.note_on(0, 60, 1, 2);
  sampler.note_off(100, 60, 2);
  CHECK(sampler.run(second)[0].back() == 1.0f);
  sampler.event(0, ARR_EVENT_CC, 2, 64, 0);
  CHECK(peak(sampler.run(second)[0], second / 2) == 0.0);
  for (const int controller : {120, 123}) {
    sampler.note_on(0, 60, 1, 2);
    sampler.note_on(0, 60, 1, 3);
    sampler.event(100, ARR_EVENT_CC, 2, controller, 0);
    CHECK(sampler.run(second)[0].back() == 1.0f);
    sampler.note_off(0, 60, 3);
    sampler.run(second);
    CHECK(sampler.asleep());
  }
}

TEST_CASE("sampler: reads what libsndfile reads") {
  const Samples frames = tone(second, 440, second, 0.5f);
  struct Format {
    int format;
    double error;
  };
  for (const auto &[format, error] :
       {Format{SF_FORMAT_WAV | SF_FORMAT_PCM_16, 1.0 / 32768}, Format{SF_FORMAT_AIFF | SF_FORMAT_PCM_24, 1e-6},
        Format{SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 1.0 / 32768}, Format{SF_FORMAT_OGG | SF_FORMAT_VORBIS, 0.03}}) {
    CAPTURE(format);
    const SampleFile file({frames}, second, format);
    Sampler sampler(file.path());
    sampler.note_on(0, 60);
    const auto out = sampler.run(second)[0];
    double worst = 0;
    for (std::size_t i = 0; i < frames.size(); ++i)
      worst = std::max(worst, std::abs(static_cast<double>(out[i]) - static_cast<double>(frames[i])));
    CHECK(worst <= error);
  }
}

TEST_CASE("sampler: a file that cannot be played is named, with the reason") {
  const TemporaryFile text("notes.wav", "this is no sound");
  CHECK(refusal(text.path()).starts_with("the sample cannot be read: " + text.path() + ": "));
  CHECK(refusal(text.path("missing.wav")) == "sample not found: " + text.path("missing.wav"));
  const SampleFile three({constant(10), constant(10), constant(10)});
  CHECK(refusal(three.path()) ==
        "the sample cannot be played: " + three.path() + ": it has 3 channels, and 1 or 2 are expected");
  const SampleFile none({Samples()});
  CHECK(refusal(none.path()) == "the sample cannot be played: " + none.path() + ": it holds no frames");
  const SampleFile broken({{0.0f, NAN}});
  CHECK(refusal(broken.path()) == "the sample cannot be played: " + broken.path() + ": frame 1 is not a finite number");
}

TEST_CASE("sampler: without a file it is silent and sleeps") {
  Sampler sampler("");
  sampler.note_on(0, 60);
  CHECK(peak(sampler.run(1000)[0]) == 0.0);
  CHECK(sampler.asleep());
}
