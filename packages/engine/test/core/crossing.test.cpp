// SPDX-License-Identifier: MIT
// From graph to graph while it plays: what stays is not touched, what comes and goes fades.
#include <cmath>
#include <map>

#include "allocations.hpp"
#include "running.hpp"
#include "session.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

constexpr std::int32_t fade_frames = 480;  // 10 ms at 48 kHz

// A live session without a transport: graphs follow each other as an edit makes them.
class Stage {
 public:
  explicit Stage(const Graph &graph, bool plays = true) {
    load_nodes();
    running_ = follow(resolve(graph).value(), options_of_tests(), nullptr).value();
    renderer_ = std::make_unique<SessionRenderer>(running_.plan, course(), false);
    renderer_->share_with(executor_of_tests());
    if (plays) renderer_->play();
  }

  Stereo run(std::int32_t frames, std::int32_t size = 512) { return play(*renderer_, frames, size); }

  void edit(const Graph &graph) {
    auto resolved = resolve(graph, [&](std::size_t i) { return running_.plan->instance(graph.nodes[i].id); });
    REQUIRE_MESSAGE(resolved.has_value(), resolved.error().message);
    auto next = follow(std::move(*resolved), options_of_tests(), &running_);
    REQUIRE(next.has_value());
    auto change = std::make_unique<PlanChange>();
    change->targets = running_.plan->map_to(*next->plan);
    running_ = std::move(*next);
    change->course = course();
    change->plan = running_.crossing ? running_.crossing : running_.plan;
    if (running_.crossing) change->settled = running_.plan;
    const std::int64_t before = allocations();
    renderer_->replace_plan(std::move(change));
    CHECK(allocations() == before);
  }
  bool crosses() const { return &renderer_->plan() != running_.plan.get(); }
  // What was let go; with it the last of what left.
  void collect() {
    while (Returnable *one = renderer_->take_returned()) delete one;
    running_.forget_crossing(renderer_->position().steady_frame);
  }
  std::shared_ptr<Instance> instance(const char *node) const { return running_.plan->instance(node); }
  SessionRenderer &operator*() { return *renderer_; }
  Running &running() { return running_; }

 private:
  std::unique_ptr<Course> course() const {
    auto out = std::make_unique<Course>();
    out->score = score_;
    out->binding = bind(*running_.plan, {}, score_->timeline);
    return out;
  }
  std::shared_ptr<const Score> score_ =
      std::make_shared<const Score>(make_score(std::make_shared<Schedule>(), 48000, 120));
  Running running_;
  std::unique_ptr<SessionRenderer> renderer_;
};

Node constant(const std::string &id, double value) { return node(id, "test.value", {{"value", value}}); }

Graph with(Graph graph, std::vector<Node> nodes, std::vector<Connection> connections) {
  graph.nodes.insert(graph.nodes.end(), nodes.begin(), nodes.end());
  graph.connections.insert(graph.connections.end(), connections.begin(), connections.end());
  return graph;
}

Graph base_graph() {
  return {{}, {constant("tone", 0.5), node("mixer", "test.sum")}, {connect("tone", "out", "mixer", "a")}};
}

float greatest_step(const std::vector<float> &samples) {
  float most = 0;
  for (std::size_t i = 1; i < samples.size(); ++i) most = std::max(most, std::fabs(samples[i] - samples[i - 1]));
  return most;
}

}  // namespace

TEST_CASE("crossing: what stays is the same to the last bit while the rest comes, goes and changes") {
  const Graph plain = base_graph();
  Graph other_master = plain;
  other_master.nodes[1].type = "test.numbered";
  other_master.connections[0].to_port = "in_0";
  const Graph graphs[] = {
      plain,
      with(plain, {node("n", "test.noise")}, {connect("n", "out", "mixer", "b", 0)}),
      with(plain, {node("n", "test.noise"), node("g", "test.scale")},
           {connect("n", "out", "g", "in", 0), connect("g", "out", "mixer", "b")}),
      other_master,
      with(plain, {node("late", "test.latency_1000")}, {connect("late", "out", "mixer", "b")}),
      with(plain, {node("late", "test.latency_37")}, {connect("late", "out", "mixer", "b")}),
  };
  std::mt19937 random(7);
  Stage stage(plain);
  stage.run(2000);
  for (int i = 0; i < 300; ++i) {
    stage.edit(graphs[random() % std::size(graphs)]);
    const Stereo heard = stage.run(std::int32_t(random() % 1500 + 1));
    for (const float sample : heard.left) REQUIRE(std::fabs(sample - 0.5f) < 1e-6f);
    if (i % 3 == 0) stage.collect();
  }
}

TEST_CASE("crossing: a branch comes and goes on a straight line of ten milliseconds") {
  const Graph plain = base_graph();
  const Graph more = with(plain, {constant("b", 0.25)}, {connect("b", "out", "mixer", "b")});
  Stage stage(plain);
  stage.run(100);
  stage.edit(more);
  const auto in = stage.run(600).left;
  stage.edit(plain);
  const auto out = stage.run(600).left;
  for (int i = 0; i < 600; ++i) {
    const double share = std::min(1.0, i / double(fade_frames));
    CHECK(in[std::size_t(i)] == doctest::Approx(0.5 + 0.25 * share));
    CHECK(out[std::size_t(i)] == doctest::Approx(0.75 - 0.25 * share));
  }
  CHECK_FALSE(stage.crosses());
}

TEST_CASE("crossing: an effect put into a path, with latency or without, leaves the level as it is") {
  const Graph plain = base_graph();
  for (const char *type : {"test.scale", "test.latency_37", "test.latency_1000"}) {
    CAPTURE(type);
    Graph inserted = {{}, {constant("tone", 0.5), node("fx", type), node("mixer", "test.sum")}, {}};
    inserted.connections = {connect("tone", "out", "fx", "in"), connect("fx", "out", "mixer", "a")};
    Stage stage(plain);
    stage.run(100);
    for (const Graph &graph : {inserted, plain}) {
      stage.edit(graph);
      const Stereo heard = stage.run(4000);
      CHECK(greatest_step(heard.left) <= 1.01f * 0.5f / fade_frames);
      CHECK(*std::ranges::min_element(heard.left) > 0.499f);
      CHECK(*std::ranges::max_element(heard.left) < 0.501f);
    }
  }
}

// Constants through random sums: whatever is edited whenever, also in the middle of fades, nothing steps.
TEST_CASE("crossing: edits at any time never step") {
  std::mt19937 random(11);
  const auto below = [&](unsigned limit) { return int(random() % limit); };
  for (int round = 0; round < 12; ++round) {
    const auto random_graph = [&] {
      Graph graph{{}, {node("mixer", below(4) == 0 ? "test.numbered" : "test.sum")}, {}};
      const bool numbered = graph.nodes[0].type == "test.numbered";
      std::vector<std::string> made;
      for (int i = 0; i < 6; ++i) {
        if (below(3) == 0) continue;
        const std::string id = "n" + std::to_string(i);
        const bool source = i < 3;
        graph.nodes.push_back(source ? constant(id, (i + 1) * 0.25)
                                     : node(id, below(5) == 0 ? "test.numbered" : "test.sum"));
        const bool own_numbers = graph.nodes.back().type == "test.numbered";
        for (const std::string &from : made)
          if (!source && below(2) == 0)
            graph.connections.push_back(connect(from, "out", id, own_numbers ? "in_1" : "b", below(3) * 0.5));
        if (below(2) == 0) graph.connections.push_back(connect(id, "out", "mixer", numbered ? "in_0" : "a"));
        made.push_back(id);
      }
      return graph;
    };
    Stage stage(random_graph());
    std::vector<float> heard;
    for (int i = 0; i < 60; ++i) {
      const auto part = stage.run(1 + below(700), 1 + below(300)).left;
      heard.insert(heard.end(), part.begin(), part.end());
      stage.edit(random_graph());
      if (below(2) == 0) stage.collect();
    }
    // The greatest sum of all paths is below 20; each may pass three fades.
    CHECK(greatest_step(heard) < 3 * 20.0f / fade_frames);
    const auto rest = stage.run(2000).left;
    CHECK_FALSE(stage.crosses());
    CHECK(greatest_step({rest.end() - 500, rest.end()}) == 0);
  }
}

TEST_CASE("crossing: an edit in the middle of a fade goes on from where it is") {
  const Graph plain = base_graph();
  const Graph more =
      with(plain, {node("g", "test.scale")}, {connect("tone", "out", "g", "in"), connect("g", "out", "mixer", "b")});
  Stage stage(plain);
  stage.run(100);
  stage.edit(more);
  const float half = stage.run(240).left.back();
  CHECK(half == doctest::Approx(0.5 + 0.5 * 239 / 480));
  stage.edit(plain);
  const auto down = stage.run(600).left;
  CHECK(std::fabs(down.front() - half) < 0.01);
  CHECK(greatest_step(down) <= 1.01f * 0.5f / fade_frames);
  CHECK(down.back() == 0.5f);
}

TEST_CASE("crossing: where nothing sounds nothing fades, and a reset ends a fade") {
  const Graph silent{{}, {node("track", "track_source"), node("s", "test.sleeper"), node("mixer", "test.sum")}, {}};
  Stage quiet(with(silent, {}, {connect("s", "out", "mixer", "a")}), false);
  quiet.run(1000);
  quiet.edit(
      with(silent, {constant("b", 0.25)}, {connect("s", "out", "mixer", "a"), connect("b", "out", "mixer", "b")}));
  CHECK_FALSE(quiet.crosses());
  CHECK(quiet.run(10).left.front() == 0.25f);

  const Graph plain = base_graph();
  Stage stage(plain);
  stage.run(100);
  stage.edit(with(plain, {constant("b", 0.25)}, {connect("b", "out", "mixer", "b")}));
  CHECK(stage.crosses());
  (*stage).reset({});
  CHECK_FALSE(stage.crosses());
  CHECK(stage.run(10).left.front() == 0.75f);
}

TEST_CASE("crossing: from a graph to none and to another one at once nothing steps") {
  const Graph plain = base_graph();
  Graph other = plain;
  other.nodes[0].id = "other";
  other.connections[0].from_node = "other";
  Stage stage(plain);
  stage.run(100);
  stage.edit({});
  stage.edit(other);
  const auto heard = stage.run(1000).left;
  CHECK(greatest_step(heard) <= 1.01f * 0.5f / fade_frames);
  CHECK(heard.back() == 0.5f);
}

TEST_CASE("crossing: a loop that leaves is taken along, wherever its nodes stood") {
  Graph graph = base_graph();
  for (int i = 0; i < 30; ++i) {
    const std::string id = "s" + std::to_string(i);
    graph = with(graph, {node(id, "test.scale")},
                 {connect(i == 0 ? "tone" : "s" + std::to_string(i - 1), "out", id, "in", 0.5)});
  }
  const Graph looped = with(graph, {node("echo", "test.echo_500"), node("sum", "test.sum")},
                            {connect("s29", "out", "sum", "a"), connect("sum", "out", "echo", "in"),
                             connect("echo", "out", "sum", "b", 0.5), connect("sum", "out", "mixer", "b")});
  Stage stage(looped);
  stage.run(1000);
  stage.edit(graph);
  CHECK(greatest_step(stage.run(1000).left) <= 0.01f);
}

TEST_CASE("crossing: edits without a pause leave nothing behind") {
  const Graph plain = base_graph();
  Stage stage(plain);
  for (int i = 0; i < 20; ++i) {
    stage.edit(with(plain, {node("n" + std::to_string(i), "test.noise")},
                    {connect("n" + std::to_string(i), "out", "mixer", "b")}));
    stage.run(1000);
    stage.running().forget_crossing((*stage).position().steady_frame);
  }
  stage.edit(plain);
  CHECK(stage.running().crossed->nodes.size() == 3);
}

TEST_CASE("crossing: a new edit does not push back what an earlier one waits for") {
  const Graph plain = base_graph();
  Graph late = with(plain, {node("late", "test.latency_1000")},
                    {connect("tone", "out", "late", "in"), connect("late", "out", "mixer", "b")});
  Stage stage(plain);
  stage.run(100);
  for (int i = 0; i < 20; ++i) {
    late.connections.back().gain = 0.5 + 0.01 * i;
    stage.edit(late);
    stage.run(200);
  }
  CHECK(stage.run(600).left.back() == doctest::Approx(0.5 + 0.5 * late.connections.back().gain));
}

TEST_CASE("crossing: what left is let go when it has faded, and not before") {
  const Graph plain = base_graph();
  Stage stage(with(plain, {node("n", "test.noise")}, {connect("n", "out", "mixer", "b")}));
  const std::weak_ptr<Instance> leaving = stage.instance("n");
  stage.run(100);
  stage.edit(plain);
  stage.run(fade_frames - 1);
  stage.collect();
  CHECK_FALSE(leaving.expired());
  CHECK(stage.running().leaving().contains("n"));
  stage.run(10);
  stage.collect();
  CHECK(leaving.expired());
}

TEST_CASE("crossing: notes that a plugin has sent end where it no longer reaches") {
  NodesLog &log = load_nodes();
  const Graph both{{},
                   {node("up", "test.transpose", {{"interval", 12.0}}), node("rec", "test.recorder"),
                    node("other", "test.recorder", {{"tag", 1.0}}), node("mixer", "test.sum")},
                   {connect("up", "events_out", "rec", "events_in"), connect("up", "events_out", "other", "events_in"),
                    connect("rec", "out", "mixer", "a"), connect("other", "out", "mixer", "b")}};
  Graph cut = both;
  cut.connections.erase(cut.connections.begin());
  Graph gone = cut;
  gone.nodes.erase(gone.nodes.begin());
  gone.connections.erase(gone.connections.begin());

  log.count = 0;
  Stage stage(both);
  arr_event on{};
  on.type = ARR_EVENT_NOTE_ON;
  on.key = 60;
  on.note_id = 0x80000001u;
  on.value = 1;
  (*stage).live_event(std::uint32_t(stage.running().plan->event_target("up")), on);
  stage.run(100);
  const auto offs = [&](int tag) {
    int count = 0;
    for (const RecordedEvent &event : recorded(log))
      count += event.tag == tag && event.event.type == ARR_EVENT_NOTE_OFF && event.event.key == 72 &&
               event.event.note_id == on.note_id;
    return count;
  };
  stage.edit(cut);
  cut.connections.back().gain = 0.5;  // another edit before the first has played
  stage.edit(cut);
  stage.run(1000);
  CHECK(offs(0) == 1);
  CHECK(offs(1) == 0);
  stage.collect();
  stage.edit(gone);
  stage.run(1000);
  CHECK(offs(0) == 1);
  CHECK(offs(1) == 1);
}
