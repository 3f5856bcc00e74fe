// SPDX-License-Identifier: MIT
// Live playback: a player on a device, and what control threads know of what it plays.
#pragma once

#include <memory>
#include <string_view>

#include "device/device.hpp"
#include "model.hpp"
#include "render/player.hpp"

namespace arranger {

struct AudioEngineConfig {
  std::int32_t sample_rate = 44100;          // Hz, 8000..384000
  std::int32_t block_size = 512;             // frames, 1..8192
  std::optional<std::string> output_device;  // none: no device
};

class Live {
 public:
  // Compiles the graph and starts the device, stopped at `beat`. [control]
  static Result<std::shared_ptr<Live>> start(const AudioEngineConfig &config, const Model &model, double beat,
                                             std::shared_ptr<Display> display);

  Player &player() { return *player_; }
  const Player &player() const { return *player_; }
  const Device &device() const { return *device_; }

  // What the messages sent so far will have made of it. Guarded by the engine's mutex.
  const Plan *plan = nullptr;
  std::shared_ptr<const Score> score;
  std::int64_t waits_until = 0;  // the last steady frame that a message waits for

 private:
  std::unique_ptr<Player> player_;
  std::unique_ptr<Device> device_;  // ends first
};

// The pieces that live playback is made of. [control]
// `running`: the plan whose instances may go on in the new one, or null.
Result<std::unique_ptr<Plan>> compile_live(ResolvedGraph resolved, const AudioEngineConfig &config,
                                           const Plan *running);
std::unique_ptr<Course> make_course(const Model &model, const Plan &plan, std::shared_ptr<const Score> score);
LoopRange make_loop(const Model &model, const Plan &plan, const Binding &binding, const Score &score);
Jump jump_to(const Model &model, const Plan &plan, const Binding &binding, const Score &score, double beat);

}  // namespace arranger
