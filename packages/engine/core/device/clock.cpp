// SPDX-License-Identifier: MIT
#include "device/clock.hpp"

#include <algorithm>
#include <vector>

#include "base/survive.hpp"
#include "base/thread.hpp"

namespace arranger {

struct Clock::Loop {
  using Time = Rest::Time;

  Loop(double sample_rate, std::int32_t block_size, std::shared_ptr<Rest> where)
      : rest(std::move(where)),
        block_size(block_size),
        period(std::chrono::duration_cast<Time::duration>(std::chrono::duration<double>(block_size / sample_rate))) {}

  void run() {
    ask_for_priority();
    SignalStack stack;
    stack.use();
    std::vector<float> left(static_cast<std::size_t>(block_size)), right(left.size());
    AudioBlock block{.left = left.data(), .right = right.data(), .frames = block_size};
    auto due = Time::now();
    bool late = false, has_rested = false;
    while (true) {
      block.is_past = false;
      gate->call(block, late);
      const auto ended = Time::now();
      due += period;
      late = ended > due && !has_rested;  // whoever was woken amid a block makes up for it with the next
      if (late) due = ended;
      const auto rested = rest->rest(due, stopping, [&] { return due + period * (gate->rest() / block_size); });
      has_rested = rested > due;
      // A block may be longer than a second: whoever ends the clock does not wait for the next.
      if (!rest->wait(due, stopping)) return;
      block.is_past = true;
      for (const auto now = std::min(Time::now(), rested); due + period <= now; due += period) gate->call(block, false);
    }
  }

  const std::shared_ptr<CallbackGate> gate = std::make_shared<CallbackGate>();
  const std::shared_ptr<Rest> rest;
  const std::int32_t block_size;
  const Time::duration period;
  bool stopping = false;  // guarded by `rest`
};

Result<std::unique_ptr<Clock>> Clock::start(double sample_rate, std::int32_t block_size, std::shared_ptr<Rest> rest) {
  std::unique_ptr<Clock> clock(new Clock(std::make_shared<Loop>(sample_rate, block_size, std::move(rest))));
  clock->thread_ = start_thread([loop = clock->loop_] { loop->run(); });
  if (!clock->thread_.joinable())
    return fail(Code::device_unavailable, "Expected a thread from the system but it gave none");
  return clock;
}

Clock::~Clock() {
  loop_->rest->stop(loop_->stopping);
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
