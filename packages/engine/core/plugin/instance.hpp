// SPDX-License-Identifier: MIT
// One instance of a plugin: the C handle with an owner. Its library stays open as long as it lives.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/thread.hpp"
#include "plugin/guard.hpp"
#include "plugin/registry.hpp"

namespace arranger {

using ConfigValue = std::variant<double, std::string>;

struct ConfigSetting {
  std::string id;
  ConfigValue value;
  bool operator==(const ConfigSetting &) const = default;
};

// What a plugin shows of itself. It writes in process, so that a reader must be on the processing thread, or wait until
// nothing is processed.
struct Monitor {
  float *values;        // 64-byte aligned
  std::uint32_t count;  // how many there are; of a monitor of one value up to the plugin
  std::uint32_t capacity;
};

// What ended a call in the middle: a signal, or an exception that says so.
struct Interruption {
  Interruption() { what[0] = 0; }
  int signal = 0;
  char what[120];  // a text; it may be cut off amid a character
};
class IsolatedPlugin;

class Instance {
 public:
  static constexpr std::int32_t greatest_latency = 1 << 20;

  // Creates and configures. Errors: plugin_failed, naming the plugin and its reason. [control]
  static Result<std::unique_ptr<Instance>> create(std::shared_ptr<const PluginEntry> entry,
                                                  std::span<const ConfigSetting> config);
  // The same in a process of its own. Errors: as IsolatedPlugin::create. [control]
  static Result<std::unique_ptr<Instance>> create_isolated(std::shared_ptr<const PluginEntry> entry,
                                                           std::span<const ConfigSetting> config);
  ~Instance();
  Instance(const Instance &) = delete;
  Instance &operator=(const Instance &) = delete;

  // Takes the memory for processing and resets. Once. Errors: plugin_failed, also when the answer is no latency of 0 to
  // greatest_latency frames. [control]
  Result<void> activate(double sample_rate, std::int32_t max_frames, bool offline, std::uint64_t seed,
                        std::int32_t input_delay = 0);
  // [audio] Silence, and monitors without values. Active instances only.
  void reset();

  // The plugin's state, with what a newer version has written and this one did not read; empty where there is none. Active
  // instances only, also while it processes. Errors: plugin_failed. [control]
  Result<std::string> save_state() const;
  // After activate, before the first process. Errors: plugin_failed, and invalid_request where the bytes are no state of this
  // plugin. [control]
  Result<void> load_state(std::string_view bytes);
  // As of activate; without functions where the plugin has no snapshot.
  const guard::SnapshotShape &snapshot() const { return snapshot_; }

  const std::shared_ptr<const PluginEntry> &shared_entry() const { return entry_; }
  const PluginEntry &entry() const { return *entry_; }
  // Sorted by id.
  const std::vector<ConfigSetting> &config() const { return config_; }
  bool is_active() const { return active_; }
  // As activated.
  double sample_rate() const { return sample_rate_; }
  std::int32_t max_frames() const { return max_frames_; }
  std::int32_t input_delay() const { return input_delay_; }
  // As configured: constant until the instance is gone.
  const std::vector<Port> &ports() const { return *ports_; }
  arr_plugin &plugin() const { return *plugin_; }
  // Of one in a process of its own, else null.
  IsolatedPlugin *isolated() const { return isolated_.get(); }
  std::int32_t latency_frames() const { return latency_frames_; }
  std::int64_t tail_frames() const { return tail_frames_; }
  // The monitors in the order of their ports, at the same place as long as the instance is active.
  std::span<Monitor> monitors() { return monitors_; }
  // From one whose call was ended by a signal, or never came back, nothing more is asked: it is not reset, and neither it
  // nor its library is given back. [audio]; any thread.
  enum class Loss : std::uint8_t { none, crashed, stuck };
  Loss loss() const { return loss_.load(std::memory_order_relaxed); }
  void set_stuck() { loss_.store(Loss::stuck, std::memory_order_relaxed); }
  // How its last interrupted call ended. [audio]
  void interrupted(const Interruption &how);
  const Interruption &interruption() const { return interruption_; }
  // Null: no such monitor.
  const Monitor *monitor(std::string_view port) const;

 private:
  struct MonitorMemory {
    static constexpr std::align_val_t alignment{64};
    void operator()(float *memory) const { ::operator delete[](memory, alignment); }
  };
  void set_config(std::span<const ConfigSetting> config);
  void take_monitors();
  void clear_monitors();

  Instance(std::shared_ptr<const PluginEntry> entry, arr_plugin *plugin);

  std::shared_ptr<const PluginEntry> entry_;
  arr_plugin *plugin_;
  std::unique_ptr<IsolatedPlugin> isolated_;  // whose plugin_ is
  std::vector<ConfigSetting> config_;
  std::vector<Port> own_ports_;  // where they are not those of the descriptor
  const std::vector<Port> *ports_ = &own_ports_;
  std::vector<Monitor> monitors_;
  std::unique_ptr<float[], MonitorMemory> monitor_memory_;
  std::size_t monitor_floats_ = 0;
  guard::SnapshotShape snapshot_;
  mutable Mutex saving_;
  mutable std::string state_;       // as it was known last
  std::vector<StateEntry> unread_;  // of the state that was loaded
  double sample_rate_ = 0;
  std::int32_t max_frames_ = 0;
  std::int32_t input_delay_ = 0;
  std::int32_t latency_frames_ = 0;
  std::int64_t tail_frames_ = 0;
  bool active_ = false;
  std::atomic<Loss> loss_ = Loss::none;
  Interruption interruption_;
};

}  // namespace arranger
