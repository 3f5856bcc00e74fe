// SPDX-License-Identifier: MIT
// From one plan to the next: what is kept goes on, to the bit.
#include "plan_bench.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

constexpr std::int32_t frames = 3000;

// Latency beside none, a loop, control connections, events of plugins and a parameter behind latency.
// `moved` and `sent` are the values of two parameters that automation moves.
Graph rich_graph(double moved = 0, double sent = 0) {
  Connection control = modulate("late", "v", "value", ControlMode::add, 0.001);
  control.from_port = "control_out";
  return {
      {},
      {node("n", "test.noise"), node("imp", "test.impulse"), node("late", "test.latency_1000", {{"value", sent}}),
       node("up", "test.transpose"), node("m", "test.sum"), node("echo", "test.echo_100"), node("c", "test.triangle"),
       node("v", "test.value", {{"value", moved}}), node("tone", "test.sleeper"),
       node("k", "test.keeper", {{"start", 5.0}}), node("mixer", "test.sum")},
      {connect("n", "out", "late", "in", 0.25), connect("late", "out", "m", "a"), connect("imp", "audio_out", "m", "a"),
       connect("m", "out", "echo", "in"), connect("echo", "out", "m", "b", -0.5), connect("m", "out", "mixer", "a"),
       connect("late", "events_out", "tone", "events_in"), connect("up", "events_out", "tone", "events_in"),
       connect("tone", "out", "mixer", "b"), connect("k", "out", "mixer", "b", 1e-4),
       modulate("c", "v", "value", ControlMode::add, 3), control, connect("v", "out", "mixer", "b", 0.1)}};
}

// As a client describes it that has asked for the current values.
Graph current_graph(const Bench &bench) {
  const auto target = [&](const char *node) {
    return bench.plan->value(std::uint32_t(bench.plan->param_target(node, "value")), std::int64_t{1} << 40);
  };
  return rich_graph(target("v"), target("late"));
}

void give_much(Bench &bench) {
  for (int i = 0; i < 20; ++i) {
    bench.note(i * 131, "imp", 60);
    if (i % 4 == 0) bench.note(i * 137 + 3, "up", 60);
    if (i % 5 == 0) bench.note(i * 129 + 1, "late", 61);
  }
  bench.change(100, "v", "value", 2, 700);
  bench.change(900, "v", "value", -1);
  bench.change(1300, "late", "value", 500, 300);
}

}  // namespace

TEST_CASE("a plan that takes over from one like it gives the bits of the one") {
  Bench whole(rich_graph());
  give_much(whole);
  const std::vector<float> expected = whole.run(frames);
  CHECK(*std::ranges::max_element(expected) > 1);
  for (const std::int32_t first : {1, 99, 128, 777, 1400}) {
    CAPTURE(first);
    Bench bench(rich_graph());
    give_much(bench);
    std::vector<float> out = bench.run(first);
    for (const std::int32_t next : {50, frames - first - 50}) {
      bench.edit(current_graph(bench));
      const std::vector<float> rest = bench.run(next);
      out.insert(out.end(), rest.begin(), rest.end());
    }
    CHECK(same_bits(out, expected));
  }
}

TEST_CASE("nodes that come and go leave the sound of the others alone") {
  Bench whole(rich_graph()), bench(rich_graph());
  give_much(whole);
  give_much(bench);
  std::vector<float> out;
  for (const bool more : {true, false, true, false}) {
    const std::vector<float> part = bench.run(500);
    out.insert(out.end(), part.begin(), part.end());
    Graph graph = current_graph(bench);
    if (more) {
      graph.nodes.insert(graph.nodes.begin(), node("new", "test.noise"));
      graph.nodes.push_back(node("unheard", "test.latency_37"));
      graph.connections.push_back(connect("new", "out", "unheard", "in"));
    }
    bench.edit(graph);
  }
  CHECK(same_bits(out, whole.run(2000)));
}

TEST_CASE("an instance is kept when its plugin, config values and input delay are the same") {
  const auto graph = [](double start) {
    return Graph{
        {},
        {node("k", "test.keeper", {{"start", start}}), node("echo", "test.echo_100"), node("mixer", "test.sum")},
        {connect("k", "out", "mixer", "a"), connect("echo", "out", "mixer", "b")}};
  };
  Bench bench(graph(5));
  const auto keeper = bench.plan->instance("k"), echo = bench.plan->instance("echo");
  CHECK(bench.run(100).back() == 104.0f);
  bench.edit(graph(5));
  CHECK(bench.plan->instance("k") == keeper);
  CHECK(bench.run(100).back() == 204.0f);

  Graph other = graph(7);
  other.connections.push_back(connect("echo", "out", "echo", "in"));
  bench.edit(other);
  CHECK(bench.plan->instance("k") != keeper);
  CHECK(bench.plan->instance("echo") != echo);
  CHECK(bench.plan->instance("echo")->input_delay() == 100);
  CHECK(bench.run(100).back() == 106.0f);
  CHECK(bench.plan->instance("nobody") == nullptr);
}

TEST_CASE("a running instance is not made to run at another sample rate") {
  load_nodes();
  const Graph graph{{}, {node("mixer", "test.keeper")}, {}};
  Bench bench(graph);
  auto resolved = resolve(graph, [&](std::size_t) { return bench.plan->instance("mixer"); });
  REQUIRE(resolved.has_value());
  const auto compiled = Plan::compile(std::move(*resolved), {.sample_rate = 44100});
  REQUIRE(!compiled.has_value());
  CHECK(compiled.error().code == Code::plugin_failed);
  CHECK(compiled.error().path == "/nodes/0");
}

TEST_CASE(
    "a parameter stays where it is whatever the new description says: it may have been moved since; a change moves "
    "it") {
  const auto graph = [](double value) {
    return Graph{{},
                 {node("v", "test.value", {{"value", value}}), node("mixer", "test.scale")},
                 {connect("v", "out", "mixer", "in")}};
  };
  Bench bench(graph(10));
  bench.run(300);
  bench.edit(graph(20));
  for (const float value : bench.run(300)) CHECK(value == 10.0f);
  bench.change(600, "v", "value", 20);
  const std::vector<float> out = bench.run(300);  // 3 ms are 144 frames
  CHECK(out[0] == 10.0f);
  CHECK(out[72] == doctest::Approx(15));
  CHECK(out[144] == 20.0f);
}

TEST_CASE("what was muted stays muted until its node is reset") {
  const auto graph = [](double at) {
    return Graph{{},
                 {node("bad", "test.failing", {{"at", at}}), node("mixer", "test.scale")},
                 {connect("bad", "out", "mixer", "in")}};
  };
  Bench bench(graph(100));
  bench.run(500);
  bench.edit(graph(1e6));  // it would not fail any more
  CHECK(bench.run(100).back() == 0.0f);
  const auto position = std::size_t(bench.plan->position("bad"));
  CHECK(bench.plan->fault(position) == Fault::not_finite);
  bench.plan->change(std::uint32_t(bench.plan->param_target("bad", "at")), 0, 1e6, 0, true);
  bench.plan->reset_node(position);
  CHECK(bench.plan->fault(position) == Fault::none);
  CHECK(bench.run(100).back() == 0.25f);
}

TEST_CASE("what sleeps is not woken by an edit") {
  NodesLog &log = load_nodes();
  const Graph graph{{}, {node("mixer", "test.sleeper")}, {}};
  Bench bench(graph);
  bench.run(500);
  bench.edit(graph);
  log.calls = 0;
  bench.run(500);
  CHECK(log.calls == 0);
}

TEST_CASE("a reset is a fresh start") {
  Bench bench(rich_graph());
  give_much(bench);
  bench.run(2000);
  Bench fresh(rich_graph(-1, 500));  // what had moved stays where it was heading
  bench.plan->reset_instances();
  bench.now = fresh.now = 10000;
  CHECK(same_bits(bench.run(frames), fresh.run(frames)));
}

TEST_CASE("all sleep once nothing sounds, waits or is on its way") {
  const Graph graph{{},
                    {node("imp", "test.impulse"), node("late", "test.sleeping_latency"), node("mixer", "test.sleeper")},
                    {connect("imp", "audio_out", "mixer", "in"), connect("late", "out", "mixer", "in")}};
  Bench bench(graph);
  bench.note(500, "imp", 60);
  bench.note(500, "mixer", 60);
  CHECK(!bench.plan->all_asleep());
  bench.run(500);
  CHECK(bench.plan->all_asleep());
  bench.run(300);  // on its way through a line of 1000 frames, as is the note
  CHECK(!bench.plan->all_asleep());
  bench.run(600);
  CHECK(!bench.plan->all_asleep());
  bench.run(1000);
  CHECK(bench.plan->all_asleep());
}

TEST_CASE("a monitor's values last as long as the instance, and are zero again after a reset") {
  const Graph graph{{},
                    {node("k", "test.keeper", {{"start", 5.0}}), node("n", "test.noise"), node("mixer", "test.sum")},
                    {connect("k", "out", "mixer", "a"), connect("n", "out", "mixer", "b")}};
  Bench bench(graph);
  const Monitor *history = bench.plan->monitor("k", "history");
  REQUIRE(history != nullptr);
  CHECK(history->capacity == 8);
  CHECK(history->count == 0);
  bench.run(300);
  CHECK(history->count == 3);
  CHECK(std::vector(history->values, history->values + 3) == std::vector<float>{5, 133, 261});
  bench.edit(graph);
  CHECK(bench.plan->monitor("k", "history") == history);
  bench.run(128);
  CHECK(history->count == 4);
  CHECK(history->values[3] == 305.0f);
  bench.plan->reset_instances();
  CHECK(history->count == 0);
  CHECK(std::vector(history->values, history->values + 8) == std::vector<float>(8));

  CHECK(bench.plan->monitor("k", "unconnected")->capacity == 1);
  CHECK(bench.plan->monitor("k", "out") == nullptr);
  CHECK(bench.plan->monitor("nobody", "history") == nullptr);
  CHECK(bench.plan->monitor("n", "history") == nullptr);
}

TEST_CASE("a plugin is told which of its inputs nothing is connected to") {
  Graph graph{{}, {node("mixer", "test.keeper"), node("n", "test.mono_noise")}, {}};
  Bench bench(graph);
  bench.run(1);
  CHECK(bench.plan->monitor("mixer", "unconnected")->values[0] == 1.0f);
  graph.connections.push_back(connect("n", "out", "mixer", "side"));
  bench.edit(graph);
  bench.run(1);
  CHECK(bench.plan->monitor("mixer", "unconnected")->values[0] == 0.0f);
}

TEST_CASE("an older name of a parameter stands for its own") {
  CHECK(param_id_of("builtin.note_gate", "gate_mode") == "mode");
  CHECK(param_id_of("builtin.note_gate", "pitch_lo") == "pitch_lo");
  CHECK(param_id_of("test.other", "gate_mode") == "gate_mode");
}
