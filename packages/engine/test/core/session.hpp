// SPDX-License-Identifier: MIT
// Graphs of test plugins, rendered in calls of any size.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "../fixtures/nodes.hpp"
#include "fixtures.hpp"
#include "plugin/registry.hpp"
#include "render/session_renderer.hpp"

namespace arranger::test {

struct Stereo {
  std::vector<float> left, right;
};

inline bool same_bits(const std::vector<float> &a, const std::vector<float> &b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}
inline bool same_bits(const Stereo &a, const Stereo &b) {
  return same_bits(a.left, b.left) && same_bits(a.right, b.right);
}

// Loads the test plugins, once; answers their log.
inline NodesLog &load_nodes() {
  static NodesLog &log = []() -> NodesLog & {
    const TemporaryFolder folder;  // the registry's tests watch this one come and go under its own name
    for (const auto &path :
         {fixture("nodes"), fixture("test_gain"), folder.put(fixture("impulse"), "session_impulse.so")}) {
      const auto loaded = Registry::instance().load(path, {.probe = false});
      REQUIRE_MESSAGE(loaded.has_value(), loaded.error().message);
    }
    return *static_cast<NodesLog *>(Registry::instance().find("test.recorder")->factory->self);
  }();
  return log;
}

inline std::vector<RecordedEvent> recorded(const NodesLog &log) {
  REQUIRE(log.count <= NodesLog::capacity);
  return {log.events, log.events + log.count};
}

// Processor time of this program in seconds: what others do on the machine counts less.
inline double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// The whole of these tests may run with more than one thread: ARRANGER_TEST_THREADS says with how many.
inline std::int32_t threads_of_tests() {
  static const char *const named = std::getenv("ARRANGER_TEST_THREADS");
  return named ? std::max(1, std::atoi(named)) : 1;
}
inline PlanOptions options_of_tests(std::int32_t threads = threads_of_tests()) {
  PlanOptions options;
  if (threads > 1) options.sharing = Sharing::always;
  return options;
}
// Live ones: those of renders leave each other alone.
inline std::unique_ptr<Executor> executor_of_tests(std::int32_t threads = threads_of_tests()) {
  return threads > 1 ? std::make_unique<Executor>(threads, Executor::Use::live) : nullptr;
}

struct Settings {
  double sample_rate = 48000;
  double bpm = 120;
  std::int32_t max_frames = default_slice_frames;
  std::int32_t threads = threads_of_tests();
};

inline SessionRenderer open(const Graph &graph, const Schedule &schedule = {}, const Settings &settings = {}) {
  load_nodes();
  auto resolved = resolve(graph);
  REQUIRE_MESSAGE(resolved.has_value(), resolved.error().message);
  PlanOptions options = options_of_tests(settings.threads);
  options.sample_rate = settings.sample_rate;
  options.max_frames = settings.max_frames;
  options.offline = true;
  auto plan = Plan::compile(std::move(*resolved), options);
  REQUIRE_MESSAGE(plan.has_value(), plan.error().message);
  SessionRenderer out(std::move(*plan), schedule, tempo_map(schedule, settings.sample_rate, settings.bpm), true);
  out.share_with(executor_of_tests(settings.threads));
  return out;
}

// Calls of `size` frames; 0: of random sizes.
inline Stereo play(SessionRenderer &renderer, std::int32_t frames, std::int32_t size = 512, unsigned seed = 1) {
  Stereo out{std::vector<float>(static_cast<std::size_t>(frames)),
             std::vector<float>(static_cast<std::size_t>(frames))};
  std::mt19937 random(seed);
  for (std::int32_t at = 0; at < frames;) {
    const std::int32_t wanted = size > 0 ? size : std::uniform_int_distribution<std::int32_t>(1, 300)(random);
    const std::int32_t count = std::min(wanted, frames - at);
    renderer.render(out.left.data() + at, out.right.data() + at, count);
    at += count;
    if (size > 0 || at % 3 == 0) renderer.end_block();
  }
  renderer.end_block();
  return out;
}

// The rendered audio, which must not depend on how it is cut: neither into calls nor into slices.
inline Stereo render(const Graph &graph, const Schedule &schedule, std::int32_t frames, Settings settings = {}) {
  const std::uint32_t violations = load_nodes().violations;
  auto renderer = open(graph, schedule, settings);
  const Stereo whole = play(renderer, frames);
  for (const auto &[max_frames, size, threads] : {std::array{1, 512, 1},
                                                  {7, 512, 1},
                                                  {64, 512, 1},
                                                  {128, 1, 1},
                                                  {128, 7, 1},
                                                  {128, 0, 1},
                                                  {300, 0, 1},
                                                  {8192, 0, 1},
                                                  {128, 512, 2},
                                                  {32, 0, 2},
                                                  {128, 0, 4},
                                                  {8192, 333, 2}}) {
    CAPTURE(max_frames);
    CAPTURE(size);
    CAPTURE(threads);
    settings.max_frames = max_frames;
    settings.threads = threads;
    auto other = open(graph, schedule, settings);
    CHECK(same_bits(play(other, frames, size, static_cast<unsigned>(max_frames)), whole));
  }
  const char *violation = load_nodes().violation;
  CHECK_MESSAGE(load_nodes().violations == violations, std::string(violation ? violation : ""));
  return whole;
}

inline Node node(std::string id, std::string type, std::vector<std::pair<std::string, ParamValue>> params = {}) {
  return {std::move(id), std::move(type), std::move(params)};
}
inline Connection connect(std::string from_node, std::string from_port, std::string to_node, std::string to_port,
                          double gain = 1) {
  Connection out;
  out.from_node = std::move(from_node);
  out.from_port = std::move(from_port);
  out.to_node = std::move(to_node);
  out.to_port = std::move(to_port);
  out.gain = gain;
  return out;
}
inline Connection modulate(std::string from, std::string to_node, std::string to_port, ControlMode mode,
                           double amount = 1, std::optional<ControlMap> map = {}) {
  Connection out = connect(std::move(from), "out", std::move(to_node), std::move(to_port));
  out.mode = mode;
  out.amount = amount;
  out.map = map;
  return out;
}

// A schedule that is written down event by event.
class Events {
 public:
  Events &add(double beat, EventKind kind, const std::string &node, int pitch = 60, int velocity = 100,
              int channel = 0) {
    ScheduledEvent event;
    event.beat = beat;
    event.kind = kind;
    event.node = index(schedule_.nodes, node);
    event.pitch = static_cast<std::int16_t>(pitch);
    event.velocity = static_cast<std::int16_t>(velocity);
    event.channel = static_cast<std::uint8_t>(channel);
    schedule_.events.push_back(event);
    return *this;
  }
  Events &param(double beat, const std::string &node, const std::string &id, double value, double ramp_beats = 0) {
    add(beat, EventKind::param, node);
    schedule_.events.back().param = index(schedule_.params, id);
    schedule_.events.back().value = value;
    schedule_.events.back().ramp_beats = static_cast<float>(ramp_beats);
    return *this;
  }
  Events &tempo(double beat, double bpm) {
    ScheduledEvent event;
    event.beat = beat;
    event.kind = EventKind::tempo;
    event.value = bpm;
    schedule_.events.push_back(event);
    return *this;
  }
  operator const Schedule &() const { return schedule_; }
  Schedule &schedule() { return schedule_; }

 private:
  static std::int32_t index(std::vector<std::string> &names, const std::string &name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) return static_cast<std::int32_t>(found - names.begin());
    names.push_back(name);
    return static_cast<std::int32_t>(names.size() - 1);
  }
  Schedule schedule_;
};

}  // namespace arranger::test
