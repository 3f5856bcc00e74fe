// SPDX-License-Identifier: MIT
// The engine as the command table sees it: a session that can be edited, played live, and rendered.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/thread.hpp"
#include "curve.hpp"
#include "edit.hpp"
#include "graph/faults.hpp"
#include "handles.hpp"
#include "live.hpp"
#include "model.hpp"
#include "render/watched.hpp"

namespace arranger {

struct NodeShare {
  std::string node, plugin;
  double share = 0;           // of a block's time
  Fault fault = Fault::none;  // it is muted when there is one
  Interruption how = {};      // of a fault that ended a call in the middle
  std::uint32_t failure = 0;  // the number of its last, another each time; 0: none
};

// A call of the audio function that takes far too long: the same for a while is one that is stuck.
struct StuckCall {
  std::string node;         // whose plugin is inside; empty where that is not known
  std::uint64_t slice = 0;  // counts
  bool operator==(const StuckCall &) const = default;
};

struct DeviceRequest {
  std::string name;
  std::optional<std::int32_t> sample_rate, block_size;  // none: the engine's
  bool input = false;
};

struct HeardBeat {
  double beat = 0;
  bool playing = false;
};

// A node that plays in a process of its own.
struct IsolatedNode {
  std::string node, plugin;
  std::shared_ptr<Instance> instance;
};

enum class DataSource { automatic, live, render };

// What a node shows at a port.
struct NodeData {
  DataSource source = DataSource::live;
  bool is_array = false;
  std::vector<float> values;
  std::optional<Curve> curve;
};

class Engine {
 public:
  explicit Engine(AudioEngineConfig config) : config_(std::move(config)) {}
  ~Engine();
  Engine(const Engine &) = delete;
  Engine &operator=(const Engine &) = delete;

  // Called whenever live playback has begun. Once, before it begins.
  void when_live(std::function<void()> call) { when_live_ = std::move(call); }

  // Edits that are not quick are made one at a time, by whoever holds this.
  Mutex &turn() { return turn_; }

  // Queries: any thread, at any time.
  AudioEngineConfig config() const;
  Model model() const;
  Graph graph() const;                      // with current values and bpm
  Result<Graph> graph_with_states() const;  // those that plugins have now. Error: plugin_failed
  Result<RenderSource> snapshot() const;    // the same
  Position position() const;                // as heard
  // The beat that was heard at that time, no further back than a block or so, to a fraction of a frame; `playing` says
  // whether the playhead moved.
  HeardBeat heard_at(std::chrono::steady_clock::time_point when) const;
  double beat_after(double beat, double seconds) const;  // the song's beat so much later
  std::shared_ptr<Live> live() const;                    // null until something is played
  // Lets the audio thread answer a question; false when nothing is live, a plugin is stuck, or it took more than two
  // seconds. Not while holding an Edit.
  bool ask(std::function<void(SessionRenderer &)> question) const;
  // Errors: unknown_node, unknown_port, busy.
  Result<NodeData> node_data(std::string_view node, std::string_view port, DataSource source) const;
  std::vector<NodeShare> node_shares() const;
  std::vector<IsolatedNode> isolated_nodes() const;
  std::vector<DeviceInfo> devices() const;
  std::optional<StuckCall> stuck_call() const;
  void collect() const;  // frees what the audio thread has let go
  // The same, once what an edit has taken out has faded, if that does not take long. By the holder of the turn.
  void let_go() const;

  // Live playback begins with the first command that needs it. By the holder of the turn.
  Result<void> start_live();
  void stop_live();  // the playhead's beat is kept
  // Leaves a stuck call where it is and plays on from the playhead with new instances, by the clock until the device can
  // be opened again. The plugin that is stuck is muted. Errors: as of start_live.
  Result<void> leave_stuck();
  // Tells what is in force. Error: device_unavailable; all is as before then.
  Result<DeviceState> open_device(const DeviceRequest &request);

  // What is played is shown in this memory (render/display.hpp), over all devices, until another is given or none (an empty
  // span); what was given before is no longer written when it returns. Any thread. Error: out_of_range.
  Result<void> show_on(std::span<std::byte> memory);

  // What the last render's monitors show is kept until the next one. Any thread.
  void keep_monitors(MonitorValues values);

 private:
  friend class Edit;
  friend class ParameterSetter;

  Result<void> play_on(std::unique_ptr<Device> device, AudioEngineConfig config, const Reuse &reuse = {});
  Position asked_position(const Live &playing) const;
  Position resting_position(const Model &now, double beat, bool playing) const;
  std::shared_ptr<Instance> live_instance(std::string_view node) const;
  Result<std::vector<float>> live_values(const Model &model, std::size_t node, const Port &port) const;

  std::function<void()> when_live_;
  const std::shared_ptr<Display> display_ = std::make_shared<Display>();
  Mutex turn_;
  mutable Mutex mutex_;  // guards what follows, held only briefly
  AudioEngineConfig config_;
  Model model_;
  PreviewNotes notes_;
  Handles handles_;
  std::uint32_t last_preview_id_ = 0;
  // What a client has asked of the playhead and the audio thread has not done yet: position() tells it nevertheless.
  struct Asked {
    std::uint64_t message = 0;
    std::optional<double> beat;
    std::optional<bool> playing;
  };
  mutable Mutex live_mutex_;  // guards these two; live_ is set with mutex_ held as well
  std::shared_ptr<Live> live_;
  Asked asked_;
  MonitorValues rendered_;
  bool played_since_render_ = false;
  double resting_beat_ = 0;  // where the playhead is while nothing is live
};

}  // namespace arranger
