// SPDX-License-Identifier: MIT
// One instance of a plugin: the C handle with an owner. Its library stays open as long as it lives.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "plugin/registry.hpp"

namespace arranger {

using ConfigValue = std::variant<double, std::string>;

struct ConfigSetting {
  std::string id;
  ConfigValue value;
  bool operator==(const ConfigSetting &) const = default;
};

class Instance {
 public:
  // Creates and configures. Errors: plugin_failed, naming the plugin and its reason. [control]
  static Result<std::unique_ptr<Instance>> create(std::shared_ptr<const PluginEntry> entry,
                                                  std::span<const ConfigSetting> config);
  ~Instance();
  Instance(const Instance &) = delete;
  Instance &operator=(const Instance &) = delete;

  // Takes the memory for processing and resets. Errors: plugin_failed. [control]
  Result<void> activate(double sample_rate, std::int32_t max_frames, bool offline, std::uint64_t seed);

  const PluginEntry &entry() const { return *entry_; }
  // As configured: constant until the instance is gone.
  const std::vector<Port> &ports() const { return ports_; }
  arr_plugin &plugin() const { return *plugin_; }
  std::int32_t latency_frames() const { return latency_frames_; }
  std::int64_t tail_frames() const { return tail_frames_; }

 private:
  Instance(std::shared_ptr<const PluginEntry> entry, arr_plugin *plugin) : entry_(std::move(entry)), plugin_(plugin) {}

  std::shared_ptr<const PluginEntry> entry_;
  arr_plugin *plugin_;
  std::vector<Port> ports_;
  std::int32_t latency_frames_ = 0;
  std::int64_t tail_frames_ = 0;
  bool active_ = false;
};

}  // namespace arranger
