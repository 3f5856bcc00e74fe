// SPDX-License-Identifier: MIT
#include "plugin/instance.hpp"

#include <algorithm>

#include "base/format.hpp"
#include "plugin/guard.hpp"
#include "plugin/host.hpp"
#include "plugin/isolated_plugin.hpp"

namespace arranger {

Instance::Instance(std::shared_ptr<const PluginEntry> entry, arr_plugin *plugin)
    : entry_(std::move(entry)), plugin_(plugin) {}

Result<std::unique_ptr<Instance>> Instance::create(std::shared_ptr<const PluginEntry> entry,
                                                   std::span<const ConfigSetting> config) {
  const std::string &who = entry->descriptor.id;
  auto plugin = guard::create(*entry->factory, plugin_host(), who);
  if (!plugin) return std::unexpected(plugin.error());
  std::unique_ptr<Instance> instance(new Instance(entry, *plugin));
  for (const ConfigSetting &setting : config) {
    arr_config_value value{};
    value.struct_size = sizeof(value);
    if (const auto *text = std::get_if<std::string>(&setting.value)) {
      value.text = text->c_str();
      value.length = static_cast<std::uint32_t>(text->size());
    } else {
      value.number = std::get<double>(setting.value);
    }
    if (auto done = guard::configure(**plugin, setting.id.c_str(), value, who); !done)
      return std::unexpected(done.error());
  }
  instance->set_config(config);
  auto ports = guard::ports(**plugin, who);
  if (!ports) return std::unexpected(ports.error());
  const std::vector<Port> &described = instance->entry_->descriptor.ports;
  if (ports->data() == nullptr || are_ports(described, ports->data(), static_cast<std::uint32_t>(ports->size()))) {
    instance->ports_ = &described;
    return instance;
  }
  auto copied = read_ports(ports->data(), static_cast<std::uint32_t>(ports->size()), who);
  if (!copied) return std::unexpected(copied.error());
  instance->own_ports_ = std::move(*copied);
  return instance;
}

Result<std::unique_ptr<Instance>> Instance::create_isolated(std::shared_ptr<const PluginEntry> entry,
                                                            std::span<const ConfigSetting> config) {
  auto isolated = IsolatedPlugin::create(entry, config);
  if (!isolated) return std::unexpected(std::move(isolated.error()));
  std::unique_ptr<Instance> instance(new Instance(std::move(entry), &(*isolated)->plugin()));
  instance->isolated_ = std::move(*isolated);
  instance->set_config(config);
  instance->own_ports_ = instance->isolated_->ports();
  return instance;
}

void Instance::set_config(std::span<const ConfigSetting> config) {
  config_.assign(config.begin(), config.end());
  std::ranges::sort(config_, {}, &ConfigSetting::id);
}

Result<void> Instance::activate(double sample_rate, std::int32_t max_frames, bool offline, std::uint64_t seed,
                                std::int32_t input_delay) {
  arr_activation activation{};
  activation.struct_size = sizeof(activation);
  activation.max_frames = max_frames;
  activation.sample_rate = sample_rate;
  activation.seed = seed;
  activation.offline = offline ? 1 : 0;
  activation.input_delay_frames = input_delay;
  const std::string &who = entry_->descriptor.id;
  auto done = isolated_ ? isolated_->activate(activation) : guard::activate(*plugin_, activation, who);
  if (!done) return done;
  active_ = true;
  if (activation.latency_frames < 0 || activation.latency_frames > greatest_latency)
    return fail(Code::plugin_failed,
                format("{} failed in activate: expected a latency of 0 to {} frames but received {}", who,
                       greatest_latency, activation.latency_frames));
  sample_rate_ = sample_rate;
  max_frames_ = max_frames;
  input_delay_ = input_delay;
  latency_frames_ = activation.latency_frames;
  tail_frames_ = activation.tail_frames;
  take_monitors();
  snapshot_ = guard::snapshot_shape(*plugin_);
  return isolated_ ? done : guard::reset(*plugin_, who);
}

Result<std::string> Instance::save_state() const {
  const std::lock_guard one_at_a_time(saving_);
  if (loss() != Loss::none) return state_;  // it is asked nothing more
  auto entries = guard::save_state(*plugin_, entry_->descriptor.id);
  if (!entries) return std::unexpected(std::move(entries.error()));
  PluginState state{entry_->descriptor.id, entry_->descriptor.version, std::move(*entries)};
  for (const StateEntry &unread : unread_)
    if (!state.find(unread.key) && state.entries.size() < most_state_keys) state.entries.push_back(unread);
  std::string bytes = encode_state(state);
  if (bytes.size() > greatest_state)
    return fail(Code::plugin_failed,
                format("{} failed in save: with what was kept its state has {} bytes, more than {}",
                       entry_->descriptor.id, bytes.size(), greatest_state));
  return state_ = std::move(bytes);
}

Result<void> Instance::load_state(std::string_view bytes) {
  auto state = decode_state(bytes);
  if (!state) return std::unexpected(std::move(state.error()));
  const std::string &who = entry_->descriptor.id;
  if (state->plugin_id != who)
    return fail(Code::invalid_request, format("Expected a state of {} but received one of {}", who, state->plugin_id));
  const auto unread = guard::load_state(*plugin_, *state, who);
  if (!unread) return std::unexpected(unread.error());
  state_ = bytes;
  unread_.clear();
  for (const std::size_t i : *unread) unread_.push_back(std::move(state->entries[i]));
  return {};
}

void Instance::reset() {
  if (loss() != Loss::none) return;
  clear_monitors();
  plugin_->reset(plugin_);
}

void Instance::interrupted(const Interruption &how) {
  interruption_ = how;
  if (how.signal != 0) loss_.store(Loss::crashed, std::memory_order_relaxed);
}

// One piece of memory for all; each monitor begins on a cache line.
void Instance::take_monitors() {
  std::size_t floats = 0;
  for (const Port &port : ports()) {
    if (!port.is_monitor()) continue;
    const auto capacity = static_cast<std::uint32_t>(std::max(port.value_count, 1));
    monitors_.push_back({nullptr, 0, capacity});
    floats += (capacity + 15u) / 16u * 16u;
  }
  if (floats == 0) return;
  monitor_floats_ = floats;
  monitor_memory_.reset(static_cast<float *>(::operator new[](floats * sizeof(float), MonitorMemory::alignment)));
  float *next = monitor_memory_.get();
  for (Monitor &monitor : monitors_) {
    monitor.values = next;
    next += (monitor.capacity + 15u) / 16u * 16u;
  }
  clear_monitors();
}

void Instance::clear_monitors() {
  std::fill_n(monitor_memory_.get(), monitor_floats_, 0.0f);
  for (Monitor &monitor : monitors_) monitor.count = 0;
}

const Monitor *Instance::monitor(std::string_view port) const {
  std::size_t place = 0;
  for (const Port &candidate : ports()) {
    if (!candidate.is_monitor()) continue;
    if (candidate.id == port) return place < monitors_.size() ? &monitors_[place] : nullptr;
    ++place;
  }
  return nullptr;
}

// What a plugin throws here has no one left to hear it; the guard keeps it from the engine.
Instance::~Instance() {
  if (isolated_) return;  // ends with its process
  if (loss() != Loss::none) {
    new std::shared_ptr(std::move(entry_));
    static_cast<void>(monitor_memory_.release());
    return;
  }
  const std::string &who = entry_->descriptor.id;
  if (active_) static_cast<void>(guard::deactivate(*plugin_, who));
  static_cast<void>(guard::destroy(*plugin_, who));
}

}  // namespace arranger
