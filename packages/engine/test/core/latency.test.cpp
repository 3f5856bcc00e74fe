// SPDX-License-Identifier: MIT
// Latency compensation: all ways through a graph are equally long, to the frame and to the bit.
#include "graph/latency.hpp"

#include <map>
#include <random>
#include <span>

#include "graph/delays.hpp"
#include "session.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

constexpr std::int32_t frames = 3000;

bool all_zero(const std::vector<float> &samples) {
  return std::ranges::all_of(samples, [](float sample) { return sample == 0.0f; });
}

// A DAG of gains of 1 and -1, latencies and sums over a few sources; what each source comes to at the master is known.
class LateGraph {
 public:
  explicit LateGraph(unsigned seed) : random_(seed) {
    for (int i = 0; i < 3; ++i)
      add("s" + std::to_string(i), node("s" + std::to_string(i), "test.noise", {{"stream", double(i)}}), {{i, 1}}, 1,
          0);
    const int count = 4 + below(12);
    for (int i = 0; i < count; ++i) add_inner("n" + std::to_string(i));
    add_inner("mixer");
    std::ranges::shuffle(graph.nodes, random_);
  }

  std::vector<float> expected(std::uint32_t channel) const {
    std::vector<float> out(frames);
    for (std::int32_t i = 0; i < frames; ++i)
      for (const auto &[source, gain] : gains_.back())
        if (i >= latency())
          out[std::size_t(i)] += float(gain) * noise(i - latency(), std::uint32_t(source) * 2 + channel);
    return out;
  }
  int latency() const { return latencies_.back(); }
  int paths() const { return paths_.back(); }
  bool sounds() const {
    return std::ranges::any_of(gains_.back(), [](auto &gain) { return gain.second != 0; });
  }

  Graph graph;

 private:
  using Gains = std::map<int, int>;  // by source

  int below(int end) { return static_cast<int>(random_() % unsigned(end)); }

  void add(const std::string &id, Node node, Gains gains, int paths, int latency) {
    graph.nodes.push_back(std::move(node));
    ids_.push_back(id);
    gains_.push_back(std::move(gains));
    paths_.push_back(paths);
    latencies_.push_back(latency);
  }

  void add_inner(const std::string &id) {
    const int own[] = {0, 0, 1, 37, 128, 1000};
    const int kind = below(3);  // a gain, a latency, a sum
    const int latency = kind == 1 ? own[below(6)] : 0;
    const int gain = kind == 0 && below(2) == 0 ? -1 : 1;
    Gains gains;
    int late = 0, paths = 0;
    for (const char *input : kind == 2 ? std::vector{"a", "b"} : std::vector{"in"})
      for (int n = 1 + below(2); n > 0; --n) {
        const int from = static_cast<int>(ids_.size()) - 1 - below(std::min(5, static_cast<int>(ids_.size())));
        const int way = below(4) == 0 ? -1 : 1;
        graph.connections.push_back(connect(ids_[std::size_t(from)], "out", id, input, way));
        for (const auto &[source, amount] : gains_[std::size_t(from)]) gains[source] += gain * way * amount;
        paths += paths_[std::size_t(from)];
        late = std::max(late, latencies_[std::size_t(from)]);
      }
    Node made = kind == 0   ? node(id, "test.scale", {{"gain", double(gain)}})
                : kind == 1 ? node(id, "test.latency_" + std::to_string(latency))
                            : node(id, "test.sum");
    add(id, std::move(made), std::move(gains), paths, late + latency);
  }

  std::mt19937 random_;
  std::vector<std::string> ids_;
  std::vector<Gains> gains_;
  std::vector<int> paths_, latencies_;
};

Connection from_port(Connection connection, const char *port) {
  connection.from_port = port;
  return connection;
}

}  // namespace

TEST_CASE("a way with latency and one without cancel each other to zero") {
  for (const char *late : {"test.latency_1", "test.latency_37", "test.latency_128", "test.latency_1000"}) {
    CAPTURE(std::string(late));
    const Graph graph{{},
                      {node("n", "test.noise"), node("late", late), node("minus", "test.scale", {{"gain", -1.0}}),
                       node("mixer", "test.sum")},
                      {connect("n", "out", "late", "in"), connect("n", "out", "minus", "in"),
                       connect("late", "out", "mixer", "a"), connect("minus", "out", "mixer", "b")}};
    const Stereo out = render(graph, {}, frames);
    CHECK(all_zero(out.left));
    CHECK(all_zero(out.right));
  }
}

TEST_CASE("any graph of gains, latencies and sums is the sum of its paths, late by the latency of the master") {
  int checked = 0, late = 0;
  for (unsigned seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    const LateGraph random(seed);
    if (random.paths() > 8) continue;  // more would be rounded
    auto renderer = open(random.graph);
    CHECK(renderer.plan().latency_frames() == random.latency());
    const Stereo out = play(renderer, frames, 0, seed);
    REQUIRE(std::ranges::equal(out.left, random.expected(0)));  // -0 and +0 are equal
    REQUIRE(std::ranges::equal(out.right, random.expected(1)));
    checked += random.sounds();
    late += random.latency() > 0;
  }
  CHECK(checked > 60);
  CHECK(late > 60);
  for (unsigned seed = 300; seed < 310; ++seed) render(LateGraph(seed).graph, {}, frames);
}

TEST_CASE("the latency of a node is that of the latest way to it and its own") {
  const Graph graph{
      {},
      {node("t", "track_source"), node("n", "test.noise"), node("a", "test.latency_128"), node("b", "test.latency_37"),
       node("c", "test.scale"), node("mixer", "test.sum")},
      {connect("t", "x", "b", "x"), connect("n", "out", "a", "in"), connect("a", "out", "b", "in"),
       connect("n", "out", "c", "in"), connect("b", "out", "mixer", "a"), connect("c", "out", "mixer", "b")}};
  auto renderer = open(graph);
  const Plan &plan = renderer.plan();
  for (const auto &[id, latency] : std::vector<std::pair<const char *, std::int64_t>>{
           {"t", 0}, {"n", 0}, {"a", 128}, {"b", 165}, {"c", 0}, {"mixer", 165}, {"nobody", -1}}) {
    CAPTURE(std::string(id));
    CHECK(plan.latency_of(id) == latency);
  }
  CHECK(plan.latency_frames() == 165);
}

TEST_CASE("notes reach a node together with the sound that was made of them before it") {
  const Graph graph{{},
                    {node("t", "track_source"), node("imp", "test.impulse"), node("late", "test.latency_1000"),
                     node("mixer", "test.sleeper")},
                    {connect("t", "x", "imp", "x"), connect("t", "x", "mixer", "x"),
                     connect("imp", "audio_out", "late", "in"), connect("late", "out", "mixer", "in")}};
  Events notes;
  std::vector<float> expected(frames);
  for (const int frame : {0, 480, 1000, 1001}) {
    notes.add(frame / 24000.0, EventKind::note_on, "t", 60, 127);
    expected[std::size_t(frame + 1000)] += 1;
  }
  for (const int frame : {0, 480, 1000})  // a tone of 200 frames
    for (int i = 0; i < (frame == 1000 ? 201 : 200); ++i) expected[std::size_t(frame + 1000 + i)] += 1;
  CHECK(same_bits(render(graph, notes, frames).left, expected));
}

TEST_CASE("a change of a parameter reaches a node together with the sound of its moment") {
  const Graph graph{{},
                    {node("v", "test.jump_value"), node("late", "test.latency_128"), node("mixer", "test.scale")},
                    {connect("v", "out", "late", "in"), connect("late", "out", "mixer", "in")}};
  const Schedule changes =
      Events().param(0.02, "v", "value", 0.5).param(0.02, "mixer", "gain", 2).param(0.03, "mixer", "gain", -2, 0.04);
  const Stereo out = render(graph, changes, frames);
  for (int i = 0; i < frames; ++i) {
    const int ramp = std::clamp(i - 128 - 720, 0, 960);
    REQUIRE(out.left[std::size_t(i)] ==
            doctest::Approx(i < 480 + 128 ? 0.0 : 0.5 * (2 - 4.0 * ramp / 960)).epsilon(1e-6));
  }
}

TEST_CASE("events of plugins and of the schedule meet on one frame, in order, whatever each had to pass") {
  NodesLog &log = load_nodes();
  const Graph graph{
      {},
      {node("t", "track_source"), node("up", "test.transpose", {{"interval", 1.0}}), node("late", "test.latency_1000"),
       node("mixer", "test.recorder")},
      {connect("t", "x", "up", "x"), connect("t", "x", "late", "x"), connect("t", "x", "mixer", "x"),
       connect("up", "events_out", "mixer", "events_in"), connect("late", "events_out", "mixer", "events_in")}};
  Events notes;
  for (int i = 0; i < 100; ++i) notes.add((7 * i) / 24000.0, EventKind::note_on, "t", 2 * i % 120);
  for (const std::int32_t size : {1, 7, 64, 511, 4096}) {
    CAPTURE(size);
    auto renderer = open(graph, notes);
    log.count = 0;
    play(renderer, frames, size);
    const auto seen = recorded(log);
    REQUIRE(seen.size() == 300);
    for (int i = 0; i < 300; ++i) {
      const RecordedEvent &event = seen[std::size_t(i)];
      REQUIRE(event.steady_frame == 1000 + 7 * (i / 3));
      REQUIRE(event.event.key == 2 * (i / 3) % 120 + (i % 3 == 1 ? 1 : 0));
    }
    CHECK(renderer.plan().lost_events() == 0);
  }
  render(graph, notes, frames);
}

TEST_CASE("a control signal meets its own later self") {
  const Graph graph{{},
                    {node("c", "test.triangle"), node("late", "test.latency_37"), node("v", "test.value"),
                     node("mixer", "test.scale")},
                    {modulate("c", "late", "value", ControlMode::set), connect("v", "out", "mixer", "in"),
                     from_port(modulate("late", "v", "value", ControlMode::add), "control_out"),
                     modulate("c", "v", "value", ControlMode::add, -1)}};
  CHECK(all_zero(render(graph, {}, frames).left));
}

TEST_CASE("what waits for too much is counted, and the rest arrives") {
  NodesLog &log = load_nodes();
  const Graph graph{{},
                    {node("late", "test.latency_1000"), node("mixer", "test.recorder")},
                    {connect("late", "events_out", "mixer", "events_in")}};
  Events notes;
  for (int i = 0; i < 20000; ++i) notes.add((i % 900) / 24000.0, EventKind::note_on, "mixer");
  notes.add(2000 / 24000.0, EventKind::note_on, "mixer");
  auto renderer = open(graph, notes);
  log.count = 0;
  play(renderer, 4000);
  CHECK(log.count == 16384 + 1);
  CHECK(renderer.plan().lost_events() == 20000 - 16384);
}

TEST_CASE("a node behind a delay sleeps again once the delay is empty") {
  NodesLog &log = load_nodes();
  const Graph graph{{},
                    {node("b", "test.impulse"), node("late", "test.latency_1000"), node("mixer", "test.sleeper")},
                    {connect("b", "audio_out", "mixer", "in"), connect("late", "events_out", "mixer", "events_in")}};
  const Schedule note = Events().add(250 / 24000.0, EventKind::note_on, "b", 60, 127);
  auto renderer = open(graph, note, {.max_frames = 100});
  log.calls = 0;
  const Stereo out = play(renderer, 10000, 100);
  for (std::int32_t i = 0; i < 10000; ++i) REQUIRE(out.left[std::size_t(i)] == (i == 1250 ? 1.0f : 0.0f));
  CHECK(log.calls == 1 + 10 + 1);  // the first slice; 10 until the line is empty; the one that finds the end
  render(graph, note, frames);
}

TEST_CASE("a delay line says it is silent only when all that comes out is zero") {
  DelayLine line(1, 10);
  std::vector<float> in(8), out(8);
  const float *const source = in.data();
  float *const target = out.data();
  CHECK(line.silent());
  CHECK(line.exchange(&source, &target, 8, true));
  in[7] = 1;
  CHECK(line.exchange(&source, &target, 8, false));  // what came out had gone in before the sound
  CHECK(!line.silent());
  CHECK(!line.exchange(&source, &target, 8, true));
  CHECK(!line.silent());
  CHECK(!line.exchange(&source, &target, 8, true));
  CHECK(out == std::vector<float>{0, 1, 0, 0, 0, 0, 0, 0});
  CHECK(line.silent());
  CHECK(line.exchange(&source, &target, 8, true));
  CHECK(all_zero(out));
}
