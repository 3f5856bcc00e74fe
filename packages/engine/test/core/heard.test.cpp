// SPDX-License-Identifier: MIT
// What nobody hears does not run, and begins anew when it is heard.
#include "plan_bench.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

Graph with_sleeper(bool is_heard) {
  Graph graph{{}, {node("s", "test.sleeper"), node("after", "test.gain"), node("mixer", "test.sum")}, {}};
  graph.connections.push_back(connect("s", "out", "after", "in"));
  if (is_heard) graph.connections.push_back(connect("after", "out", "mixer", "a"));
  return graph;
}

bool is_silent(const std::vector<float> &samples) {
  return std::ranges::all_of(samples, [](float sample) { return sample == 0; });
}

}  // namespace

TEST_CASE("a branch that reaches no output is never called") {
  Bench bench(with_sleeper(false));
  const std::uint32_t before = load_nodes().calls;
  bench.note(0, "s", 60);
  CHECK(is_silent(bench.run(1000)));
  CHECK(load_nodes().calls == before);
  CHECK(bench.plan->all_asleep());
  CHECK(bench.plan->fault(0) == Fault::none);
  CHECK(bench.plan->share(0) == 0);
}

TEST_CASE("a branch that was not heard begins from silence") {
  Bench bench(with_sleeper(true));
  bench.note(0, "s", 60);
  CHECK(!is_silent(bench.run(64)));
  bench.edit(with_sleeper(false));
  CHECK(is_silent(bench.run(64)));
  bench.note(bench.now, "s", 60);  // nobody is there to take it
  CHECK(is_silent(bench.run(64)));
  bench.edit(with_sleeper(true));
  CHECK(is_silent(bench.run(400)));
  bench.note(bench.now, "s", 60);
  CHECK(!is_silent(bench.run(64)));
}

TEST_CASE("parameters go on where nobody hears them") {
  Graph heard = with_sleeper(true), unheard = with_sleeper(false);
  Bench bench(unheard);
  bench.change(10, "after", "gain", 0.5);
  bench.run(2000);
  bench.edit(heard);
  bench.note(bench.now, "s", 60);
  CHECK(bench.run(1).front() == 0.5f);
}

TEST_CASE("what shows values runs although nobody hears it") {
  Bench bench({{}, {node("m", "test.metered"), node("mixer", "test.sum")}, {}});
  bench.run(1);
  REQUIRE(bench.plan->monitor("m", "level"));
  CHECK(bench.plan->monitor("m", "level")->values[0] == 1);
}

TEST_CASE("many events for many nodes in one slice all come, in order") {
  constexpr int nodes = 20, events = 300;
  NodesLog &log = load_nodes();
  Graph graph{{}, {node("mixer", "test.sum")}, {}};
  for (int i = 0; i < nodes; ++i) {
    const std::string id = "r" + std::to_string(i);
    graph.nodes.push_back(node(id, "test.recorder", {{"tag", double(i)}}));
    graph.connections.push_back(connect(id, "out", "mixer", "a"));
  }
  Bench bench(graph);
  for (int e = 0; e < events; ++e)
    for (int i = 0; i < nodes; ++i)
      if ((e + i) % 3 != 0) bench.note(e % 100, "r" + std::to_string(i), e);
  log.count = 0;
  bench.run(256);
  CHECK(bench.plan->lost_events() == 0);
  std::vector<std::vector<std::pair<std::int64_t, int>>> came(nodes), expected(nodes);
  for (const RecordedEvent &event : recorded(log))
    came[std::size_t(event.tag)].emplace_back(event.steady_frame, event.event.key);
  for (int i = 0; i < nodes; ++i) {
    for (int e = 0; e < events; ++e)
      if ((e + i) % 3 != 0) expected[std::size_t(i)].emplace_back(e % 100, e);
    std::ranges::stable_sort(expected[std::size_t(i)], {}, &std::pair<std::int64_t, int>::first);
  }
  CHECK(came == expected);
}
