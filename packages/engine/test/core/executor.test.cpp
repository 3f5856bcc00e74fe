// SPDX-License-Identifier: MIT
// Plans on several threads: the bits of one, whatever the graph, and what a plugin does wrong stays where it is.
#include "graph/executor.hpp"

#include <atomic>
#include <chrono>
#include <thread>

#include "base/task_queue.hpp"
#include "session.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

constexpr std::int32_t frames = 3000;
constexpr std::int32_t sizes[] = {32, 64, 128, 333, 512, 1024, 4096};

// Everything that a graph may have: chains, fans, diamonds, a loop, latency, control, and events of plugins.
class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  Graph make() {
    const int count = 3 + static_cast<int>(below(40));
    for (int i = 0; i < count; ++i) add("n" + std::to_string(i));
    graph_.nodes.push_back(node("mixer", "test.sum"));
    for (const char *input : {"a", "b"})
      for (std::size_t n = 1 + below(8); n > 0; --n) connect_from_any("mixer", input);
    return graph_;
  }
  Schedule events() {
    Events out;
    const auto beat = [&] { return 0.001 * static_cast<double>(below(110)); };
    for (const std::string &player : players_)
      for (int k = 0; k < 5; ++k) out.add(beat(), EventKind::note_on, player, 60 + static_cast<int>(below(12)), 127);
    for (const auto &[id, port] : sources_)
      if (below(3) == 0) out.param(beat(), id, "gain", 0.5, below(2) ? 0 : 0.02);
    return out;
  }

 private:
  std::size_t below(std::size_t end) { return random_() % end; }

  void put(const std::string &id, const std::string &type, const char *out) {
    graph_.nodes.push_back(node(id, type));
    sources_.push_back({id, out});
  }
  void add(const std::string &id) {
    switch (below(11)) {
      case 0:
        return put(id, below(2) ? "test.noise" : "test.bursts", "out");
      case 1:
        return add_instrument(id);
      case 2:
        return add_loop(id);
      case 3:
        put(id, below(2) ? "test.latency_37" : "test.latency_1000", "out");
        return connect_from_any(id, "in");
      case 4:
        put(id, "test.sum", "out");
        for (const char *input : {"a", "b", "b"}) connect_from_any(id, input);
        return;
      case 5:
        put(id, "test.mono_scale", "out");
        return connect_from_any(id, "in");
      case 6:
      case 7:
        return add_gains(id);
      default:
        put(id, "test.scale", "out");
        for (std::size_t n = 1 + below(3); n > 0; --n) connect_from_any(id, "in");
        if (below(3) == 0) add_modulation(id);
    }
  }
  // Played by the schedule and by one or two plugins.
  void add_instrument(const std::string &id) {
    put(id, "test.impulse", "audio_out");
    for (std::size_t n = below(3); n > 0; --n) {
      const std::string up = id + "up" + std::to_string(n);
      graph_.nodes.push_back(node(up, "test.transpose", {{"interval", 12.0}}));
      graph_.connections.push_back(connect(up, "events_out", id, "events_in"));
      players_.push_back(up);
    }
    players_.push_back(id);
  }
  // A chain, which somebody may read in its middle, or move.
  void add_gains(const std::string &id) {
    for (std::size_t n = 1 + below(6); n > 0; --n) {
      const std::string one = n == 1 ? id : id + "gain" + std::to_string(n);
      const bool goes_on = sources_.size() > 0 && sources_.back().first.starts_with(id);
      const std::string before = goes_on ? sources_.back().first : std::string();
      put(one, "test.told_gain", "out");
      graph_.nodes.back().params = {{"gain", 0.25 * static_cast<double>(1 + below(7))}};
      if (goes_on) graph_.connections.push_back(connect(before, "out", one, "in"));
      else connect_from_any(one, "in");
      if (below(6) == 0) add_modulation(one);
    }
  }
  void add_loop(const std::string &id) {
    graph_.nodes.push_back(node(id + "echo", "test.echo_100"));
    put(id, "test.sum", "out");
    connect_from_any(id, "a");
    graph_.connections.push_back(connect(id, "out", id + "echo", "in"));
    graph_.connections.push_back(connect(id + "echo", "out", id, "b", -0.5));
  }
  // By a source of its own, or by one that has moved another.
  void add_modulation(const std::string &id) {
    if (movers_.empty() || below(3) > 0) {
      movers_.push_back(id + "lfo");
      graph_.nodes.push_back(node(movers_.back(), "test.triangle"));
    }
    const std::string &mover = movers_[below(movers_.size())];
    graph_.connections.push_back(modulate(mover, id, "gain", below(2) ? ControlMode::set : ControlMode::add, 0.5));
  }
  void connect_from_any(const std::string &id, const char *input) {
    std::size_t place = sources_.size() - 1 -
                        (below(3) == 0 ? below(sources_.size()) : below(std::min<std::size_t>(sources_.size(), 4)));
    if (sources_[place].first == id && place == 0) return;
    if (sources_[place].first == id) --place;
    graph_.connections.push_back(connect(sources_[place].first, sources_[place].second, id, input, below(3) ? 1 : 0.5));
  }

  std::mt19937 random_;
  Graph graph_;
  std::vector<std::string> players_, movers_;
  std::vector<std::pair<std::string, std::string>> sources_;
};

Settings with_threads(std::int32_t threads) {
  Settings out;
  out.threads = threads;
  return out;
}

}  // namespace

TEST_CASE("several threads: random graphs are the same to the last bit, in calls of any size") {
  int sounding = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    Maker maker(seed);
    const Graph graph = maker.make();
    const Schedule events = maker.events();
    auto alone = open(graph, events, with_threads(1));
    const Stereo expected = play(alone, frames);
    sounding += *std::ranges::max_element(expected.left) > 0.01f;
    for (const std::int32_t threads : {2, 4}) {
      auto shared = open(graph, events, with_threads(threads));
      CHECK(same_bits(play(shared, frames, sizes[seed % std::size(sizes)]), expected));
      CHECK(shared.plan().threads() <= threads);
    }
  }
  CHECK(sounding > 40);
}

TEST_CASE("gains: the engine computes what their plugins would, in any graph and whatever moves") {
  const std::uint32_t violations = load_nodes().violations;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    Maker maker(seed);
    const Graph told = maker.make();
    const Schedule events = maker.events();
    Graph called = told;
    for (Node &one : called.nodes)
      if (one.type == "test.told_gain") one.type = "test.called_gain";
    auto by_engine = open(told, events), by_plugins = open(called, events);
    const std::int32_t size = sizes[seed % std::size(sizes)];
    CHECK(same_bits(play(by_engine, frames, size), play(by_plugins, frames, size)));
  }
  CHECK(load_nodes().violations == violations);
}

TEST_CASE("several threads: a wide graph is shared, and each size of block gives the same bits") {
  Graph graph{{}, {node("out", "test.scale"), node("mixer", "test.scale")}, {connect("out", "out", "mixer", "in")}};
  for (int i = 0; i < 50; ++i) {
    const std::string id = std::to_string(i);
    graph.nodes.push_back(node("n" + id, "test.noise", {{"stream", static_cast<double>(i)}}));
    graph.nodes.push_back(node("g" + id, "test.scale", {{"gain", 0.5}}));
    graph.connections.push_back(connect("n" + id, "out", "g" + id, "in"));
    graph.connections.push_back(connect("g" + id, "out", "out", "in", 0.125));
  }
  auto alone = open(graph, {}, with_threads(1));
  const Stereo expected = play(alone, frames);
  CHECK(alone.plan().threads() == 1);
  for (const std::int32_t size : sizes) {
    CAPTURE(size);
    auto shared = open(graph, {}, with_threads(3));
    CHECK(same_bits(play(shared, frames, size), expected));
    CHECK(shared.plan().threads() == 3);
  }
}

TEST_CASE("several threads: what is behind the last sum goes on beside the next slice, and follows its parameters") {
  Graph graph{{},
              {node("a", "test.noise", {{"stream", 1.0}}), node("b", "test.noise", {{"stream", 5.0}}),
               node("bus", "test.scale"), node("mixer", "test.scale")},
              {connect("a", "out", "bus", "in", 0.5), connect("b", "out", "bus", "in", 0.5),
               connect("bus", "out", "mixer", "in")}};
  Events events;
  for (int i = 0; i < 20; ++i) events.param(0.004 * i, "mixer", "gain", i % 2 ? 0.5 : 1, i % 3 ? 0.002 : 0);
  events.param(0.01, "bus", "gain", 0.25, 0.02);
  auto alone = open(graph, events, with_threads(1));
  const Stereo expected = play(alone, frames);
  for (const std::int32_t size : sizes) {
    CAPTURE(size);
    auto shared = open(graph, events, with_threads(2));
    CHECK(same_bits(play(shared, frames, size), expected));
  }
}

TEST_CASE("several threads: no plan is shared that one thread runs in no time") {
  Graph graph{{}, {node("mixer", "test.scale")}, {}};
  for (int i = 0; i < 4; ++i) {
    graph.nodes.push_back(node("n" + std::to_string(i), "test.noise"));
    graph.connections.push_back(connect("n" + std::to_string(i), "out", "mixer", "in"));
  }
  load_nodes();
  PlanOptions options;
  options.sharing = Sharing::when_it_saves_time;
  auto plan = Plan::compile(resolve(graph).value(), options).value();
  SessionRenderer renderer(std::move(plan), {}, tempo_map({}, 48000, 120), true);
  renderer.share_with(executor_of_tests(2));
  int shared = 0;
  for (int i = 0; i < 20; ++i) {
    play(renderer, 4 * 128, 4);  // slices of four frames
    shared += renderer.plan().threads() > 1;
  }
  CHECK(shared < 10);
}

TEST_CASE("a queue of tasks gives each number once, to whichever thread") {
  TaskQueue queue;
  constexpr std::uint32_t count = 200'000;
  std::vector<std::atomic<int>> seen(count);
  std::atomic<std::uint32_t> next = 0, taken = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      std::uint32_t held = count;  // none
      while (taken.load() < count) {
        if (held == count) held = std::min(next.fetch_add(1), count);
        if (held < count && queue.push(held)) held = count;
        std::uint32_t number = 0;
        if (queue.pop(number)) ++seen[number], ++taken;
        if (held == count && next.load() >= count) std::this_thread::yield();
      }
    });
  for (std::thread &thread : threads) thread.join();
  for (const auto &times : seen) REQUIRE(times == 1);
  std::uint32_t number = 0;
  CHECK_FALSE(queue.pop(number));
  for (std::uint32_t i = 0; i < TaskQueue::capacity; ++i) CHECK(queue.push(i));
  CHECK_FALSE(queue.push(0));
}

TEST_CASE("an executor may end at any time: its workers end with it") {
  for (int i = 0; i < 50; ++i) {
    Executor executor(3, Executor::Use::live);
    if (i % 2) CHECK(executor.wake());
    if (i % 3 == 0) executor.rest();
  }
}
