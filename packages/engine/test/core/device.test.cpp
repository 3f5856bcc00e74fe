// SPDX-License-Identifier: MIT
// Who calls an audio function, and when nobody does any more.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "device/clock.hpp"
#include "device/device.hpp"
#include "device/gate.hpp"

using namespace arranger;
using namespace std::chrono_literals;

namespace {

// A call that comes through, and a place to hold it.
struct Called {
  std::atomic<int> inside = 0, calls = 0;
  std::atomic<bool> holds = false, overlapped = false;
  AudioFunction function() {
    return [this](const AudioBlock &block) {
      if (inside.fetch_add(1) != 0) overlapped = true;
      std::fill_n(block.left, block.frames, 1.0f);
      while (holds) std::this_thread::yield();
      ++calls;
      --inside;
    };
  }
};

template <class Condition>
void wait_for(Condition condition) {
  while (!condition()) std::this_thread::yield();
}

struct Buffers {
  float left[16] = {}, right[16] = {};
  AudioBlock block() { return {.left = left, .right = right, .frames = 16}; }
};

}  // namespace

TEST_CASE("a gate lets calls through only while something is attached") {
  CallbackGate gate;
  Called called;
  Buffers buffers;
  std::fill_n(buffers.left, 16, 7.0f);
  gate.call(buffers.block(), false);
  CHECK(called.calls == 0);
  CHECK(buffers.left[15] == 0);  // silence, not what happened to be there
  CHECK(gate.frames() == 16);
  auto calls = std::make_shared<AudioCalls>(called.function(), 48000);
  gate.attach(calls);
  gate.call(buffers.block(), false);
  CHECK(called.calls == 1);
  CHECK(buffers.left[15] == 1);
  CHECK(gate.detach(1ms));
  gate.call(buffers.block(), false);
  CHECK(called.calls == 1);
  CHECK(calls.use_count() == 1);
}

TEST_CASE("after a gate has been detached nobody is inside, however often it happens") {
  CallbackGate gates[2];
  Called called;
  const auto calls = std::make_shared<AudioCalls>(called.function(), 48000);
  std::atomic<bool> stopping = false;
  std::thread callers[2];
  for (int i : {0, 1})
    callers[i] = std::thread([&, i] {
      Buffers buffers;
      while (!stopping) gates[i].call(buffers.block(), false);
    });
  for (int turn = 0; turn < 200; ++turn) {
    gates[turn % 2].attach(calls);
    const int before = called.calls;
    wait_for([&] { return called.calls > before; });
    REQUIRE(gates[turn % 2].detach(10s));
    REQUIRE(called.inside == 0);
  }
  stopping = true;
  for (std::thread &caller : callers) caller.join();
  CHECK_FALSE(called.overlapped);
}

TEST_CASE("what a stuck call needs lives until it comes out") {
  auto gate = std::make_unique<CallbackGate>();
  Called called;
  auto calls = std::make_shared<AudioCalls>(called.function(), 48000);
  const std::weak_ptr<AudioCalls> watched = calls;
  gate->attach(std::move(calls));
  called.holds = true;
  std::thread caller([&] {
    Buffers buffers;
    gate->call(buffers.block(), false);
  });
  wait_for([&] { return called.inside == 1; });
  CHECK_FALSE(gate->detach(5ms));
  CHECK(gate->is_inside());
  CHECK_FALSE(watched.expired());
  called.holds = false;
  caller.join();
  CHECK(gate->detach(0ms));
  CHECK(watched.expired());
}

TEST_CASE("xruns: a call that is too long and the gap that it makes are one") {
  CallbackGate gate;
  Called called;
  // 16 frames that last a year, or no time at all.
  for (const auto &[rate, xruns] : {std::pair(1e-6, 2), std::pair(1e12, 3)}) {
    const auto calls = std::make_shared<AudioCalls>(called.function(), rate);
    gate.attach(calls);
    Buffers buffers;
    for (const bool late : {true, false, true}) gate.call(buffers.block(), late);
    CHECK(calls->stats().xruns == xruns);
    CHECK(calls->stats().max_us > 0);
  }
}

TEST_CASE("a clock whose calls do nothing rests until it is woken, and then no frame is missing") {
  constexpr std::int32_t rate = 48000, frames = 48;  // a block each millisecond
  const auto rest = std::make_shared<Rest>();
  auto clock = Clock::start(rate, frames, rest);
  REQUIRE(clock);
  std::atomic<int> calls = 0, past = 0;
  std::atomic<bool> is_idle = true;
  const auto call = [&](const AudioBlock &block) {
    past += block.is_past;
    ++calls;
  };
  const auto began = std::chrono::steady_clock::now();
  (*clock)->gate()->attach(std::make_shared<AudioCalls>(call, rate, [&] { return is_idle ? 3600 * rate : 0; }));
  wait_for([&] { return calls > 0; });
  const int first = calls;
  std::this_thread::sleep_for(50ms);  // time that goes by
  CHECK(calls <= first + 1);          // one may have been on its way
  is_idle = false;
  rest->wake();
  wait_for([&] { return calls - past > first + 1; });
  const auto passed = std::chrono::steady_clock::now() - began;
  CHECK(past >= 47);
  CHECK(past <= passed / 1ms + 1);
  const int before = past;
  wait_for([&, now = int(calls)] { return calls > now + 3; });
  CHECK(past == before);  // what is awake and comes late has lost what it missed
}

TEST_CASE("the clock calls, and ends at once, also within a long block") {
  auto device = Device::open({.name = "none", .sample_rate = 8, .block_size = 8000});
  REQUIRE(device);
  CHECK((*device)->state().name == "none");
  Called called;
  (*device)->start(called.function());
  device->reset();  // without the quarter of an hour that a block takes
  auto fast = Device::open({.name = "none", .sample_rate = 384000, .block_size = 1});
  REQUIRE(fast);
  (*fast)->start(called.function());
  wait_for([&] { return called.calls > 100; });
  fast->reset();
  const int calls = called.calls;
  std::this_thread::yield();
  CHECK(called.calls == calls);
}

TEST_CASE("the clock is released and taken again without waiting for a device that never was") {
  auto device = Device::open({.name = "none"});
  REQUIRE(device);
  const auto began = std::chrono::steady_clock::now();
  (*device)->set_released(true);
  (*device)->set_released(false);
  CHECK(std::chrono::steady_clock::now() - began < 2s);  // what it would wait for a device is more
}

TEST_CASE("a device whose call is stuck says so, and can be closed") {
  static Called called;  // the call outlives the test if it must
  auto device = Device::open({.name = "none", .sample_rate = 48000, .block_size = 64});
  REQUIRE(device);
  called.holds = true;
  (*device)->start(called.function());
  wait_for([&] { return (*device)->state().stuck_ms > 0; });
  CHECK((*device)->state().stuck_ms > 500);
  device->reset();
  CHECK(called.inside == 1);
  called.holds = false;
  wait_for([&] { return called.inside == 0; });
}

TEST_CASE("a device that is not there is refused with the nearest name") {
  const auto device = Device::open({.name = "defualt"});
  REQUIRE_FALSE(device);
  CHECK(device.error().code == Code::device_unavailable);
}
