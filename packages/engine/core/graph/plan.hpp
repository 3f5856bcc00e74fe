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
#include "graph/delays.hpp"
#include "graph/parameters.hpp"
#include "graph/pending.hpp"
#include "graph/resolve.hpp"
#include "graph/steps.hpp"

namespace arranger {

inline constexpr std::int32_t default_slice_frames = 128;  // small enough that the buffers of a chain stay in the cache

struct PlanOptions {
  double sample_rate = 48000;
  std::int32_t max_frames = default_slice_frames;  // of a slice, 1..8192
  bool offline = false;
  std::uint64_t seed = 0;
};

struct NodeFault {
  std::string node_id;
  Fault fault;
};

class Plan {
 public:
  // Activates the instances and lays out steps and buffers. Errors: plugin_failed with the node's path. [control]
  static Result<std::unique_ptr<Plan>> compile(ResolvedGraph graph, const PlanOptions &options);

  // Where events for a node go, or the number of a parameter; -1: nowhere. [control]
  std::int64_t event_target(std::string_view node) const;
  std::int64_t param_target(std::string_view node, std::string_view param) const;

  // [audio] One slice: begin, then events and changes in order of frame, then run. What is given to a node whose inputs
  // are late waits for them.
  void begin(const Slice &slice);
  void deliver(std::uint32_t event_target, const arr_event &event);
  void change(std::uint32_t param, std::int32_t frame, double value, std::int64_t ramp_frames, bool explicit_ramp);
  void run(const Slice &slice);

  // The master's output, valid until the next slice; both channels of a mono master are the same.
  const float *left() const { return left_; }
  const float *right() const { return right_; }

  // Of a slice: at most as asked for, and at most the shortest input_delay of a cycle.
  std::int32_t max_frames() const { return max_frames_; }
  // Frames by which left() and right() lag what the schedule says. Any thread.
  std::int64_t latency_frames() const { return latency_frames_; }
  // The same at the outputs of a node; -1: no such node. Any thread.
  std::int64_t latency_of(std::string_view node) const;
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
    PendingQueue *queue;  // of a node whose inputs are late, else null
    std::int64_t late;    // frames
    std::uint32_t number;
  };
  struct EventTarget {
    std::vector<EventInput *> inputs;
  };

  // Whose changes wait for `late` frames.
  struct LateParameter {
    PendingQueue *queue = nullptr;
    std::int64_t late = 0;
  };
  void give(EventInput &input, const arr_event &event);
  void give_due(const Slice &slice);

  PlanOptions options_;
  std::int32_t max_frames_ = 0;
  std::int64_t latency_frames_ = 0;
  std::int64_t steady_frame_ = 0;  // of the slice in progress
  std::vector<std::unique_ptr<Instance>> instances_;
  std::vector<std::string> node_ids_;  // by position in the graph
  std::unordered_map<std::string_view, std::size_t> positions_;
  std::vector<std::int64_t> output_latencies_;  // by position
  Arena steps_arena_, buffer_arena_, cold_arena_;
  std::vector<Step *> steps_;
  std::vector<PluginStep *> plugin_steps_;
  Parameters parameters_;
  std::vector<EventTarget> event_targets_;
  std::vector<EventInput *> inputs_;  // by number
  std::vector<EventInput *> dirty_;   // given events of the schedule in this slice
  std::vector<EventInput *> merged_;  // given events of plugins in any slice
  std::vector<std::shared_ptr<DelayLine>> lines_;
  std::vector<std::shared_ptr<PendingQueue>> event_lines_;
  std::vector<std::unique_ptr<PendingQueue>> queues_;  // of what was given, one for each lateness
  std::vector<LateParameter> late_parameters_;         // by number; empty when nothing is late
  std::unordered_map<std::string, std::uint32_t> event_targets_by_node_;
  std::unordered_map<std::string, std::uint32_t> params_by_name_;  // "node\nparam"
  const float *left_ = nullptr;
  const float *right_ = nullptr;
  std::uint64_t *lost_ = nullptr;
};

}  // namespace arranger
