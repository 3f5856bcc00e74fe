// SPDX-License-Identifier: MIT
// Windows: handles that close themselves, and operations that are waited for with others.
#pragma once

#if defined(_WIN32)
#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "base/windows.hpp"
#include "stream.hpp"

namespace arranger::server {

class Handle {
 public:
  explicit Handle(HANDLE value = INVALID_HANDLE_VALUE) : value_(value) {}
  Handle(Handle &&other) noexcept : value_(std::exchange(other.value_, INVALID_HANDLE_VALUE)) {}
  Handle &operator=(Handle &&other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Handle() { reset(); }
  HANDLE get() const { return value_; }
  bool is_open() const { return value_ != INVALID_HANDLE_VALUE && value_ != nullptr; }
  void reset() {
    if (is_open()) ::CloseHandle(value_);
    value_ = INVALID_HANDLE_VALUE;
  }

 private:
  HANDLE value_;
};

inline Handle make_event(bool is_manual) { return Handle(::CreateEventW(nullptr, is_manual, FALSE, nullptr)); }

// One overlapped operation after the other on a handle. It stays where it is while one is under way.
class Operation {
 public:
  Operation() : event_(make_event(true)) { state_.hEvent = event_.get(); }
  Operation(const Operation &) = delete;
  Operation &operator=(const Operation &) = delete;

  bool is_open() const { return event_.is_open(); }
  HANDLE event() const { return event_.get(); }
  bool is_pending() const { return is_pending_; }
  // What a function that was called with it returned. False: it has failed.
  OVERLAPPED *begin() {
    const HANDLE event = state_.hEvent;
    state_ = {};
    state_.hEvent = event;
    ::ResetEvent(event);
    return &state_;
  }
  bool has_begun(BOOL result) {
    is_pending_ = result || ::GetLastError() == ERROR_IO_PENDING;
    return is_pending_;
  }
  // The bytes that it moved, once it is done; 0 when it failed.
  std::optional<DWORD> result(HANDLE file) {
    DWORD count = 0;
    if (!::GetOverlappedResult(file, &state_, &count, FALSE)) {
      if (::GetLastError() == ERROR_IO_INCOMPLETE) return std::nullopt;
      count = 0;
    }
    is_pending_ = false;
    return count;
  }
  // Before its buffers go.
  void cancel(HANDLE file) {
    if (!std::exchange(is_pending_, false)) return;
    DWORD count = 0;
    ::CancelIoEx(file, &state_);
    ::GetOverlappedResult(file, &state_, &count, TRUE);
  }

 private:
  Handle event_;
  OVERLAPPED state_{};
  bool is_pending_ = false;
};

inline DWORD milliseconds_until(std::optional<Stream::Clock::time_point> until) {
  if (!until) return INFINITE;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - Stream::Clock::now());
  return static_cast<DWORD>(std::clamp<long long>(left.count(), 0, 60'000));
}

}  // namespace arranger::server
#endif
