// SPDX-License-Identifier: MIT
// What a plugin does in process that would end the process, or harm its neighbours: it is muted, and they play on.
#include <csignal>
#include <string_view>
#include <thread>

#include "base/survive.hpp"
#include "session.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

struct Hostile {
  const char *fixture;
  Fault fault;
  int signal;
  std::string_view what;
};

void load(const char *name) {
  const auto loaded = Registry::instance().load(fixture(name), {.probe = false});
  REQUIRE_MESSAGE(loaded.has_value(), loaded.error().message);
}

constexpr std::int32_t frames = 9600;
constexpr std::size_t attack = 4736;  // the slice of frame 4800 begins after it

// So many hostile nodes, a noise before them and one behind them.
Graph beside(const std::string &type, int count) {
  Graph graph{{}, {node("first", "test.noise")}, {connect("first", "out", "mixer", "in")}};
  for (int i = 0; i < count; ++i) {
    const std::string id = "hostile" + std::to_string(i);
    graph.nodes.push_back(node(id, type));
    graph.connections.push_back(connect(id, "out", "mixer", "in"));
  }
  graph.nodes.push_back(node("last", "test.noise"));
  graph.nodes.push_back(node("mixer", "test.gain"));
  graph.connections.push_back(connect("last", "out", "mixer", "in"));
  return graph;
}

// On a thread that survives the end of its stack, as those that play and render do.
Stereo play_safely(SessionRenderer &renderer, std::int32_t count) {
  Stereo out;
  std::thread([&] {
    SignalStack stack;
    stack.use();
    out = play(renderer, count);
  }).join();
  return out;
}

}  // namespace

TEST_CASE("whatever ends a call in the middle mutes that node alone: the rest is the same bits") {
  constexpr Hostile all[] = {
      {"puts_out_nan", Fault::not_finite, 0, ""},
      {"writes_past_buffers", Fault::out_of_bounds, 0, ""},
      {"throws_process", Fault::threw, 0, "the wavetable has no end"},
#if !defined(_WIN32)
      {"crash_process", Fault::crashed, SIGSEGV, ""},
      {"divides_by_zero", Fault::crashed, SIGFPE, ""},
      {"abort_process", Fault::crashed, SIGABRT, ""},
      {"endless_recursion", Fault::crashed, SIGSEGV, ""},
#endif
  };
  auto calm = open(beside("test.gain", 1));
  const Stereo expected = play(calm, frames);
  for (const Hostile &hostile : all) {
    CAPTURE(hostile.fixture);
    load(hostile.fixture);
    auto renderer = open(beside(std::string("test.") + hostile.fixture, 1));
    CHECK(same_bits(play_safely(renderer, frames), expected));
    const auto faults = renderer.plan().faults();
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].node_id == "hostile0");
    CHECK(faults[0].fault == hostile.fault);
    CHECK(faults[0].how.signal == hostile.signal);
    CHECK(std::string_view(faults[0].how.what) == hostile.what);
  }
}

#if !defined(_WIN32)
TEST_CASE(
    "a hundred nodes that crash in one slice, and a hundred times one after the other: the rest is the same bits") {
  load("crash_process");
  auto calm = open(beside("test.gain", 1));
  const Stereo expected = play(calm, frames);
  auto at_once = open(beside("test.crash_process", 100));
  CHECK(same_bits(play(at_once, frames), expected));
  CHECK(at_once.plan().faults().size() == 100);
  for (int times = 0; times < 100; ++times) {
    auto one = open(beside("test.crash_process", 1));
    REQUIRE(same_bits(play(one, frames), expected));
    REQUIRE(one.plan().faults().size() == 1);
  }
}

TEST_CASE("denormals are flushed behind a crash as before it") {
  load("crash_process");
  const Graph graph{{},
                    {node("hostile", "test.crash_process"), node("constant", "test.failing", {{"at", 1e6}}),
                     node("small", "test.gain", {{"gain", 1e-20}}), node("smaller", "test.gain", {{"gain", 1e-20}}),
                     node("mixer", "test.gain")},
                    {connect("hostile", "out", "mixer", "in"), connect("constant", "out", "small", "in"),
                     connect("small", "out", "smaller", "in"), connect("smaller", "out", "mixer", "in")}};
  auto renderer = open(graph);
  const Stereo out = play(renderer, frames, frames);  // one call: the next would set the modes anew
  REQUIRE(renderer.plan().faults().size() == 1);
  CHECK(std::ranges::count(out.left, 0.0f) == frames);
}
#endif

TEST_CASE("reset lets a node be heard again, but not one that crashed") {
  for (const std::string type : {"test.throws_process", "test.writes_past_buffers", "test.crash_process"}) {
#if defined(_WIN32)
    if (type == "test.crash_process") continue;
#endif
    CAPTURE(type);
    load(type.substr(5).c_str());
    auto renderer = open(beside(type, 1));
    play_safely(renderer, frames);
    std::vector<std::uint32_t> failures{renderer.plan().failure(1)};
    for (const bool all : {false, true}) {
      if (all) renderer.reset({});
      else renderer.reset_node(1);
      play_safely(renderer, frames);
      failures.push_back(renderer.plan().failure(1));
    }
    // Each time it was called it failed again.
    const bool is_lost = type == "test.crash_process";
    CHECK(failures[0] != 0);
    CHECK((failures[1] == failures[0]) == is_lost);
    CHECK((failures[2] == failures[1]) == is_lost);
    CHECK(renderer.plan().fault(1) != Fault::none);
  }
}
