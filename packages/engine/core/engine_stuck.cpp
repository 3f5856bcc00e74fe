// SPDX-License-Identifier: MIT
// A plugin that never returns has the audio thread for ever: playback goes on without both.
#include "engine.hpp"

namespace arranger {

std::optional<StuckCall> Engine::stuck_call() const {
  const auto playing = live();
  const std::lock_guard lock(mutex_);  // so that no plan is freed
  if (!playing || playing->device().state().stuck_ms == 0) return {};
  const Plan &plan = playing->player().plan_inside();
  return StuckCall{plan.inside(), plan.slices()};
}

// The thread, its player and its plan stay in memory until the call comes back, if ever; nobody waits for it. Nothing of
// the plugin is called again, not even to make another instance, since what it holds is locked.
Result<void> Engine::leave_stuck() {
  const auto playing = live();
  if (!playing) return {};
  {
    const std::lock_guard lock(mutex_);
    if (const auto instance = playing->player().plan_inside().instance_inside()) instance->set_stuck();
  }
  const DeviceState left = playing->device().state();
  AudioEngineConfig wanted = config();
  wanted.takes_own_rate = false;
  wanted.output_device = left.wanted;
  auto device = left.wanted == null_device_name ? Device::open(wish_of(wanted))
                                                : Device::open_lost(wish_of(wanted), "A plugin does not return");
  if (!device) return std::unexpected(std::move(device.error()));
  const bool moves = position().playing;
  wanted = config();
  const auto lost = [this, graph = model().graph](std::size_t node) -> std::shared_ptr<Instance> {
    auto instance = live_instance(graph->nodes[node].id);
    return instance && instance->loss() != Instance::Loss::none ? instance : nullptr;
  };
  if (auto done = play_on(std::move(*device), wanted, lost); !done || !moves) return done;
  Edit edit(*this, Edit::Pace::slow);
  edit.play(false);
  return edit.commit();
}

}  // namespace arranger
