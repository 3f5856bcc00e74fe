// SPDX-License-Identifier: MIT
// Random graphs against an evaluator that knows no buffers, no liveness and no silence: the same bits.
#include <random>

#include "session.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

constexpr std::int32_t frames = 700;
using Channel = std::vector<float>;
using Signal = std::vector<Channel>;  // one or two channels

// What a node type is, for whoever builds and evaluates graphs.
struct Shape {
  const char *type;
  std::vector<const char *> inputs;
  int input_channels;
  int output_channels;
};
const std::vector<Shape> shapes{
    {"test.noise", {}, 0, 2},     {"test.mono_noise", {}, 0, 1},     {"test.bursts", {}, 0, 2},
    {"test.scale", {"in"}, 2, 2}, {"test.mono_scale", {"in"}, 1, 1}, {"test.sum", {"a", "b"}, 2, 2},
    {"test.gain", {"in"}, 2, 2},
};

struct RandomGraph {
  Graph graph;                       // nodes in any order
  std::vector<const Shape *> kinds;  // in an order that works, as `ids` and `params`
  std::vector<std::string> ids;
  std::vector<double> params;
};

class Builder {
 public:
  explicit Builder(unsigned seed) : random_(seed) {}

  RandomGraph build(int count) {
    for (int i = 0; i + 1 < count; ++i) add(shapes[below(shapes.size())], "n" + std::to_string(i));
    add(shapes[5], "mixer");
    std::shuffle(out_.graph.nodes.begin(), out_.graph.nodes.end(), random_);
    return std::move(out_);
  }

 private:
  std::size_t below(std::size_t end) { return random_() % end; }

  void add(const Shape &shape, const std::string &id) {
    const bool source = shape.inputs.empty();
    const double gains[] = {1, 0.5, -0.75, 1.125, 0};
    const double value = source                                   ? static_cast<double>(below(100))
                         : shape.type == std::string("test.gain") ? 0.8
                                                                  : gains[below(5)];
    std::vector<std::pair<std::string, ParamValue>> params;
    if (source) params = {{"stream", value}};
    else if (shape.inputs.size() == 1) params = {{"gain", value}};
    out_.graph.nodes.push_back(node(id, shape.type, params));
    for (const char *input : shape.inputs) connect_input(shape, id, input);
    out_.kinds.push_back(&shape);
    out_.ids.push_back(id);
    out_.params.push_back(value);
  }

  // Up to four sources, sometimes many, mostly recent ones, spelled in every way.
  void connect_input(const Shape &shape, const std::string &id, const std::string &input) {
    const std::size_t there = out_.ids.size();
    if (there == 0) return;
    for (std::size_t n = below(8) == 0 ? below(40) : below(5); n > 0; --n) {
      const std::size_t from = below(3) == 0 ? below(there) : there - 1 - below(std::min<std::size_t>(there, 6));
      const double gains[] = {1, 1, 1, 0.3, -0.9};
      const char *const ends[] = {"", "", "_L", "_R"};
      const std::string from_end = out_.kinds[from]->output_channels == 2 ? ends[below(4)] : "";
      const std::string to_end = shape.input_channels == 2 ? ends[below(4)] : "";
      out_.graph.connections.push_back(connect(out_.ids[from], "out" + from_end, id, input + to_end, gains[below(5)]));
    }
  }

  std::mt19937 random_;
  RandomGraph out_;
};

// The first term is added to zero, as every term is in the engine's sums.
void add_term(Channel &sum, bool &first, const Channel &source, float gain) {
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] = first ? gain * source[i] + 0.0f : sum[i] + gain * source[i];
  first = false;
}

Channel zeros() { return Channel(static_cast<std::size_t>(frames)); }

class Evaluator {
 public:
  explicit Evaluator(const RandomGraph &random) : random_(random) {}

  Stereo run() {
    for (std::size_t i = 0; i < random_.ids.size(); ++i) outputs_.push_back(evaluate(i));
    return {outputs_.back()[0], outputs_.back()[1]};
  }

 private:
  Signal input(const std::string &id, const std::string &port, int channels) const {
    Signal sums(static_cast<std::size_t>(channels), zeros());
    std::vector<bool> first(static_cast<std::size_t>(channels), true);
    std::vector<const Connection *> sources;
    for (const Connection &connection : random_.graph.connections)
      if (connection.to_node == id && connection.to_port.starts_with(port)) sources.push_back(&connection);
    for (const Connection *source : sources) {
      const std::size_t from =
          static_cast<std::size_t>(std::ranges::find(random_.ids, source->from_node) - random_.ids.begin());
      Signal signal = outputs_[from];
      const bool whole = source->from_port == "out" && source->to_port == port;
      if (sources.size() == 1 && whole && source->gain == 1 && signal.size() == sums.size()) return signal;
      if (source->from_port == "out_L") signal = {signal[0]};
      if (source->from_port == "out_R") signal = {signal[1]};
      const auto gain = static_cast<float>(source->gain);
      const auto term = [&](std::size_t to, const Channel &channel, float factor) {
        bool begins = first[to];
        add_term(sums[to], begins, channel, factor);
        first[to] = begins;
      };
      if (source->to_port.ends_with("_L") || source->to_port.ends_with("_R") || channels == 1) {
        const std::size_t to = source->to_port.ends_with("_R") ? 1 : 0;
        for (const Channel &channel : signal) term(to, channel, gain / static_cast<float>(signal.size()));
      } else {
        for (std::size_t to = 0; to < 2; ++to) term(to, signal[signal.size() == 1 ? 0 : to], gain);
      }
    }
    return sums;
  }

  Signal evaluate(std::size_t index) const {
    const Shape &shape = *random_.kinds[index];
    const std::string type = shape.type, &id = random_.ids[index];
    Signal out(static_cast<std::size_t>(shape.output_channels), zeros());
    if (shape.inputs.empty()) {
      const auto stream = static_cast<std::uint32_t>(random_.params[index]);
      for (std::uint32_t c = 0; c < out.size(); ++c)
        for (std::int32_t i = 0; i < frames; ++i)
          if (type != "test.bursts" || burst_sounds(i, stream))
            out[c][static_cast<std::size_t>(i)] = noise(i, 2 * stream + c);
      return out;
    }
    const Signal a = input(id, shape.inputs[0], shape.input_channels);
    const Signal b = shape.inputs.size() == 2 ? input(id, shape.inputs[1], shape.input_channels) : Signal{};
    const auto gain = static_cast<float>(random_.params[index]);
    for (std::size_t c = 0; c < out.size(); ++c)
      for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i)
        out[c][i] = !b.empty() ? a[c][i] + b[c][i] : type == "test.gain" ? gain * a[c][i] : a[c][i] * gain + 0.0f;
    return out;
  }

  const RandomGraph &random_;
  std::vector<Signal> outputs_;
};

}  // namespace

TEST_CASE("random graphs give the bits of an evaluator without buffers") {
  int sounding = 0;
  for (unsigned seed = 1; seed <= 150; ++seed) {
    CAPTURE(seed);
    const RandomGraph random = Builder(seed).build(2 + static_cast<int>(seed % 59));
    const Stereo expected = Evaluator(random).run();
    auto renderer = open(random.graph);
    const Stereo out = play(renderer, frames);
    CHECK(same_bits(out, expected));
    sounding += *std::ranges::max_element(expected.left) > 0.01f;
  }
  CHECK(sounding > 75);
}

TEST_CASE("random graphs are the same however blocks are cut, and every hint is true") {
  for (unsigned seed = 1000; seed < 1015; ++seed) {
    CAPTURE(seed);
    const RandomGraph random = Builder(seed).build(2 + static_cast<int>(seed % 59));
    CHECK(same_bits(render(random.graph, {}, frames), Evaluator(random).run()));
  }
}

TEST_CASE("random graphs are the same with some of their nodes in processes of their own") {
  for (unsigned seed = 2000; seed < 2008; ++seed) {
    CAPTURE(seed);
    RandomGraph random = Builder(seed).build(12);
    for (std::size_t i = 0; i < random.graph.nodes.size(); i += 2) random.graph.nodes[i].isolated = true;
    auto renderer = open(random.graph);
    CHECK(same_bits(play(renderer, frames, 0, seed), Evaluator(random).run()));
  }
}
