// SPDX-License-Identifier: MIT
#include "device/gate.hpp"
#include "base/thread.hpp"

#include <algorithm>

namespace arranger {

void CallbackGate::call(const AudioBlock &block, bool late) noexcept ARRANGER_NONBLOCKING {
  const RealTimeScope scope;
  const auto began = Clock::now();
  last_call_.store(began.time_since_epoch().count(), relaxed);
  frames_.store(block.frames, relaxed);
  passes_.fetch_add(1);
  if (AudioCalls *calls = calls_.load()) {
    calls->run(block, began, late);
  } else {
    std::fill_n(block.left, block.frames, 0.0f);
    std::fill_n(block.right, block.frames, 0.0f);
  }
  passes_.fetch_add(1);
}

std::int32_t CallbackGate::rest() noexcept {
  passes_.fetch_add(1);
  const AudioCalls *calls = calls_.load();
  const std::int32_t out = calls ? calls->rest() : 0;
  passes_.fetch_add(1);
  return out;
}

void CallbackGate::attach(std::shared_ptr<AudioCalls> calls) {
  const std::lock_guard lock(mutex_);
  owned_ = std::move(calls);
  calls_.store(owned_.get());
}

bool CallbackGate::detach(std::chrono::milliseconds limit) {
  calls_.store(nullptr);
  const std::uint64_t passes = passes_.load();
  const auto deadline = Clock::now() + limit;
  while (passes % 2 != 0 && passes_.load() == passes) {
    if (Clock::now() > deadline) return false;
    sleep_for(std::chrono::microseconds(100));
  }
  const std::lock_guard lock(mutex_);
  owned_.reset();
  return true;
}

}  // namespace arranger
