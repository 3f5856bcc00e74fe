// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <string>

#include "base/format.hpp"
#include "base/host.hpp"
#include "base/nearest.hpp"
#include "device/gate.hpp"
#include "device/host_device.hpp"

namespace arranger {

// One thread: nothing here waits for anybody.
class Device::Core {
 public:
  explicit Core(const DeviceWish &wish) {
    state_.wanted = state_.name = null_device_name;
    state_.sample_rate = wish.sample_rate;
    state_.block_size = wish.block_size;
  }

  AudioFunction function;
  std::shared_ptr<AudioCalls> calls;
  DeviceState state_;
};

namespace {

std::int32_t host_rate = 0;  // Hz; 0: the host has none of its own

// Those that are open. Two are while one takes over from the other, and the newest that has begun plays.
struct Playing {
  const void *owner;
  AudioFunction function;
  std::shared_ptr<AudioCalls> calls;
  const DeviceState *state;
};
std::vector<Playing> &all_playing() {
  static auto &all = *new std::vector<Playing>;
  return all;
}

}  // namespace

void set_host_rate(std::int32_t sample_rate) { host_rate = sample_rate; }

HostPace host_pace() {
  if (all_playing().empty()) return {};
  const DeviceState &state = *all_playing().back().state;
  return {state.sample_rate, state.block_size};
}

void play_on_host(const AudioBlock &block, bool late) {
  if (all_playing().empty()) {
    std::fill_n(block.left, block.frames, 0.0f);
    std::fill_n(block.right, block.frames, 0.0f);
    return;
  }
  const auto calls = all_playing().back().calls;
  calls->run(block, AudioCalls::Clock::now(), late);
}

Result<std::unique_ptr<Device>> Device::open(const DeviceWish &asked) {
  DeviceWish wish = asked;
  if (wish.name && *wish.name != null_device_name && *wish.name != default_device_name)
    return fail(Code::device_unavailable,
                format("No device '{}'{}", *wish.name,
                       nearest_hint(*wish.name, std::array<std::string, 2>{null_device_name, default_device_name})),
                "/name");
  if (host_rate != 0 && wish.takes_own_rate) wish.sample_rate = host_rate;
  if (host_rate != 0 && wish.sample_rate != host_rate)
    return fail(Code::device_unavailable, format("Expected {} Hz, which is what the host plays at, but received {}",
                                                 host_rate, wish.sample_rate));
  return std::unique_ptr<Device>(new Device(std::make_shared<Core>(wish)));
}

// What is lost elsewhere is a device of the system.
Result<std::unique_ptr<Device>> Device::open_lost(const DeviceWish &wish, const std::string &) { return open(wish); }

Device::~Device() {
  std::erase_if(all_playing(), [this](const Playing &one) { return one.owner == core_.get(); });
}

// The host calls at its own pace, and is always awake.
void Device::wake() {}

void Device::start(AudioFunction function, RestFunction) {
  core_->calls = std::make_shared<AudioCalls>(function, core_->state_.sample_rate);
  all_playing().push_back({core_.get(), function, core_->calls, &core_->state_});
  // A call without frames takes the messages that came and plays nothing.
  host::set_waiting([] {
    if (!all_playing().empty()) all_playing().back().function({.left = nullptr, .right = nullptr, .frames = 0});
  });
}

void Device::set_released(bool) {}
DeviceState Device::state() const { return core_->state_; }
DeviceStats Device::stats() const { return core_->calls ? core_->calls->stats() : DeviceStats{}; }

std::vector<DeviceInfo> list_devices() { return {}; }
bool has_audio_library() { return false; }

}  // namespace arranger
