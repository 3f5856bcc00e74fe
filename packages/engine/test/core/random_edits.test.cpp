// SPDX-License-Identifier: MIT
// Plans that take over from each other, over random edits, against plans that were made from nothing: the same bits.
#include <random>

#include "plan_bench.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

// Of nodes whose sound depends on the frame alone, so that it does not matter since when they run.
class Editor {
 public:
  explicit Editor(unsigned seed) : random_(seed) {
    graph.nodes = {node("mixer", "test.sum")};
    for (int i = 0; i < 12; ++i) add();
  }

  void edit() {
    switch (below(6)) {
      case 0:
        return add();
      case 1:
        return remove();
      case 2:  // the same nodes at other places
        return std::shuffle(graph.nodes.begin(), graph.nodes.end(), random_);
      case 3:
        return std::shuffle(graph.connections.begin(), graph.connections.end(), random_);
      case 4:
        if (!graph.connections.empty()) graph.connections[below(graph.connections.size())].gain = 0.25;
        return;
      default:
        if (!graph.connections.empty())
          graph.connections.erase(graph.connections.begin() + std::ptrdiff_t(below(graph.connections.size())));
    }
  }

  Graph graph;

 private:
  std::size_t below(std::size_t end) { return random_() % end; }

  void add() {
    const std::string id = "n" + std::to_string(number_++);
    if (below(2) == 0) {
      graph.nodes.push_back(node(id, below(2) == 0 ? "test.noise" : "test.mono_noise", {{"stream", double(number_)}}));
    } else {
      graph.nodes.push_back(node(id, "test.scale", {{"gain", 0.5}}));
      for (std::size_t i = below(12); i > 0; --i) connect_to(id, "in");
    }
    for (std::size_t i = 1 + below(2); i > 0; --i)
      graph.connections.push_back(connect(id, "out", "mixer", below(2) == 0 ? "a" : "b", 0.5));
  }
  // From a node that was there before, so that there is no cycle.
  void connect_to(const std::string &id, const std::string &port) {
    const Node &from = graph.nodes[below(graph.nodes.size())];
    if (from.id != "mixer" && from.id != id && order(from.id) < order(id))
      graph.connections.push_back(connect(from.id, "out", id, port, below(2) == 0 ? 1 : 0.75));
  }
  static int order(const std::string &id) { return std::stoi(id.substr(1)); }
  void remove() {
    const std::string id = graph.nodes[below(graph.nodes.size())].id;
    if (id == "mixer") return;
    std::erase_if(graph.nodes, [&](const Node &other) { return other.id == id; });
    std::erase_if(graph.connections, [&](const Connection &c) { return c.from_node == id || c.to_node == id; });
  }

  std::mt19937 random_;
  int number_ = 0;
};

}  // namespace

TEST_CASE("after any edits a plan gives the bits of one that was made from nothing") {
  int sounding = 0;
  for (unsigned seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    Editor editor(seed);
    Bench bench(editor.graph);
    for (int edit = 0; edit < 12; ++edit) {
      CAPTURE(edit);
      editor.edit();
      bench.edit(editor.graph);
      Bench fresh(editor.graph);
      fresh.now = bench.now;
      const std::vector<float> expected = fresh.run(200), out = bench.run(200);
      CHECK(same_bits(out, expected));
      sounding += *std::ranges::max_element(out) > 0.01f;
    }
  }
  CHECK(sounding > 400);
}
