// SPDX-License-Identifier: MIT
// Isolated nodes among others: what they do to themselves, the others do not hear.
#include "plugin/isolated_plugin.hpp"
#include "session.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

// Noise on both sides, and beside it a node that nobody hears.
Graph noise_beside(const std::string &type, bool isolated) {
  const auto loaded = Registry::instance().load(fixture("unruly"), {.probe = false});
  REQUIRE_MESSAGE(loaded.has_value(), loaded.error().message);
  Graph graph;
  graph.nodes = {node("noise", "test.noise", {{"stream", 3.0}}), node("unruly", type), node("mixer", "test.sum")};
  graph.nodes[1].isolated = isolated;
  graph.connections = {connect("noise", "out", "mixer", "a"), connect("unruly", "out", "mixer", "b", 0)};
  return graph;
}

Schedule with_note(int pitch) {
  Events events;
  events.add(0.1, EventKind::note_on, "unruly", pitch);
  return events.schedule();
}

}  // namespace

#if !defined(_WIN32)
TEST_CASE("whatever ends the process of an isolated node, the other nodes are what they were, to the bit") {
  load_nodes();
  auto quiet = open(noise_beside("test.unruly", false));
  const Stereo expected = play(quiet, 12000);
  for (const int pitch : {61, 63, 64}) {
    CAPTURE(pitch);
    const Graph graph = noise_beside("test.unruly", true);
    auto renderer = open(graph, with_note(pitch));
    CHECK(same_bits(play(renderer, 12000), expected));
    const auto instance = renderer.plan().instance("unruly");
    const auto failure = instance->isolated()->failure();
    REQUIRE(failure.has_value());
    CHECK(failure->code == Code::plugin_crashed);
    CHECK(renderer.plan().fault(1) == Fault::isolated);
  }
}

TEST_CASE("an isolated node that dies ends the notes that it has sent") {
  NodesLog &log = load_nodes();
  Graph graph;
  graph.nodes = {node("transpose", "test.transpose"), node("mixer", "test.recorder")};
  graph.nodes[0].isolated = true;
  graph.connections = {connect("transpose", "events_out", "mixer", "events_in")};
  auto renderer = open(graph);
  arr_event on{};
  on.type = ARR_EVENT_NOTE_ON;
  on.key = 50;
  on.note_id = 7;
  on.value = 1;
  renderer.live_event(static_cast<std::uint32_t>(renderer.plan().event_target("transpose")), on);
  log.count = 0;
  play(renderer, 1000);
  REQUIRE(log.count == 1);
  IsolatedPlugin &isolated = *renderer.plan().instance("transpose")->isolated();
  isolated.give_up();
  while (!isolated.has_failed()) std::this_thread::yield();
  play(renderer, 1000);
  REQUIRE(log.count == 2);
  CHECK(log.events[1].event.type == ARR_EVENT_NOTE_OFF);
  CHECK(log.events[1].event.key == log.events[0].event.key);
}
#endif

TEST_CASE("without its program an isolated node is refused, with a word of where it should be") {
  const Environment other("ARRANGER_ISOLATE", "/nowhere/arranger-isolate");
  const auto refused = resolve(noise_beside("test.unruly", true));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::plugin_probe_unavailable);
  CHECK(refused.error().message.find("/nowhere/arranger-isolate") != std::string::npos);
}

TEST_CASE("an isolated plugin is not made of a library that was built anew since it was loaded") {
  const TemporaryFolder folder;
  const auto path = folder.put(fixture("versioned_1"), "versioned_isolated.so");
  const auto loaded = Registry::instance().load(path, {.probe = false, .replace = true});
  REQUIRE_MESSAGE(loaded.has_value(), loaded.error().message);
  const auto entry = Registry::instance().find(loaded->plugin_ids[0]);
  CHECK(Instance::create_isolated(entry, {}).has_value());
  folder.put(fixture("versioned_2"), "versioned_isolated.so");
  const auto refused = Instance::create_isolated(entry, {});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::plugin_load_failed);
  CHECK(Registry::instance().unload(loaded->library_id).has_value());
}
