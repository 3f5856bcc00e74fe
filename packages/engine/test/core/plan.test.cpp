// SPDX-License-Identifier: MIT
// From a graph to what the audio thread runs: which samples reach whom, in which order, and who is called.
#include "graph/plan.hpp"

#include <cmath>

#include "session.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

Error error_of(const Graph &graph) {
  load_nodes();
  const auto resolved = resolve(graph);
  REQUIRE(!resolved.has_value());
  return resolved.error();
}

Node master() { return node("mixer", "test.scale"); }

// The samples of a noise node.
std::vector<float> noise_of(std::uint32_t stream, std::int32_t frames) {
  std::vector<float> out;
  for (std::int32_t i = 0; i < frames; ++i) out.push_back(noise(i, stream));
  return out;
}

constexpr std::int32_t frames = 1000;

}  // namespace

TEST_CASE("an empty graph is silence") {
  const Stereo out = render({}, {}, frames);
  CHECK(same_bits(out.left, std::vector<float>(frames)));
}

TEST_CASE("one source reaches the output as it is") {
  const Stereo out =
      render({{}, {node("n", "test.noise"), master()}, {connect("n", "out", "mixer", "in")}}, {}, frames);
  CHECK(same_bits(out.left, noise_of(0, frames)));
  CHECK(same_bits(out.right, noise_of(1, frames)));
}

TEST_CASE("mono goes to both channels; a mono master is heard on both") {
  const Stereo spread =
      render({{}, {node("n", "test.mono_noise"), master()}, {connect("n", "out", "mixer", "in")}}, {}, frames);
  CHECK(same_bits(spread.left, noise_of(0, frames)));
  CHECK(same_bits(spread.right, spread.left));
  const Stereo mono = render({{}, {node("mixer", "test.mono_noise")}, {}}, {}, frames);
  CHECK(same_bits(mono.left, noise_of(0, frames)));
  CHECK(same_bits(mono.right, mono.left));
}

TEST_CASE("stereo into mono is the mean of both channels") {
  const Stereo out =
      render({{}, {node("n", "test.noise"), node("mixer", "test.mono_scale")}, {connect("n", "out", "mixer", "in")}},
             {}, frames);
  for (std::int32_t i = 0; i < frames; ++i)
    REQUIRE(out.left[static_cast<std::size_t>(i)] == 0.5f * noise(i, 0) + 0.5f * noise(i, 1));
}

TEST_CASE("x_L and x_R name the channels of a stereo port, x_L_1 those of x_1") {
  const Stereo crossed = render({{},
                                 {node("n", "test.noise"), master()},
                                 {connect("n", "out_L", "mixer", "in_R"), connect("n", "out_R", "mixer", "in_L")}},
                                {}, frames);
  CHECK(same_bits(crossed.left, noise_of(1, frames)));
  CHECK(same_bits(crossed.right, noise_of(0, frames)));
  const Stereo one =
      render({{}, {node("n", "test.noise"), master()}, {connect("n", "out_R", "mixer", "in")}}, {}, frames);
  CHECK(same_bits(one.left, noise_of(1, frames)));
  CHECK(same_bits(one.right, noise_of(1, frames)));
  for (const char *port : {"in_L_1", "in_1_L"}) {
    const Stereo numbered = render(
        {{}, {node("n", "test.mono_noise"), node("mixer", "test.numbered")}, {connect("n", "out", "mixer", port)}}, {},
        frames);
    CHECK(same_bits(numbered.left, noise_of(0, frames)));
    CHECK(same_bits(numbered.right, std::vector<float>(frames)));
  }
}

TEST_CASE("several connections are summed in their order, each with its gain") {
  const auto value = [](const char *id, double value) { return node(id, "test.value", {{"value", value}}); };
  const auto sum = [&](std::vector<Connection> connections) {
    return render({{},
                   {value("small", 0.003), value("big", 65536), value("minus", -65536), master()},
                   std::move(connections)},
                  {}, 10)
        .left[9];
  };
  // 65536 + 0.003 is 65536 in float.
  CHECK(sum({connect("small", "out", "mixer", "in"), connect("big", "out", "mixer", "in"),
             connect("minus", "out", "mixer", "in")}) == 0.0f);
  CHECK(sum({connect("big", "out", "mixer", "in"), connect("minus", "out", "mixer", "in"),
             connect("small", "out", "mixer", "in")}) == 0.003f);
  CHECK(sum({connect("small", "out", "mixer", "in", 1000), connect("small", "out", "mixer", "in", -0.5)}) ==
        1000.0f * 0.003f + -0.5f * 0.003f);
}

TEST_CASE("a source that is passed over while it is silent leaves the same zeros as one that is added") {
  const Graph graph{{},
                    {node("b", "test.bursts"), node("c", "test.bursts", {{"stream", 3.0}}), node("mixer", "test.gain")},
                    {connect("b", "out", "mixer", "in", -0.5), connect("c", "out", "mixer", "in_L", -0.25)}};
  const Stereo out = render(graph, {}, frames);
  for (const float sample : out.right) CHECK((sample != 0.0f || !std::signbit(sample)));
}

TEST_CASE("control: set replaces, add adds, map scales, the range holds") {
  const auto values = [](std::vector<Connection> connections) {
    return render({{},
                   {node("t", "test.triangle"), node("u", "test.triangle"), node("v", "test.value", {{"value", 7.0}}),
                    master()},
                   [&] {
                     connections.push_back(connect("v", "out", "mixer", "in"));
                     return connections;
                   }()},
                  {}, 3000)
        .left;
  };
  const auto check = [](const std::vector<float> &out, auto expected) {
    for (std::int32_t i = 0; i < 3000; ++i)
      REQUIRE(out[static_cast<std::size_t>(i)] ==
              doctest::Approx(expected(static_cast<double>(triangle(i)))).epsilon(1e-6));
  };
  const auto set = ControlMode::set, add = ControlMode::add;
  check(values({modulate("t", "v", "value", set)}), [](double t) { return t; });
  check(values({modulate("t", "v", "value", set, 99, ControlMap{-3, 5})}), [](double t) { return -3 + 8 * t; });
  check(values({modulate("t", "v", "value", add, 4)}), [](double t) { return 7 + 4 * t; });
  check(values({modulate("t", "v", "value", add, -2, ControlMap{10, 20})}),
        [](double t) { return 7 - 2 * (10 + 10 * t); });
  // The base comes first wherever it stands in the list.
  check(values({modulate("t", "v", "value", add, 4), modulate("u", "v", "value", set),
                modulate("t", "v", "value", add, 1)}),
        [](double t) { return t + 4 * t + t; });
  check(values({modulate("t", "v", "value", add, 1e9)}), [](double t) { return std::min(7 + 1e9 * t, 100000.0); });
}

TEST_CASE("a moving base goes through its connections") {
  const Graph graph{{},
                    {node("t", "test.triangle"), node("v", "test.value"), master()},
                    {modulate("t", "v", "value", ControlMode::add, 2), connect("v", "out", "mixer", "in")}};
  const Stereo out = render(graph, Events().param(0.01, "v", "value", 50, 0.1).param(0.05, "v", "value", 0), 4000);
  CHECK(out.left[240 + 480] == doctest::Approx(50.0 * 480 / 2400 + 2 * 0.72).epsilon(1e-5));
  CHECK(out.left[3999] == doctest::Approx(2 * triangle(3999)));
}

TEST_CASE("an SDK plugin with smoothing, mixes and mono neighbours is the same however blocks are cut") {
  const Graph graph{
      {},
      {node("n", "test.noise", {{"stream", 3.0}}), node("b", "test.bursts", {{"stream", 1.0}}),
       node("m", "test.mono_noise"), node("g", "test.gain"), node("h", "test.gain", {{"gain", 0.3}}),
       node("s", "test.mono_scale"), node("t", "test.triangle"), master()},
      {connect("n", "out", "g", "in", 0.4), connect("b", "out", "g", "in"), connect("m", "out", "g", "in_R", 0.1),
       connect("b", "out", "h", "in"), connect("h", "out", "s", "in"), connect("g", "out", "mixer", "in", 0.7),
       connect("s", "out", "mixer", "in"), connect("h", "out_L", "mixer", "in_R", -0.2),
       modulate("t", "h", "gain", ControlMode::add, 0.5, ControlMap{-1, 1})}};
  const Schedule events =
      Events().param(0.01, "g", "gain", 0.1).param(0.02, "g", "gain", 2, 0.07).param(0.05, "h", "gain", 1.5);
  const Stereo out = render(graph, events, 5000);
  CHECK(*std::max_element(out.left.begin(), out.left.end()) > 0.5f);
}

TEST_CASE("a plugin that sleeps is not called until an event or sound comes") {
  NodesLog &log = load_nodes();
  const Graph graph{{}, {node("s", "test.sleeper"), master()}, {connect("s", "out", "mixer", "in")}};
  const Schedule note = Events().add(1000.0 / 24000, EventKind::note_on, "s");
  auto renderer = open(graph, note);
  log.calls = 0;
  const Stereo out = play(renderer, 128 * 40, 128);
  CHECK(log.calls == 5);  // the first slice; those of frames 1000 to 1199; the one that finds the end
  for (std::int32_t i = 0; i < 128 * 40; ++i)
    REQUIRE(out.left[static_cast<std::size_t>(i)] == (i >= 1000 && i < 1200 ? 1.0f : 0.0f));
  render(graph, note, 3000);

  // Three slices of burst in nine, each with the slice that finds its end.
  const Graph fed{{},
                  {node("b", "test.bursts", {{"stream", 1.0}}), node("s", "test.sleeper"), master()},
                  {connect("b", "out", "s", "in"), connect("s", "out", "mixer", "in")}};
  auto woken = open(fed, {}, {.max_frames = 32});
  log.calls = 0;
  play(woken, 288 * 10, 32);
  CHECK(log.calls == 1 + 10 * 4);
  render(fed, {}, 3000);
}

TEST_CASE("a node that puts out NaN or infinity, or fails, is muted from that slice on; the rest plays") {
  for (const int kind : {0, 1, 2}) {
    CAPTURE(kind);
    const Graph graph{{},
                      {node("bad", "test.failing", {{"kind", double(kind)}, {"at", 300.0}}), node("n", "test.noise"),
                       node("other", "test.failing", {{"at", 1e6}}), master()},
                      {connect("bad", "out", "mixer", "in"), connect("n", "out", "mixer", "in"),
                       connect("other", "out", "mixer", "in")}};
    const std::uint32_t violations = load_nodes().violations;
    auto renderer = open(graph);
    CHECK(renderer.plan().faults().empty());
    const Stereo out = play(renderer, 1024);
    for (std::int32_t i = 0; i < 1024; ++i)
      REQUIRE(out.right[static_cast<std::size_t>(i)] == (i < 256 ? 0.25f + noise(i, 1) : 0.0f + noise(i, 1)) + 0.25f);
    const auto faults = renderer.plan().faults();
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].node_id == "bad");
    CHECK(faults[0].fault == (kind == 2 ? Fault::error_status : Fault::not_finite));
    CHECK(load_nodes().violations == violations);  // nobody read a value that is not finite
  }
}

TEST_CASE("events of plugins merge with the schedule by frame and rank, the schedule first") {
  NodesLog &log = load_nodes();
  const Graph graph{{},
                    {node("track", "track_source"), node("up", "test.transpose", {{"interval", 12.0}}),
                     node("down", "test.transpose", {{"interval", -12.0}}), node("mixer", "test.recorder")},
                    {connect("track", "any", "up", "name"), connect("track", "any", "down", "name"),
                     connect("track", "any", "mixer", "name"), connect("up", "events_out", "mixer", "events_in"),
                     connect("down", "events_out", "mixer", "events_in")}};
  const Schedule notes = Events()
                             .add(0, EventKind::note_on, "track", 60)
                             .add(0.01, EventKind::note_on, "track", 62)
                             .add(0.01, EventKind::cc, "track", 7)
                             .add(0.01, EventKind::note_off, "track", 60)
                             .add(0.02, EventKind::note_off, "track", 62);
  render(graph, notes, 1000);
  auto renderer = open(graph, notes);
  log.count = 0;
  play(renderer, 1000);
  std::vector<std::pair<std::int64_t, int>> seen;
  for (const RecordedEvent &event : recorded(log)) seen.emplace_back(event.steady_frame, event.event.key);
  CHECK(seen == std::vector<std::pair<std::int64_t, int>>{{0, 60},
                                                          {0, 72},
                                                          {0, 48},
                                                          {240, 60},
                                                          {240, 72},
                                                          {240, 48},
                                                          {240, 7},
                                                          {240, 7},
                                                          {240, 7},
                                                          {240, 62},
                                                          {240, 74},
                                                          {240, 50},
                                                          {480, 62},
                                                          {480, 74},
                                                          {480, 50}});
}

TEST_CASE("an event outside of its call is dropped and counted") {
  NodesLog &log = load_nodes();
  const Graph graph{{},
                    {node("t", "test.transpose", {{"stray", 1.0}}), node("mixer", "test.recorder")},
                    {connect("t", "events_out", "mixer", "events_in")}};
  const std::uint32_t violations = log.violations;
  auto renderer = open(graph, Events().add(0, EventKind::note_on, "t"));
  log.count = 0;
  play(renderer, 256);
  CHECK(log.count == 1);
  CHECK(renderer.plan().lost_events() == 2 * 3);
  CHECK(log.violations == violations);
}

TEST_CASE("what does not fit an event list is counted, and nothing else is harmed") {
  NodesLog &log = load_nodes();
  Events notes;
  for (int i = 0; i < 5000; ++i) notes.add(0.001, EventKind::note_on, "mixer", i % 128);
  notes.add(0.1, EventKind::note_on, "mixer");
  auto renderer = open({{}, {node("mixer", "test.recorder")}, {}}, notes);
  log.count = 0;
  play(renderer, 4800);
  CHECK(log.count == input_event_capacity + 1);
  CHECK(renderer.plan().lost_events() == 5000 - input_event_capacity);
}

TEST_CASE("structure is strict: every mistake has its code and its place") {
  const auto check = [](const Graph &graph, Code code, const char *path, const char *part) {
    const Error error = error_of(graph);
    CAPTURE(error.message);
    CHECK(info(error.code).name == info(code).name);
    CHECK(error.path == path);
    CHECK(error.message.find(part) != std::string::npos);
  };
  const Node noise = node("n", "test.noise");
  check({{}, {node("n", "test.noize")}, {}}, Code::unknown_plugin, "/nodes/0/type", "test.noise");
  check({{}, {noise, master(), noise}, {}}, Code::duplicate_id, "/nodes/2/id", "'n'");
  check({{}, {noise}, {}}, Code::no_master, "/nodes", "mixer");
  check({{}, {noise, node("mixer", "test.triangle")}, {}}, Code::no_master, "/nodes", "mixer");
  check({{}, {noise, master()}, {connect("m", "out", "mixer", "in")}}, Code::unknown_node, "/connections/0/from_node",
        "'m'");
  check({{}, {noise, master()}, {connect("n", "out", "mixre", "in")}}, Code::unknown_node, "/connections/0/to_node",
        "'mixer'");
  check({{}, {noise, master()}, {connect("n", "outt", "mixer", "in")}}, Code::unknown_port, "/connections/0/from_port",
        "'out'");
  check({{}, {noise, master()}, {connect("n", "out", "mixer", "out")}}, Code::unknown_port, "/connections/0/to_port",
        "input");
  check({{}, {noise, master()}, {connect("n", "out", "mixer", "gain")}}, Code::type_mismatch, "/connections/0/to_port",
        "control");
  check({{}, {node("t", "track_source"), master()}, {connect("t", "x", "mixer", "in")}}, Code::type_mismatch,
        "/connections/0/to_node", "events");
  check({{},
         {node("t", "test.triangle"), master()},
         {modulate("t", "mixer", "gain", ControlMode::set), modulate("t", "mixer", "gain", ControlMode::set)}},
        Code::duplicate_connection, "/connections/1", "connection 0");
  check({{},
         {node("a", "test.scale"), node("b", "test.scale"), master()},
         {connect("a", "out", "b", "in"), connect("b", "out", "a", "in"), connect("b", "out", "mixer", "in")}},
        Code::cycle, "/connections", "a -> ");
  check({{}, {node("mixer", "test.scale")}, {connect("mixer", "out", "mixer", "in")}}, Code::cycle, "/connections",
        "mixer -> mixer");
}

TEST_CASE("a monitor is for people: it cannot be a source") {
  const Error error = error_of({{}, {node("m", "test.metered"), master()}, {connect("m", "level", "mixer", "gain")}});
  CHECK(error.code == Code::unknown_port);
  CHECK(error.path == "/connections/0/from_port");
}

TEST_CASE("values are forgiving: what is out of range is clamped, what is unknown is told") {
  load_nodes();
  const Graph graph{{}, {node("mixer", "test.scale", {{"gain", 9.0}, {"gian", 1.0}, {"a/b~c", 2.0}})}, {}};
  const auto resolved = resolve(graph);
  REQUIRE(resolved.has_value());
  CHECK(resolved->nodes[0].base_values[1] == 4);
  REQUIRE(resolved->warnings.size() == 3);
  CHECK(resolved->warnings[0].code == "out_of_range");
  CHECK(resolved->warnings[0].path == "/nodes/0/params/gain");
  CHECK(resolved->warnings[1].code == "unknown_param");
  CHECK(resolved->warnings[1].message.find("'gain'") != std::string::npos);
  CHECK(resolved->warnings[2].path == "/nodes/0/params/a~1b~0c");  // RFC 6901
}

TEST_CASE("a chain of 10,000 nodes compiles and runs, and grows like its length") {
  load_nodes();
  struct Cost {
    double compile = 1e9, run = 1e9;
  };
  const auto measure = [](int count) {
    Graph graph{{}, {node("n0", "test.noise")}, {}};
    for (int i = 1; i < count; ++i) {
      graph.nodes.push_back(node("n" + std::to_string(i), "test.scale"));
      graph.connections.push_back(connect("n" + std::to_string(i - 1), "out", "n" + std::to_string(i), "in"));
    }
    graph.nodes.push_back(master());
    graph.connections.push_back(connect("n" + std::to_string(count - 1), "out", "mixer", "in"));
    std::reverse(graph.nodes.begin(), graph.nodes.end());  // so that nothing depends on a lucky order
    Cost best;
    for (int round = 0; round < 3; ++round) {
      const double began = processor_seconds();
      auto renderer = open(graph);
      const double compiled = processor_seconds();
      const Stereo out = play(renderer, 1280, 128);
      best.run = std::min(best.run, processor_seconds() - compiled);
      best.compile = std::min(best.compile, compiled - began);
      REQUIRE(same_bits(out.left, noise_of(0, 1280)));
    }
    return best;
  };
  // Memory that is colder makes each node of a long chain a few times dearer; a quadratic step makes it a hundred times.
  const Cost small = measure(100), large = measure(10000);
  CHECK(large.compile < small.compile * 2000);  // linear: 100, quadratic: 10,000
  CHECK(large.run < small.run * 2000);
}
