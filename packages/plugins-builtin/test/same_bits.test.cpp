// SPDX-License-Identifier: MIT
// The rule that all built-ins keep: the output is a function of frames. Not of where calls begin, of hints, of shared
// buffers, of sleep, or of the instruction-set level.
#include "harness.hpp"
#include "temporary_file.hpp"

#include <array>
#include <cmath>
#include <functional>
#include <random>

#include <doctest/doctest.h>

using namespace harness;

namespace {

constexpr int frames = 40000;

// A parameter that steps, rests and ramps, on frames that no block size divides.
Samples moving(const arr_port &port, std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto pick = [&] { return static_cast<float>(random() % 1000) / 999.0f; };
  Samples out;
  const auto low = static_cast<float>(port.min), span = static_cast<float>(port.max - port.min);
  float now = pick();
  while (out.size() < frames) {
    const float next = pick();
    const int length = 100 + static_cast<int>(random() % 3000);
    const bool ramp = random() % 2 == 0 && port.hint == ARR_PORT_HINT_CONTINUOUS;
    for (int i = 0; i < length; ++i)
      out.push_back(low +
                    span * (ramp ? now + (next - now) * static_cast<float>(i) / static_cast<float>(length) : next));
    now = next;
  }
  out.resize(frames);
  if (port.step == 1)
    for (float &x : out) x = std::round(x);
  return out;
}

// Music of a sort: notes, drums, controllers, and audio with silent stretches between.
void play(Instance &instance, bool move_everything) {
  std::mt19937 random(99);
  // A song whose tempo changes, which jumps, and which stops while notes sound.
  instance.play(0, {{0, 290}, {1.7, 533}, {3.05, 120}});
  instance.transport.play(17777, 1.3);
  instance.transport.stop(30001);
  int key = 40;
  bool audio = false;
  for (const arr_port *port : instance.ports()) {
    if (port->role != ARR_PORT_ROLE_INPUT && port->role != ARR_PORT_ROLE_SIDECHAIN) continue;
    if (port->type == ARR_PORT_TYPE_AUDIO_STEREO) {
      audio = true;
      std::vector<Samples> in{noise(frames, random(), 0.7f), noise(frames, random(), 0.7f)};
      for (Samples &side : in)
        for (int i = 0; i < frames; ++i)
          if ((i / 2777) % 2 == 0 || i > 20000) side[static_cast<std::size_t>(i)] = 0.0f;
      instance.feed(port->id, in);
    } else if (port->type == ARR_PORT_TYPE_CONTROL && (move_everything || port->id == std::string("control_in"))) {
      instance.curve(port->id, moving(*port, random()));
    }
  }
  if (audio) return;
  for (int n = 0; n < 90; ++n) {
    const int at = static_cast<int>(random() % 24000), channel = static_cast<int>(random() % 16);
    key = 24 + (key * 7 + n) % 72;
    if (n % 3 == 0) instance.event(at, ARR_EVENT_PROGRAM, channel, static_cast<int>(random() % 128), 0);
    if (n % 4 == 0) instance.event(at, ARR_EVENT_BEND, channel, 0, std::sin(n));
    if (n % 5 == 0)
      instance.event(at, ARR_EVENT_CC, channel, n % 2 == 0 ? 1 : 64, static_cast<double>(random() % 128) / 127);
    if (n % 7 == 0) instance.event(at, ARR_EVENT_VOLUME, channel, 0, static_cast<double>(random() % 128) / 127);
    if (n % 8 == 0) instance.event(at, ARR_EVENT_CONTROL, channel, 0, static_cast<double>(n) / 90);
    instance.note_on(at, key, static_cast<double>(1 + random() % 127) / 127, channel);
    instance.note_off(at + static_cast<int>(random() % 9000), key, channel);
    if (n % 2 == 0) instance.note_on(at, 35 + n / 2, 0.8, 9);  // a drum
  }
}

// One second of noise, mono, as a WAV file of 16-bit integers at another rate than the tests'.
std::string wav() {
  constexpr std::uint32_t rate = 44100;
  std::string bytes;
  const auto number = [&](std::uint32_t value, int size) {
    for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i));
  };
  bytes += "RIFF";
  number(36 + 2 * rate, 4);
  bytes += "WAVEfmt ";
  for (const auto &[value, size] : {std::pair{16u, 4}, {1u, 2}, {1u, 2}, {rate, 4}, {2 * rate, 4}, {2u, 2}, {16u, 2}})
    number(value, size);
  bytes += "data";
  number(2 * rate, 4);
  for (const float x : noise(rate, 5)) number(static_cast<std::uint32_t>(std::lround(32000 * x)), 2);
  return bytes;
}

const std::vector<std::string> &all_plugins() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out{"sine",           "mixer",     "reverb",      "synth",       "noise",
                                 "level",          "scope",     "spectrum",    "control_lfo", "control_monitor",
                                 "control_source", "note_gate", "arpeggiator", "metronome",   "gain",
                                 "utility",        "filter",    "delay",       "chorus",      "compressor",
                                 "limiter",        "eq"};
    if (Library::has_level("sampler", "")) out.push_back("sampler");
    else MESSAGE("builtin.sampler was not built");
    return out;
  }();
  return names;
}

Instance make(const Library &library) {
  static const TemporaryFile sample("noise.wav", wav());
  std::map<std::string, std::string> config;
  if (library.id == "builtin.sampler") config["sample_path"] = sample.path();
  return Instance(library, {}, 48000, config);
}

// Everything that a run left behind which a user can see or hear: audio, control signals, data monitors, events.
struct Output {
  std::vector<Samples> samples;
  std::vector<std::array<double, 5>> events;  // frame, type, channel, key, value
  bool operator==(const Output &) const = default;
};

Output run_all(Instance &instance, const Cuts &cuts = {128}) {
  Output out{instance.run(frames, cuts), {}};
  for (const arr_port *port : instance.ports()) {
    if (port->type == ARR_PORT_TYPE_EVENT && port->role == ARR_PORT_ROLE_OUTPUT)
      for (const arr_event &event : instance.sent(port->id))
        out.events.push_back(
            {double(event.frame), double(event.type), double(event.channel), double(event.key), event.value});
    if (port->type != ARR_PORT_TYPE_CONTROL) continue;
    if (port->role == ARR_PORT_ROLE_OUTPUT) out.samples.push_back(instance.control(port->id));
    if (port->value_count > 1) out.samples.push_back(instance.monitor_values(port->id));
  }
  return out;
}

Output rendered(
    const std::string &name, const std::string &level, bool moves, const Cuts &cuts,
    const std::function<void(Instance &)> &configure = [](Instance &) {}) {
  const Library library(name, level);
  Instance instance = make(library);
  configure(instance);
  play(instance, moves);
  auto out = run_all(instance, cuts);
  for (const Samples &samples : out.samples) REQUIRE(all_finite(samples));
  REQUIRE((out.events.size() > 50 || peak(out.samples.at(0)) > 0.01));
  return out;
}

}  // namespace

TEST_CASE("same bits however calls are cut") {
  for (const std::string &name : all_plugins()) {
    for (const bool moves : {false, true}) {
      CAPTURE(name);
      CAPTURE(moves);
      const auto reference = rendered(name, "", moves, {128});
      CHECK(rendered(name, "", moves, {128}) == reference);
      for (const int size : {1, 7, 64, 511, 4096}) {
        CAPTURE(size);
        CHECK(rendered(name, "", moves, {size}) == reference);
      }
      for (std::uint32_t seed = 1; seed <= 4; ++seed) {
        CAPTURE(seed);
        CHECK(rendered(name, "", moves, random_cuts(seed, frames, 2000)) == reference);
      }
    }
  }
}

TEST_CASE("same bits with and without hints, in place and not, at every level") {
  for (const std::string &name : all_plugins()) {
    for (const bool moves : {false, true}) {
      CAPTURE(name);
      CAPTURE(moves);
      const auto reference = rendered(name, "", moves, {128});
      CHECK(rendered(name, "", moves, {128}, [](Instance &instance) { instance.give_hints = false; }) == reference);
      if (Library(name).in_place)
        CHECK(rendered(name, "", moves, {300}, [](Instance &instance) { instance.share_buffers = true; }) == reference);
      if (Library::has_level(name, "x86-64-v3")) CHECK(rendered(name, "x86-64-v3", moves, {128}) == reference);
      else MESSAGE("x86-64-v3 of " << name << " was not built or this processor lacks it");
    }
  }
}

TEST_CASE("same bits after a reset as after activation") {
  for (const std::string &name : all_plugins()) {
    CAPTURE(name);
    const Library library(name);
    Instance instance = make(library);
    play(instance, false);
    const auto first = run_all(instance);
    instance.reset();
    if (!first.events.empty()) instance.run(1);  // sends the end of the note that the reset cut off
    play(instance, false);
    CHECK(run_all(instance) == first);
  }
}

TEST_CASE("every port is described") {
  for (const std::string &name : all_plugins()) {
    const Library library(name);
    const Instance instance(library);
    for (const arr_port *port : instance.ports()) {
      CAPTURE(port->id);
      CHECK(std::string(port->display_name) != "");
      CHECK(std::string(port->doc).size() > 5);
      if (port->type != ARR_PORT_TYPE_CONTROL) continue;
      CHECK(port->min < port->max);
      CHECK(port->default_value >= port->min);
      CHECK(port->default_value <= port->max);
    }
  }
}
