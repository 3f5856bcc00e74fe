// SPDX-License-Identifier: MIT
// A thread that calls at the pace of a sample rate: what plays where there is no device.
#pragma once

#include <memory>

#include "base/error.hpp"
#include "base/thread.hpp"
#include "device/gate.hpp"
#include "device/rest.hpp"

namespace arranger {

class Clock {
 public:
  // Errors: device_unavailable when the system has no thread for it. [control]
  static Result<std::unique_ptr<Clock>> start(double sample_rate, std::int32_t block_size, std::shared_ptr<Rest> rest);
  // Closes the gate. A call that never returns keeps its thread, and what it needs.
  ~Clock();
  const std::shared_ptr<CallbackGate> &gate() const;

 private:
  struct Loop;
  explicit Clock(std::shared_ptr<Loop> loop) : loop_(std::move(loop)) {}
  std::shared_ptr<Loop> loop_;  // the thread's as well
  Thread thread_;
};

}  // namespace arranger
