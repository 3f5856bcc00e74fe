// SPDX-License-Identifier: MIT
// A schedule through a plan: events on their frames, however a stretch is cut, without taking memory.
#include "render/session_renderer.hpp"

#include <random>

#include "allocations.hpp"
#include "session.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

// Everything at once: events that merge, parameters that move, control connections, mixes, sleepers.
Graph busy_graph() {
  return {{},
          {node("track", "track_source"), node("up", "test.transpose", {{"interval", 7.0}}),
           node("imp", "test.impulse"), node("rec", "test.recorder"), node("s", "test.sleeper"),
           node("n", "test.bursts"), node("g", "test.gain", {{"gain", 0.5}}), node("f", "test.log_value"),
           node("t", "test.triangle"), node("mixer", "test.scale", {{"gain", 0.5}})},
          {connect("track", "x", "up", "x"), connect("track", "x", "imp", "x"), connect("track", "x", "s", "x"),
           connect("up", "events_out", "rec", "events_in"), connect("n", "out", "g", "in"),
           connect("g", "out", "s", "in", 0.25), connect("imp", "audio_out", "mixer", "in"),
           connect("rec", "out", "mixer", "in", 0.1), connect("s", "out", "mixer", "in_L"),
           connect("f", "out", "mixer", "in_R", 1e-5), modulate("t", "g", "gain", ControlMode::add, 0.5),
           modulate("t", "f", "value", ControlMode::add, 100)}};
}

Schedule busy_schedule() {
  Events events;
  std::mt19937 random(5);
  events.add(-1, EventKind::program, "track", 3).param(-1, "g", "gain", 0.7);
  for (int i = 0; i < 300; ++i) {
    const double beat = static_cast<double>(random() % 20000) / 48000;
    const int key = 50 + static_cast<int>(random() % 12);
    events.add(beat, EventKind::note_on, "track", key, 1 + static_cast<int>(random() % 127));
    events.add(beat + static_cast<double>(random() % 100) / 48000, EventKind::note_off, "track", key);
    if (i % 5 == 0) events.param(beat, "g", "gain", static_cast<double>(random() % 100) / 50, i % 2 ? 0.01 : 0);
    if (i % 7 == 0) events.param(beat, "f", "value", 20 + static_cast<double>(random() % 10000));
  }
  events.tempo(0.1, 90).tempo(0.2, 200);
  return events;
}

}  // namespace

TEST_CASE("notes sound on their exact frame, whatever the size of calls and slices") {
  Events notes;
  std::vector<float> expected(6000);
  for (const int frame : {0, 1, 127, 128, 129, 512, 513, 4999}) {
    notes.add(frame / 24000.0, EventKind::note_on, "mixer", 60, 127);
    expected[static_cast<std::size_t>(frame)] = 1;
  }
  CHECK(same_bits(render({{}, {node("mixer", "test.impulse")}, {}}, notes, 6000).left, expected));
}

TEST_CASE("a busy session is the same however it is cut, and gives each plugin what it was promised") {
  const Graph graph = busy_graph();
  const Stereo out = render(graph, busy_schedule(), 22000);
  CHECK(*std::ranges::max_element(out.left) > 0.3f);
}

TEST_CASE("recorded events are the same however they are cut") {
  NodesLog &log = load_nodes();
  const Graph graph = busy_graph();
  const auto record = [&](std::int32_t size) {
    auto renderer = open(graph, busy_schedule());
    log.count = 0;
    play(renderer, 22000, size);
    return recorded(log);
  };
  const auto whole = record(8192);
  CHECK(whole.size() == 601);
  CHECK(whole[0].event.type == ARR_EVENT_PROGRAM);
  for (const std::int32_t size : {1, 7, 64, 128, 0}) {
    CAPTURE(size);
    const auto other = record(size);
    REQUIRE(other.size() == whole.size());
    for (std::size_t i = 0; i < whole.size(); ++i) {
      REQUIRE(other[i].steady_frame == whole[i].steady_frame);
      REQUIRE(other[i].event.type == whole[i].event.type);
      REQUIRE(other[i].event.key == whole[i].event.key);
      REQUIRE(other[i].event.note_id == whole[i].event.note_id);
    }
  }
}

TEST_CASE("rendering takes no memory") {
  const Graph graph = busy_graph();
  const Schedule schedule = busy_schedule();
  const std::int64_t before_open = allocations();
  auto renderer = open(graph, schedule);
  CHECK(allocations() > before_open);  // the count counts
  std::vector<float> left(512), right(512);
  const std::int64_t before = allocations();
  for (int block = 0; block < 50; ++block) renderer.render(left.data(), right.data(), 512);
  CHECK(allocations() == before);
}

TEST_CASE("events for nodes and parameters that are not there are left out; the others play") {
  const Schedule events = Events()
                              .add(0, EventKind::note_on, "nobody")
                              .param(0, "mixer", "nothing", 1)
                              .param(0, "nobody", "gain", 1)
                              .add(0, EventKind::note_on, "n")  // takes no events
                              .add(0.01, EventKind::note_on, "imp", 60, 127);
  auto renderer = open({{},
                        {node("n", "test.bursts"), node("imp", "test.impulse"), node("mixer", "test.scale")},
                        {connect("imp", "audio_out", "mixer", "in")}},
                       events);
  CHECK(play(renderer, 300).left[240] == 1.0f);
}

TEST_CASE("two renderers of one session give the same bits, one after the other and interleaved") {
  const Graph graph = busy_graph();
  const Schedule schedule = busy_schedule();
  auto first = open(graph, schedule), second = open(graph, schedule), third = open(graph, schedule);
  const Stereo alone = play(first, 4000);
  Stereo a, b;
  for (int i = 0; i < 8; ++i) {
    for (auto &[renderer, out] : {std::pair<SessionRenderer &, Stereo &>{second, a}, {third, b}}) {
      const Stereo part = play(renderer, 500, 77);
      out.left.insert(out.left.end(), part.left.begin(), part.left.end());
      out.right.insert(out.right.end(), part.right.begin(), part.right.end());
    }
  }
  CHECK(same_bits(a, alone));
  CHECK(same_bits(b, alone));
}
