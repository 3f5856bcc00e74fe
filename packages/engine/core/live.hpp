// SPDX-License-Identifier: MIT
// Live playback: a player on a device, and what control threads know of what it plays.
#pragma once

#include <memory>
#include <string_view>

#include "device/device.hpp"
#include "model.hpp"
#include "render/player.hpp"
#include "running.hpp"

namespace arranger {

struct AudioEngineConfig {
  std::int32_t sample_rate = 44100;          // Hz, 8000..384000
  std::int32_t block_size = 512;             // frames, 1..8192
  std::optional<std::string> output_device;  // none: the system's default, or the clock where there is none
  bool takes_own_rate = false;               // of a device, where it refuses sample_rate
  bool input = false;                        // what comes in is heard by audio_input
  std::int32_t threads = 0;                  // that run a graph, 0..32; 0: as many as the processor has, up to 8
  Sharing sharing = Sharing::when_it_saves_time;
};

DeviceWish wish_of(const AudioEngineConfig &config);

class Live {
 public:
  // Compiles the graph and starts the device, stopped at `beat`. `config` has the device's sample rate. [control]
  static Result<std::shared_ptr<Live>> start(std::unique_ptr<Device> device, const AudioEngineConfig &config,
                                             const Model &model, double beat, std::shared_ptr<Display> display,
                                             const Reuse &reuse = {});

  Player &player() { return *player_; }
  const Player &player() const { return *player_; }
  const Device &device() const { return *device_; }
  Device &device() { return *device_; }
  // For the next block. There must be room. [control] One thread at a time.
  void send(std::unique_ptr<Message> message) {
    player_->post(std::move(message));
    device_->wake();
  }

  // What the messages sent so far will have made of it. Guarded by the engine's mutex.
  Running running;
  std::shared_ptr<const Score> score;
  std::uint32_t first_note_id = 1;  // of the score's notes
  std::int64_t waits_until = 0;     // the last steady frame that a message waits for

 private:
  std::shared_ptr<Player> player_;  // the device's as well, while a call of it is inside
  std::unique_ptr<Device> device_;  // ends first
};

// The pieces that live playback is made of. [control]
PlanOptions live_options(const AudioEngineConfig &config);
std::unique_ptr<Course> make_course(const Model &model, const Plan &plan, std::shared_ptr<const Score> score);
LoopRange make_loop(const Model &model, const Plan &plan, const Binding &binding, const Score &score);
Jump jump_to(const Model &model, const Plan &plan, const Binding &binding, const Score &score, double beat);

}  // namespace arranger
