// SPDX-License-Identifier: MIT
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/thread.hpp"
#include "device/device.hpp"
#include "device/timing.hpp"

namespace arranger {
namespace {

using Clock = std::chrono::steady_clock;

class NullDevice final : public Device {
 public:
  NullDevice(double sample_rate, std::int32_t block_size, AudioFunction function)
      : function_(std::move(function)),
        block_size_(block_size),
        period_(std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(block_size / sample_rate))),
        timing_(block_size / sample_rate) {
    thread_ = start_thread([this] { run(); });
  }
  ~NullDevice() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    stopped_.notify_all();
    if (thread_.joinable()) thread_.join();
  }
  bool runs() const { return thread_.joinable(); }
  const std::string &name() const override { return name_; }
  DeviceStats stats() const override { return timing_.stats(); }

 private:
  void run() {
    std::vector<float> left(static_cast<std::size_t>(block_size_)), right(left.size());
    auto due = Clock::now();
    do {
      const auto began = Clock::now();
      function_({.left = left.data(), .right = right.data(), .frames = block_size_});
      const auto ended = Clock::now();
      due += period_;
      const bool late = ended > due;
      timing_.add(std::chrono::duration<double>(ended - began).count(), late);
      if (late) due = ended;
    } while (!stops_before(due));
  }
  // A block may be longer than a second: whoever ends the device does not wait for the next.
  bool stops_before(Clock::time_point due) {
    std::unique_lock lock(mutex_);
    return stopped_.wait_until(lock, due, [this] { return stopping_; });
  }

  const std::string name_ = null_device_name;
  AudioFunction function_;
  std::int32_t block_size_;
  Clock::duration period_;
  CallbackTiming timing_;
  std::mutex mutex_;  // taken between blocks only
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Device>> open_null_device(double sample_rate, std::int32_t block_size, AudioFunction function) {
  auto device = std::make_unique<NullDevice>(sample_rate, block_size, std::move(function));
  if (!device->runs()) return fail(Code::device_unavailable, "Expected a thread from the system but it gave none");
  return device;
}

}  // namespace arranger
