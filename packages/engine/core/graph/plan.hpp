// SPDX-License-Identifier: MIT
// What the audio thread runs: a flat list of steps over buffers from one arena. Nothing in it is looked up by name.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/arena.hpp"
#include "base/error.hpp"
#include "graph/parameters.hpp"
#include "graph/resolve.hpp"
#include "graph/steps.hpp"

namespace arranger {

inline constexpr std::int32_t default_slice_frames = 128;  // small enough that the buffers of a chain stay in the cache

struct PlanOptions {
  double sample_rate = 48000;
  std::int32_t max_frames = default_slice_frames;  // of a slice, 1..8192
  bool offline = false;
  std::uint64_t seed = 0;
  std::vector<int> taps;  // positions of nodes whose first audio output is wanted, each once
};

// Both channels of a mono output are the same.
struct Tap {
  const float *left, *right;
};

struct NodeFault {
  std::string node_id;
  Fault fault;
};

// Where the targets of one plan are in another; -1: nowhere.
struct TargetMap {
  std::vector<std::int64_t> events, params;
};

struct MonitorView { const float *values = nullptr; std::uint32_t count() const { return 0; } };
class Plan {
 public:
  // Activates the instances and lays out steps and buffers. Errors: plugin_failed with the node's path. [control]
  static Result<std::unique_ptr<Plan>> compile(ResolvedGraph graph, const PlanOptions &options);

  // Where events for a node go, or the number of a parameter; -1: nowhere. [control]
  std::int64_t event_target(std::string_view node) const;
  std::int64_t param_target(std::string_view node, std::string_view param) const;

  TargetMap map_to(const Plan &other) const;

  // [audio] One slice: begin, then events and changes in order of frame, then run.
  void begin(const Slice &slice);
  void deliver(std::uint32_t event_target, const arr_event &event);
  void change(std::uint32_t param, std::int32_t frame, double value, std::int64_t ramp_frames, bool explicit_ramp) {
    parameters_.change(param, frame, value, ramp_frames, explicit_ramp);
  }
  void run(const Slice &slice);

  // The master's output, valid until the next slice; both channels of a mono master are the same.
  const float *left() const { return left_; }
  const float *right() const { return right_; }
  // The outputs of PlanOptions::taps, as there, valid until the next slice.
  const std::vector<Tap> &taps() const { return taps_; }

  // TEMP
  void prepare_adoption(const Plan &) {}
  void adopt(const Plan &) {}
  void reset_instances() {}
  void reset_node(std::size_t) {}
  bool all_asleep() const { return false; }
  std::shared_ptr<Instance> instance(std::string_view) const { return nullptr; }
  MonitorView monitor(std::string_view, std::string_view) const { return {}; }
  double share_of(std::string_view) const { return 0; }
  bool failed(std::string_view) const { return false; }
  std::int64_t latency_frames() const { return 0; }
  std::int64_t latency_of(std::string_view) const { return 0; }
  const Parameters &parameters() const { return parameters_; }
  std::int32_t max_frames() const { return options_.max_frames; }
  std::uint64_t lost_events() const { return *lost_; }
  std::vector<NodeFault> faults() const;                   // [control], while nothing runs
  std::vector<std::string> block_dependent_nodes() const;  // those that declare a block_tolerance

 private:
  friend class Compiler;
  Plan() = default;

  // Storage of an event input, and the lists that a scheduled event for one target goes to.
  struct EventInput {
    arr_event_list list;
    arr_event *storage;
  };
  struct EventTarget {
    std::vector<EventInput *> inputs;
  };

  PlanOptions options_;
  std::vector<std::unique_ptr<Instance>> instances_;
  std::vector<std::string> node_ids_;  // by position in the graph
  Arena steps_arena_, buffer_arena_, cold_arena_;
  std::vector<Step *> steps_;
  std::vector<PluginStep *> plugin_steps_;
  Parameters parameters_;
  std::vector<EventTarget> event_targets_;
  std::vector<EventInput *> dirty_;   // given events of the schedule in this slice
  std::vector<EventInput *> merged_;  // given events of plugins in any slice
  std::unordered_map<std::string, std::uint32_t> event_targets_by_node_;
  std::unordered_map<std::string, std::uint32_t> params_by_name_;  // "node\nparam"
  const float *left_ = nullptr;
  const float *right_ = nullptr;
  std::vector<Tap> taps_;
  std::uint64_t *lost_ = nullptr;
};

}  // namespace arranger
