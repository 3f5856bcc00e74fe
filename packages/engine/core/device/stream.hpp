// SPDX-License-Identifier: MIT
// An open device of the system and the thread that makes all calls into it.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "device/device.hpp"
#include "device/gate.hpp"

namespace arranger {

struct StreamInfo {
  std::string name;
  std::int32_t sample_rate = 0, block_size = 0, input_channels = 0;
  double latency_ms = 0;
};

class Stream {
 public:
  // It calls the gate already, so the number of frames is known. Errors: device_unavailable. [control]
  static Result<std::unique_ptr<Stream>> open(const DeviceWish &wish);
  // Closes the gate and lets the thread close the stream; a dead one is left as it is. Waits for the call that is inside
  // only, and not for ever.
  ~Stream();
  // [control] The same, but waits until the hardware is free, for two seconds at most.
  void close();

  const StreamInfo &info() const;
  const std::shared_ptr<CallbackGate> &gate() const;
  // Any thread. Why it is lost; empty while it plays.
  std::string loss() const;

 private:
  class Session;
  explicit Stream(std::shared_ptr<Session> session) : session_(std::move(session)) {}
  std::shared_ptr<Session> session_;  // the thread's as well
};

}  // namespace arranger
