// SPDX-License-Identifier: MIT
// POSIX: wakes a thread that waits in poll.
#pragma once

#include <fcntl.h>
#include <unistd.h>

namespace arranger::server {

// Closes what it holds.
class Descriptor {
 public:
  explicit Descriptor(int value = -1) : value_(value) {}
  Descriptor(Descriptor &&other) noexcept : value_(other.value_) { other.value_ = -1; }
  Descriptor &operator=(Descriptor &&other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  ~Descriptor() { reset(-1); }
  int get() const { return value_; }
  bool is_open() const { return value_ >= 0; }
  int release() {
    const int value = value_;
    value_ = -1;
    return value;
  }
  void reset(int value) {
    if (value_ >= 0) ::close(value_);
    value_ = value;
  }

 private:
  int value_;
};

// Neither waits for anything, nor is it passed on to child processes. Linux does both as it makes them, so that no process
// that is started at that moment has them.
inline void make_own(int descriptor) {
  ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
}

class WakePipe {
 public:
  WakePipe() {
    int ends[2];
#if defined(__linux__)
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return;
#else
    if (::pipe(ends) != 0) return;
    for (const int end : ends) make_own(end);
#endif
    reader_.reset(ends[0]);
    writer_.reset(ends[1]);
  }
  bool is_open() const { return reader_.is_open(); }
  int descriptor() const { return reader_.get(); }
  // Any thread, and in a signal's handler. A full pipe wakes as well.
  void wake() const { [[maybe_unused]] const auto written = ::write(writer_.get(), "", 1); }
  void clear() const {
    char bytes[64];
    while (::read(reader_.get(), bytes, sizeof bytes) == sizeof bytes) {
    }
  }

 private:
  Descriptor reader_, writer_;
};

}  // namespace arranger::server
