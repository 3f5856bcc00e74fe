// SPDX-License-Identifier: MIT
// What the built-ins cost, per instruction-set level: nanoseconds per voice-sample, frame and channel. Not a test: figures
// to compare on one machine, each the least of several runs.
#include "harness.hpp"

#include <algorithm>
#include <cstdio>

using namespace harness;

namespace {

constexpr int frames = 48000;

// Nanoseconds in process per frame. `feed` is called before each run.
template <class Feed>
double per_frame(Instance &instance, Feed feed) {
  double best = 1e300;
  for (int i = 0; i < 9; ++i) {
    feed();
    instance.nanoseconds = 0;
    instance.run(frames, {1024});  // long calls hide the clock, and stay in the cache
    best = std::min(best, instance.nanoseconds / frames);
  }
  return best;
}

void print(const std::string &level, const std::string &what, double value, const char *unit) {
  std::printf("%-10s %-28s %8.3f ns per %s\n", level.empty() ? "base" : level.c_str(), what.c_str(), value, unit);
}

void bench_sine(const std::string &level) {
  const Library library("sine", level);
  for (const int voices : {1, 16, 100, 256}) {
    Instance sine(library);
    for (int n = 0; n < voices; ++n) sine.note_on(0, n % 128, 1, n / 128);
    sine.run(4800);
    print(level, "sine, " + std::to_string(voices) + " voices", per_frame(sine, [] {}) / voices, "voice-sample");
  }
}

void bench_mixer(const std::string &level) {
  const Library library("mixer", level);
  for (const bool sounding : {false, true}) {
    for (const int channels : {2, 16, 64}) {
      Instance mixer(library, {{"channel_count", channels}});
      const Samples in = noise(frames, 1, 0.4f / static_cast<float>(channels));
      const auto feed = [&] {
        mixer.feed("audio_in_0", {in, in});
        for (int n = 1; sounding && n < channels; ++n) mixer.feed("audio_in_" + std::to_string(n), {in, in});
      };
      const std::string what = "mixer, " + std::to_string(channels) + (sounding ? " channels" : " channels, 1 sounds");
      print(level, what, 128 * per_frame(mixer, feed) / channels, "channel and 128 frames");
    }
  }
}

void bench_reverb(const std::string &level) {
  const Library library("reverb", level);
  Instance reverb(library);
  const Samples in = noise(frames, 1, 0.25f);
  print(level, "reverb", per_frame(reverb, [&] { reverb.feed("audio_in", {in, in}); }), "frame");
}

// Each at its defaults but for what makes it work: bands with gain, something to reduce.
void bench_effects(const std::string &level) {
  const std::vector<std::pair<std::string, std::vector<std::pair<std::string, double>>>> effects = {
      {"gain", {{"gain", 0.5}}},
      {"utility", {{"gain_db", -3}, {"width", 0.5}}},
      {"utility", {{"gain_db", -3}, {"pan", 0.3}}},
      {"filter", {}},
      {"eq", {{"gain_1", 3}, {"gain_2", -3}, {"gain_3", 3}, {"gain_4", -3}, {"gain_5", 3}, {"gain_6", -3}}},
      {"delay", {}},
      {"chorus", {{"voices", 4}}},
      {"compressor", {{"threshold_db", -40}}},
      {"limiter", {{"gain_db", 24}}}};
  const Samples in = noise(frames, 1, 0.25f);
  for (const auto &[name, params] : effects) {
    const Library library(name, level);
    Instance effect(library);
    for (const auto &[param, value] : params) effect.set(param, value);
    print(level, name, per_frame(effect, [&] { effect.feed("audio_in", {in, in}); }), "frame");
  }
}

void bench_synth(const std::string &level) {
  const Library library("synth", level);
  for (const int program : {16, 38, 48, 56, 80}) {
    Instance synth(library);
    synth.event(0, ARR_EVENT_PROGRAM, 0, program, 0);
    for (int n = 0; n < 64; ++n) synth.note_on(0, 32 + n);
    synth.run(480);
    print(level, "synth, 64 voices of program " + std::to_string(program), per_frame(synth, [] {}) / 64,
          "voice-sample");
  }
}

}  // namespace

int main() {
  for (const std::string level : {"", "x86-64-v3"}) {
    if (!level.empty() && !Library::has_level("sine", level)) continue;
    bench_sine(level);
    bench_mixer(level);
    bench_reverb(level);
    bench_effects(level);
    bench_synth(level);
  }
}
