// SPDX-License-Identifier: MIT
// What calls the audio function, block after block, in real time: a device of the system, or a clock in its place.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace arranger {

// So many frames, planar: what came in and room for what goes out.
struct AudioBlock {
  const float *const *inputs = nullptr;  // one pointer per channel
  std::int32_t input_channels = 0;
  float *left, *right;
  std::int32_t frames;
  bool is_past = false;  // went by while the caller rested: what was sent meanwhile is for the frames after it
};

// Fills the outputs. [audio]
using AudioFunction = std::function<void(const AudioBlock &)>;
// For how many frames calls will do nothing unless the device is woken: whatever calls may then rest. [audio], between two calls
using RestFunction = std::function<std::int32_t()>;

struct DeviceInfo {
  std::string name;  // what open_device takes
  std::string host_api;
  std::int32_t output_channels = 0, input_channels = 0;
  double default_sample_rate = 0;  // Hz
  bool is_default = false;
};

// What the calls have cost so far.
struct DeviceStats {
  std::uint64_t xruns = 0;  // blocks that came too late
  double load = 0;          // share of a block's time that the last second's blocks took
  double p50_us = 0, p99_us = 0, max_us = 0;
};

// No sound, but real time: the clock that everything runs by where there is no device, or none is wanted.
inline constexpr const char *null_device_name = "none";
// Whatever the system plays on.
inline constexpr const char *default_device_name = "default";

struct DeviceWish {
  std::optional<std::string> name;   // none: the default device, or the clock where there is none
  std::int32_t sample_rate = 48000;  // Hz
  bool takes_own_rate = false;       // the device's, where it refuses sample_rate
  std::int32_t block_size = 512;     // frames: of the clock; what the latency of a device is asked by
  bool input = false;                // also gives what comes in, up to two channels
};

struct DeviceState {
  std::string wanted;  // what was opened
  std::string name;    // what calls now: the clock while the device is lost
  std::int32_t sample_rate = 0, block_size = 0, input_channels = 0;
  double latency_ms = 0;  // from the call to the ear
  std::uint64_t losses = 0, returns = 0;
  std::string reason;   // of the last loss
  double stuck_ms = 0;  // what the call in progress has taken, when that is far too long
};

// Calls until it ends, whatever becomes of the hardware: when a device is lost the clock goes on with the same function,
// and the device is opened again when it is back. All calls into the system's audio are made by threads of its own, which
// are left behind where they do not come back.
class Device {
 public:
  // Plays silence until it is started. Waits a few seconds at most. Errors: device_unavailable. [control]
  static Result<std::unique_ptr<Device>> open(const DeviceWish &wish);
  // The same, by the clock at first: the device of the wish, which has a name, counts as lost for this reason, and plays
  // when it can be opened again.
  static Result<std::unique_ptr<Device>> open_lost(const DeviceWish &wish, const std::string &reason);
  // Waits for the call in progress, but not for ever: what is called lives on while it is inside. [control]
  ~Device();

  void start(AudioFunction function, RestFunction rest = {});  // [control], once
  // After something was sent that the next call should see. Any thread; a few nanoseconds.
  void wake();
  // Gives the hardware back and goes on by the clock, or takes it again. Waits a few seconds at most. [control]
  void set_released(bool released);

  DeviceState state() const;  // any thread
  DeviceStats stats() const;  // any thread

 private:
  class Core;
  static Result<std::unique_ptr<Device>> supervised(std::unique_ptr<Device> device);
  explicit Device(std::shared_ptr<Core> core) : core_(std::move(core)) {}
  std::shared_ptr<Core> core_;
};

// Those of the system, asked anew; none when it does not answer within seconds. [control]
std::vector<DeviceInfo> list_devices();

// Whether the system has the library by which devices are opened. Any thread.
bool has_audio_library();

}  // namespace arranger
