// SPDX-License-Identifier: MIT
// What a node costs: W1, a sine through a chain of N stereo gains, and W2, N sines of one voice each, summed. 48 kHz,
// stereo, slices of 128 frames, medians of interleaved runs, the audio checked in the same run. Figures to compare on one
// machine, no test; the program fails only where the audio is wrong.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <numbers>
#include <string>
#include <vector>

#include "base/own_path.hpp"
#include "plugin/registry.hpp"
#include "render/session_renderer.hpp"

using namespace arranger;

namespace {

constexpr double sample_rate = 48000;
constexpr int key = 69;  // 440 Hz

// Processor time of this program, which has one thread: what others do on the machine counts less.
double now_ns() { return static_cast<double>(std::clock()) * (1e9 / CLOCKS_PER_SEC); }

[[noreturn]] void give_up(const std::string &why) {
  std::fprintf(stderr, "graph bench: %s\n", why.c_str());
  std::exit(1);
}

Connection connect(std::string from_node, std::string from_port, std::string to_node, std::string to_port) {
  Connection out;
  out.from_node = std::move(from_node);
  out.from_port = std::move(from_port);
  out.to_node = std::move(to_node);
  out.to_port = std::move(to_port);
  return out;
}

// The last gain is the master.
Graph chain(int count) {
  Graph graph{{}, {{"sine", "builtin.sine", {{"gain", 0.5}}}}, {}};
  for (int i = 0; i < count; ++i) {
    const std::string id = i + 1 == count ? "mixer" : "g" + std::to_string(i);
    graph.connections.push_back(connect(graph.nodes.back().id, i == 0 ? "audio_out" : "out", id, "in"));
    graph.nodes.push_back({id, "test.gain", {}});
  }
  return graph;
}

Graph voices(int count) {
  Graph graph{{}, {{"mixer", "test.gain", {}}}, {}};
  for (int i = 0; i < count; ++i) {
    graph.nodes.push_back({"s" + std::to_string(i), "builtin.sine", {{"gain", 0.5 / count}}});
    graph.connections.push_back(connect(graph.nodes.back().id, "audio_out", "mixer", "in"));
  }
  return graph;
}

// A note without end on every sine.
Schedule notes(const Graph &graph) {
  Schedule out;
  for (const Node &node : graph.nodes) {
    if (node.type != "builtin.sine") continue;
    ScheduledEvent event;
    event.node = static_cast<std::int32_t>(out.nodes.size());
    event.pitch = key;
    event.velocity = 127;
    out.nodes.push_back(node.id);
    out.events.push_back(event);
  }
  return out;
}

// One workload of one size, run piece by piece.
class Run {
 public:
  Run(std::string name, const Graph &graph, int count)
      : name_(std::move(name)), count_(count), renderer_(open(graph)), left_(128), right_(128) {
    slices_ = std::max(20, 400000 / count);
    for (int i = 0; i < 50; ++i) renderer_.render(left_.data(), right_.data(), 128);  // past the attack
    frames_ = 50 * 128;
  }

  void step() {
    double square = 0;
    const double began = now_ns();
    for (int i = 0; i < slices_; ++i) {
      renderer_.render(left_.data(), right_.data(), 128);
      square += static_cast<double>(left_[5]) * static_cast<double>(left_[5]);
    }
    per_slice_.push_back((now_ns() - began) / slices_);
    frames_ += std::int64_t{128} * slices_;
    if (!(square > 0)) give_up(name_ + " is silent");
    check();
  }

  // A sine of amplitude 0.5 at the note's frequency: least squares over one second must leave next to nothing.
  void check() {
    if (checked_) return;
    checked_ = true;
    const std::int64_t first = frames_;
    double sin_sin = 0, cos_cos = 0, sin_cos = 0, sin_x = 0, cos_x = 0, square = 0, count = 0;
    const int slices = std::max(4, std::min(375, 200000 / count_));
    for (int s = 0; s < slices; ++s) {
      renderer_.render(left_.data(), right_.data(), 128);
      for (int i = 0; i < 128; ++i) {
        const double angle = 2 * std::numbers::pi * 440 * static_cast<double>(frames_ + i - first) / sample_rate;
        const double x = static_cast<double>(left_[static_cast<std::size_t>(i)]);
        if (left_[static_cast<std::size_t>(i)] != right_[static_cast<std::size_t>(i)])
          give_up(name_ + ": the channels differ");
        const double sine = std::sin(angle), cosine = std::cos(angle);
        sin_sin += sine * sine, cos_cos += cosine * cosine, sin_cos += sine * cosine;
        sin_x += sine * x, cos_x += cosine * x, square += x * x, count += 1;
      }
      frames_ += 128;
    }
    const double determinant = sin_sin * cos_cos - sin_cos * sin_cos;
    const double a = (sin_x * cos_cos - cos_x * sin_cos) / determinant,
                 b = (cos_x * sin_sin - sin_x * sin_cos) / determinant;
    const double amplitude = std::hypot(a, b), rest = std::sqrt(std::max(0.0, square - a * sin_x - b * cos_x) / count);
    if (std::abs(amplitude - 0.5) > 0.001 || rest > 0.001)
      give_up(name_ + ": expected a sine of 0.5 but found " + std::to_string(amplitude) + " and a rest of " +
              std::to_string(rest));
  }

  const std::string &name() const { return name_; }
  int count() const { return count_; }
  // Of all runs so far, in nanoseconds per slice.
  double median() const {
    std::vector<double> sorted = per_slice_;
    std::ranges::sort(sorted);
    return sorted[sorted.size() / 2];
  }
  double least() const { return std::ranges::min(per_slice_); }
  double spread() const { return std::ranges::max(per_slice_) / std::ranges::min(per_slice_); }

 private:
  static SessionRenderer open(const Graph &graph) {
    auto resolved = resolve(graph);
    if (!resolved) give_up(resolved.error().message);
    PlanOptions options;
    options.sample_rate = sample_rate;
    auto plan = Plan::compile(std::move(*resolved), options);
    if (!plan) give_up(plan.error().message);
    const Schedule schedule = notes(graph);
    return SessionRenderer(std::move(*plan), schedule, tempo_map(schedule, sample_rate, 120), true);
  }

  std::string name_;
  int count_;
  SessionRenderer renderer_;
  std::vector<float> left_, right_;
  std::vector<double> per_slice_;
  int slices_;
  std::int64_t frames_ = 0;
  bool checked_ = false;
};

void load() {
  const auto bin = own_path().parent_path();
  for (const FailedLoad &library : Registry::instance().load_builtins(bin / "plugins").failed)
    give_up(library.error.message);
#if defined(_WIN32)
  const auto gain = bin / "fixtures" / "test_gain.dll";
#elif defined(__APPLE__)
  const auto gain = bin / "fixtures" / "test_gain.dylib";
#else
  const auto gain = bin / "fixtures" / "test_gain.so";
#endif
  const auto loaded = Registry::instance().load(gain);
  if (!loaded) give_up(loaded.error().message);
  std::printf("gain: %s\n", loaded->isa.c_str());
}

double milliseconds_to_compile(const Graph &graph) {
  double best = 1e300;
  for (int i = 0; i < 3; ++i) {
    const double began = now_ns();
    auto resolved = resolve(graph);
    if (!resolved || !Plan::compile(std::move(*resolved), {})) give_up("the graph does not compile");
    best = std::min(best, (now_ns() - began) / 1e6);
  }
  return best;
}

}  // namespace

int main(int argc, char **argv) {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 9;
  load();
  std::vector<Run> runs;
  for (const int count : {10, 100, 1000, 10000}) runs.emplace_back("W1", chain(count), count);
  for (const int count : {10, 100, 1000}) runs.emplace_back("W2", voices(count), count);
  for (int round = 0; round < rounds; ++round)
    for (Run &run : runs) run.step();

  for (const Run &run : runs) {
    const bool is_chain = run.name() == "W1";
    const double unit = run.count() * (is_chain ? 1 : 128);
    std::printf("%s  N = %5d  %9.3f %s  (least %.3f, spread %.2f)\n", run.name().c_str(), run.count(),
                run.median() / unit, is_chain ? "ns per node and slice" : "ns per voice-sample   ", run.least() / unit,
                run.spread());
  }
  const auto slope = [&](std::size_t a, std::size_t b) {
    return (runs[b].median() - runs[a].median()) / (runs[b].count() - runs[a].count());
  };
  std::printf("W1  slope 100 to 1000: %.2f ns per node and slice; 1000 to 10000: %.2f; N = 10000 against 100: %.2f\n",
              slope(1, 2), slope(2, 3), runs[3].median() / 10000 / (runs[1].median() / 100));
  std::printf("compile of W1, N = 1000: %.2f ms; N = 10000: %.2f ms\n", milliseconds_to_compile(chain(1000)),
              milliseconds_to_compile(chain(10000)));
}
