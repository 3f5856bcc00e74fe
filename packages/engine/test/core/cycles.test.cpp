// SPDX-License-Identifier: MIT
// Feedback: a loop is as long as its plugins declare, to the frame, however blocks are cut.
#include "graph/cycles.hpp"

#include <cmath>

#include "session.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

constexpr std::int32_t frames = 3000;
constexpr int begin = 250;

Schedule one_note() { return Events().add(begin / 24000.0, EventKind::note_on, "imp", 60, 127); }

// One sample of 1 through the graph; the same for every way to cut, which `render` checks.
std::vector<float> response(const Graph &graph) {
  const Stereo out = render(graph, one_note(), frames);
  auto renderer = open(graph, one_note());
  for (const std::int32_t size : {1, 7, 64, 511, 4096}) {
    CAPTURE(size);
    auto other = open(graph, one_note());
    CHECK(same_bits(play(other, frames, size), out));
  }
  return out.left;
}

Error error_of(const Graph &graph) {
  load_nodes();
  const auto resolved = resolve(graph);
  REQUIRE(!resolved.has_value());
  return resolved.error();
}

bool resolves(const Graph &graph) {
  load_nodes();
  return resolve(graph).has_value();
}

// imp into m, m through `echo` and back into m.
Graph loop(const std::string &echo, double gain) {
  return {{},
          {node("imp", "test.impulse"), node("m", "test.sum"), node("echo", echo), node("mixer", "test.scale")},
          {connect("imp", "audio_out", "m", "a"), connect("m", "out", "echo", "in"),
           connect("echo", "out", "m", "b", gain), connect("m", "out", "mixer", "in")}};
}

Connection renamed(Connection connection, const char *from_port) {
  connection.from_port = from_port;
  return connection;
}

}  // namespace

TEST_CASE("a loop comes back after exactly the delay that closes it, times its gain") {
  for (const int delay : {64, 100, 500}) {
    CAPTURE(delay);
    std::vector<float> expected(frames);
    for (int n = 0; begin + n * delay < frames; ++n) expected[std::size_t(begin + n * delay)] = std::ldexp(1.0f, -n);
    CHECK(same_bits(response(loop("test.echo_" + std::to_string(delay), 0.5)), expected));
  }
}

TEST_CASE("without its cycle the same node has the same delay") {
  Graph graph = loop("test.echo_100", 1);
  graph.connections = {connect("imp", "audio_out", "echo", "in"), connect("echo", "out", "mixer", "in")};
  std::vector<float> expected(frames);
  expected[begin + 100] = 1;
  CHECK(same_bits(response(graph), expected));
  auto renderer = open(graph);
  CHECK(renderer.plan().max_frames() == default_slice_frames);
  auto cycling = open(loop("test.echo_100", 0.5));
  CHECK(cycling.plan().max_frames() == 100);
  auto longer = open(loop("test.echo_500", 0.5), {}, {.max_frames = 8192});
  CHECK(longer.plan().max_frames() == greatest_input_delay);
}

TEST_CASE("a node may feed itself") {
  const Graph graph{{},
                    {node("imp", "test.impulse"), node("echo", "test.echo_100"), node("mixer", "test.scale")},
                    {connect("imp", "audio_out", "echo", "in"), connect("echo", "out", "echo", "in", -0.5),
                     connect("echo", "out", "mixer", "in")}};
  std::vector<float> expected(frames);
  for (int n = 0; begin + (n + 1) * 100 < frames; ++n)
    expected[std::size_t(begin + (n + 1) * 100)] = std::ldexp(n % 2 ? -1.0f : 1.0f, -n);
  CHECK(same_bits(response(graph), expected));
}

TEST_CASE("two loops may share a node") {
  const Graph graph{{},
                    {node("imp", "test.impulse"), node("m", "test.sum"), node("short", "test.echo_100"),
                     node("long", "test.echo_500"), node("mixer", "test.scale")},
                    {connect("imp", "audio_out", "m", "a"), connect("m", "out", "short", "in"),
                     connect("m", "out", "long", "in"), connect("short", "out", "m", "b", 0.5),
                     connect("long", "out", "m", "b", 0.25), connect("m", "out", "mixer", "in")}};
  std::vector<float> expected(frames);
  for (int i = 0; i < frames; ++i) {
    const auto before = [&](int delay) { return i < delay ? 0.0f : expected[std::size_t(i - delay)]; };
    expected[std::size_t(i)] = (i == begin ? 1.0f : 0.0f) + (0.5f * before(100) + 0.25f * before(500));
  }
  CHECK(same_bits(response(graph), expected));
}

TEST_CASE("a loop over two delays takes both") {
  const Graph graph{{},
                    {node("imp", "test.impulse"), node("m", "test.sum"), node("first", "test.echo_64"),
                     node("second", "test.echo_500"), node("mixer", "test.sum")},
                    {connect("imp", "audio_out", "m", "a"), connect("m", "out", "first", "in"),
                     connect("first", "out", "second", "in"), connect("second", "out", "m", "b", 0.5),
                     connect("first", "out", "mixer", "a"), connect("second", "out", "mixer", "b")}};
  std::vector<float> expected(frames);
  for (int n = 0; begin + n * 564 + 64 < frames; ++n) {
    expected[std::size_t(begin + n * 564 + 64)] = std::ldexp(1.0f, -n);
    if (begin + (n + 1) * 564 < frames) expected[std::size_t(begin + (n + 1) * 564)] = std::ldexp(1.0f, -n);
  }
  CHECK(same_bits(response(graph), expected));
}

TEST_CASE("latency before a loop is made up for outside of it and leaves its length alone") {
  const Graph graph{{},
                    {node("imp", "test.impulse"), node("late", "test.latency_37"), node("m", "test.sum"),
                     node("echo", "test.echo_100"), node("mixer", "test.sum")},
                    {connect("imp", "audio_out", "late", "in"), connect("late", "out", "m", "a"),
                     connect("m", "out", "echo", "in"), connect("echo", "out", "m", "b", 0.5),
                     connect("imp", "audio_out", "mixer", "a", 2), connect("echo", "out", "mixer", "b")}};
  std::vector<float> expected(frames);
  expected[begin + 37] = 2;
  for (int n = 1; begin + 37 + n * 100 < frames; ++n)
    expected[std::size_t(begin + 37 + n * 100)] = std::ldexp(1.0f, 1 - n);
  CHECK(same_bits(response(graph), expected));
}

TEST_CASE("a cycle without a delay of 64 frames on its audio is refused, whatever closes it") {
  CHECK(resolves(loop("test.echo_64", 1)));
  const Error error = error_of(loop("test.echo_63", 1));
  CHECK(info(error.code).name == info(Code::cycle).name);
  CHECK(error.path == "/connections");
  CHECK(error.message.find("m -> echo -> m") != std::string::npos);

  // Events leave the echo at once: all that is connected must declare a delay.
  Graph undeclared = loop("test.echo_100", 1);
  undeclared.nodes.push_back(node("rec", "test.recorder"));
  undeclared.connections.push_back(renamed(connect("echo", "", "rec", "events_in"), "events_out"));
  CHECK(error_of(undeclared).code == Code::cycle);

  const Graph events{{},
                     {node("a", "test.transpose"), node("b", "test.transpose"), node("mixer", "test.recorder")},
                     {connect("a", "events_out", "b", "events_in"), connect("b", "events_out", "a", "events_in"),
                      connect("a", "events_out", "mixer", "events_in")}};
  CHECK(error_of(events).code == Code::cycle);

  const Graph control{
      {},
      {node("a", "test.latency_128"), node("mixer", "test.scale")},
      {renamed(modulate("a", "a", "value", ControlMode::set), "control_out"), connect("a", "out", "mixer", "in")}};
  CHECK(error_of(control).code == Code::cycle);

  // One cycle of two is delayed.
  Graph both = loop("test.echo_100", 0.5);
  both.nodes.push_back(node("s", "test.scale"));
  both.connections.push_back(connect("m", "out", "s", "in"));
  both.connections.push_back(connect("s", "out", "m", "b"));
  CHECK(error_of(both).code == Code::cycle);
}

TEST_CASE("a loop that grows beyond all bounds is muted, not passed on") {
  auto renderer = open(loop("test.echo_64", 1e15), one_note());
  const Stereo out = play(renderer, frames);
  for (const float sample : out.left) REQUIRE(std::isfinite(sample));
  REQUIRE(renderer.plan().faults().size() == 1);
  CHECK(renderer.plan().faults()[0].node_id == "m");
  CHECK(renderer.plan().faults()[0].fault == Fault::not_finite);
}
