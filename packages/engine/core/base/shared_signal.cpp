// SPDX-License-Identifier: MIT
#include "base/shared_signal.hpp"

#include <algorithm>

#include "base/pause.hpp"
#include "base/real_time.hpp"

#if defined(_WIN32)
#include "base/windows.hpp"
#elif defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ctime>
#elif defined(__APPLE__)
// What libc++ itself waits with; the public name of it, os_sync_wait_on_address, is of macOS 14.4.
extern "C" int __ulock_wait(std::uint32_t operation, void *address, std::uint64_t value, std::uint32_t microseconds);
extern "C" int __ulock_wake(std::uint32_t operation, void *address, std::uint64_t value);
#endif

namespace arranger {

std::uint32_t SharedSignal::wait(std::uint32_t old, Clock::time_point deadline, std::chrono::nanoseconds spin) const {
  std::uint32_t now = value();
  if (now != old) return now;
  for (const auto end = std::min(deadline, Clock::now() + spin); Clock::now() < end; pause_processor())
    if ((now = value()) != old) return now;
  while ((now = value()) == old && Clock::now() < deadline) {
    const RealTimeException named;
    sleep(old, deadline);
  }
  return now;
}

#if defined(__linux__)

void SharedSignal::set(std::uint32_t value) {
  word_->store(value, std::memory_order_release);
  const RealTimeException named;
  ::syscall(SYS_futex, word_, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

// The system's clock of steady_clock is the one that the call reads.
void SharedSignal::sleep(std::uint32_t old, Clock::time_point deadline) const {
  const auto nanoseconds = deadline.time_since_epoch().count();
  const timespec until = {static_cast<std::time_t>(nanoseconds / 1'000'000'000),
                          static_cast<long>(nanoseconds % 1'000'000'000)};
  const timespec *limit = deadline == Clock::time_point::max() ? nullptr : &until;
  ::syscall(SYS_futex, word_, FUTEX_WAIT_BITSET, old, limit, nullptr, FUTEX_BITSET_MATCH_ANY);
}

#elif defined(__APPLE__)

namespace {
constexpr std::uint32_t compare_and_wait_shared = 3;  // UL_COMPARE_AND_WAIT_SHARED
}

void SharedSignal::set(std::uint32_t value) {
  word_->store(value, std::memory_order_release);
  const RealTimeException named;
  ::__ulock_wake(compare_and_wait_shared, word_, 0);
}

// 0 microseconds would be no limit.
void SharedSignal::sleep(std::uint32_t old, Clock::time_point deadline) const {
  std::int64_t left = 0;
  if (deadline != Clock::time_point::max())
    left = std::clamp<std::int64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(deadline - Clock::now()).count(), 1, 1'000'000);
  ::__ulock_wait(compare_and_wait_shared, word_, old, static_cast<std::uint32_t>(left));
}

#elif defined(_WIN32)

void SharedSignal::set(std::uint32_t value) {
  word_->store(value, std::memory_order_release);
  ::SetEvent(reinterpret_cast<HANDLE>(event_));
}

void SharedSignal::sleep(std::uint32_t, Clock::time_point deadline) const {
  DWORD left = INFINITE;
  if (deadline != Clock::time_point::max())
    left = static_cast<DWORD>(
        std::max<std::int64_t>(0, std::chrono::floor<std::chrono::milliseconds>(deadline - Clock::now()).count()));
  ::WaitForSingleObject(reinterpret_cast<HANDLE>(event_), left);
}

#endif

#if defined(_WIN32)

SignalEvent::SignalEvent() {
  SECURITY_ATTRIBUTES inherit = {sizeof inherit, nullptr, TRUE};
  handle_ = reinterpret_cast<SharedSignal::Handle>(::CreateEventW(&inherit, FALSE, FALSE, nullptr));
}
SignalEvent::~SignalEvent() {
  if (handle_) ::CloseHandle(reinterpret_cast<HANDLE>(handle_));
}

#else

SignalEvent::SignalEvent() = default;
SignalEvent::~SignalEvent() = default;

#endif

}  // namespace arranger
