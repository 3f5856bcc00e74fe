// SPDX-License-Identifier: MIT
#include "device/clock.hpp"

#include <condition_variable>
#include <vector>

#include "base/survive.hpp"
#include "base/thread.hpp"

namespace arranger {

struct Clock::Loop {
  using Time = std::chrono::steady_clock;

  Loop(double sample_rate, std::int32_t block_size)
      : block_size(block_size),
        period(std::chrono::duration_cast<Time::duration>(std::chrono::duration<double>(block_size / sample_rate))) {}

  void run() {
    ask_for_priority();
    SignalStack stack;
    stack.use();
    std::vector<float> left(static_cast<std::size_t>(block_size)), right(left.size());
    auto due = Time::now();
    bool late = false;
    do {
      gate->call({.left = left.data(), .right = right.data(), .frames = block_size}, late);
      const auto ended = Time::now();
      due += period;
      late = ended > due;
      if (late) due = ended;
    } while (!stops_before(due));
  }
  // A block may be longer than a second: whoever ends the clock does not wait for the next.
  bool stops_before(Time::time_point due) {
    std::unique_lock lock(mutex);
    return stopped.wait_until(lock, due, [this] { return stopping; });
  }
  void stop() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    stopped.notify_all();
  }

  const std::shared_ptr<CallbackGate> gate = std::make_shared<CallbackGate>();
  const std::int32_t block_size;
  const Time::duration period;
  std::mutex mutex;  // taken between blocks only
  std::condition_variable stopped;
  bool stopping = false;
};

Result<std::unique_ptr<Clock>> Clock::start(double sample_rate, std::int32_t block_size) {
  std::unique_ptr<Clock> clock(new Clock(std::make_shared<Loop>(sample_rate, block_size)));
  clock->thread_ = start_thread([loop = clock->loop_] { loop->run(); });
  if (!clock->thread_.joinable())
    return fail(Code::device_unavailable, "Expected a thread from the system but it gave none");
  return clock;
}

Clock::~Clock() {
  loop_->stop();
  const bool is_out = loop_->gate->detach(std::chrono::milliseconds(100));
  if (!thread_.joinable()) return;
  if (is_out) {
    thread_.join();
  } else {
    stay_loaded();
    thread_.detach();
  }
}

const std::shared_ptr<CallbackGate> &Clock::gate() const { return loop_->gate; }

}  // namespace arranger
