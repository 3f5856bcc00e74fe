// SPDX-License-Identifier: MIT
// The engine as the command table sees it: a description that can be edited, and renders of it.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "graph/resolve.hpp"
#include "render/offline.hpp"
#include "transport/schedule.hpp"

namespace arranger {

struct AudioEngineConfig {
  std::int32_t sample_rate = 44100;          // Hz, 8000..384000
  std::int32_t block_size = 512;             // frames, 1..8192
  std::optional<std::string> output_device;  // none: no device
};

struct GraphChange {
  std::vector<std::string> kept, added, removed, rebuilt;  // node ids
  std::vector<Warning> warnings;
};

struct ScheduleChange {
  std::int64_t events = 0;
  std::vector<Warning> warnings;
};

// Edits are made one at a time by their caller; each is validated whole, then applied whole. Queries and snapshots may come
// from any thread at any time.
class Engine {
 public:
  explicit Engine(AudioEngineConfig config) : config_(std::move(config)) {}

  Result<GraphChange> set_graph(Graph graph);
  Graph graph() const;  // with current values and bpm
  Result<void> set_param(std::string_view node, std::string_view param, double value);
  // Parameters and config parameters by id. Errors: needs_set_graph when the node's ports would change.
  Result<std::vector<Warning>> set_node_config(std::string_view node,
                                               const std::vector<std::pair<std::string, ParamValue>> &config);
  // An empty node: the first that takes a SoundFont. Answers the node's id.
  Result<std::string> load_soundfont(std::string_view node, const std::string &path);
  Result<GraphChange> unload_node(std::string_view node);

  ScheduleChange set_schedule(Schedule schedule);
  void set_bpm(double bpm);

  RenderSource snapshot() const;
  const AudioEngineConfig &config() const { return config_; }

 private:
  // What is known of the nodes of graph_, by position.
  struct NodeInfo {
    std::string plugin_id;
    std::vector<Port> ports;
    std::vector<ConfigParam> config_params;
  };
  Result<std::size_t> find_node(std::string_view id, std::string_view path) const;
  void publish(Graph graph, std::vector<NodeInfo> info);
  static std::vector<NodeInfo> describe(const ResolvedGraph &resolved);
  // Opens the files that a new or changed node names, so that a bad one is refused now and not when it is to sound.
  Result<void> try_files(const Graph &graph, ResolvedGraph &resolved) const;
  void warn_of_event(const Schedule &schedule, std::size_t index, std::vector<Warning> &warnings) const;

  AudioEngineConfig config_;
  std::vector<NodeInfo> info_;  // touched by edits only
  mutable std::mutex mutex_;    // guards the pointers below, held only to copy them
  std::shared_ptr<const Graph> graph_ = std::make_shared<Graph>();
  std::shared_ptr<const Schedule> schedule_ = std::make_shared<Schedule>();
  double bpm_ = 120;
};

}  // namespace arranger
