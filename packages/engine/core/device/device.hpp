// SPDX-License-Identifier: MIT
// What calls the audio function, block after block, in real time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
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
};

// Fills the outputs. [audio]
using AudioFunction = std::function<void(const AudioBlock &)>;

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

// Calls from construction on to destruction, which waits for the call in progress.
class Device {
 public:
  virtual ~Device() = default;
  virtual const std::string &name() const = 0;
  virtual DeviceStats stats() const = 0;  // any thread
};

// No sound, but real time: the clock that everything runs by where there is no device, or none is wanted.
inline constexpr const char *null_device_name = "none";

// Errors: device_unavailable when the system has no thread for it.
Result<std::unique_ptr<Device>> open_null_device(double sample_rate, std::int32_t block_size, AudioFunction function);

}  // namespace arranger
