// SPDX-License-Identifier: MIT
// A ring of past samples, read at whole and fractional delays.
#pragma once

#include <arranger/dsp/interpolation.hpp>
#include <arranger/dsp/signal.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace arranger::dsp {

// Delays are in frames and count back from the next sample to be written: 1 is the newest that is there. So a loop that
// reads, then writes, has exactly the delay it asks for:
//   const float echo = line.read(delay);
//   line.write(in[i] + feedback * echo);
// A delay outside its stated range reads some other sample of the ring, never other memory.
class DelayLine {
 public:
  // [control] Takes the memory, for delays up to `max_delay` >= 1, and clears. Call it in activate.
  void resize(Frame max_delay) {
    std::size_t size = 4;
    while (size < static_cast<std::size_t>(max_delay) + 3) size *= 2;  // cubic reads two samples further
    ring_.assign(size, 0.0f);
    max_delay_ = max_delay;
    write_ = used_ = 0;
  }

  // [audio] All that follows; real-time safe, but reset takes time in proportion to what was written.
  void reset() {
    for (std::uint32_t i = 0; i < used_; ++i) ring_[i] = 0.0f;
    write_ = used_ = 0;
  }

  // As it was given to resize.
  Frame max_delay() const { return max_delay_; }

  // For arranger::Kept.
  template <class Visit>
  void each_kept(Visit &visit) {
    visit(ring_);
    visit(write_);
    visit(used_);
    visit(max_delay_);
  }

  // One frame.
  void write(float sample) {
    ring_[write_ & mask()] = sample;
    advance(1);
  }

  // 1 .. max_delay.
  float read(Frame delay) const { return ring_[place(delay)]; }

  // 1 .. max_delay; a float resolves 1/128 of a frame at 2 s and 48 kHz, and finer the shorter.
  float read_linear(float delay) const {
    const Frame whole = whole_part(delay);
    return linear(read(whole), read(whole + 1), delay - static_cast<float>(whole));
  }

  // 2 .. max_delay, by four points (see interpolation.hpp).
  float read_cubic(float delay) const {
    const Frame whole = whole_part(delay);
    return cubic(read(whole - 1), read(whole), read(whole + 1), read(whole + 2), delay - static_cast<float>(whole));
  }

  // Block-wise: `size` frames at one delay, before the same number is written. Needs size <= delay, because later
  // frames are not written yet: cut the block into pieces of `delay` frames otherwise, or work frame by frame.
  Signal read(Frame delay, Frame size) const {
    Signal out(size);
    const std::uint32_t first = place(delay);
    const Frame straight = piece(first, size);
    const float *from = ring_.data() + first;
    for (Frame i = 0; i < straight; ++i) out[i] = from[i];
    for (Frame i = straight; i < size; ++i) out[i] = ring_[static_cast<std::size_t>(i - straight)];
    return out;
  }

  // Writes all frames of a view.
  template <View Input>
  void write(const Input &input) {
    const Frame size = input.size();
    const std::uint32_t first = write_ & mask();
    const Frame straight = piece(first, size);
    float *to = ring_.data() + first;
    for (Frame i = 0; i < straight; ++i) to[i] = input[i];
    for (Frame i = straight; i < size; ++i) ring_[static_cast<std::size_t>(i - straight)] = input[i];
    advance(size);
  }

  // Block-wise without a copy: of the next `size` frames as many as lie in a row both where they are read at `delay` and
  // where they are written, at least 1. For so many `next(delay)` may be read and `next()` written, then advance.
  Frame in_a_row(Frame delay, Frame size) const { return piece(write_ & mask(), piece(place(delay), size)); }
  const float *next(Frame delay) const { return ring_.data() + place(delay); }
  float *next() { return ring_.data() + (write_ & mask()); }
  void advance(Frame frames) {
    write_ += static_cast<std::uint32_t>(frames);
    const auto size = static_cast<std::uint32_t>(ring_.size());
    if (used_ < size) used_ = write_ < size ? write_ : size;
  }

 private:
  // Keeps conversion and index defined for every float, NaN too.
  static Frame whole_part(float delay) {
    const float limited = delay > 0.0f ? (delay < 0x1p30f ? delay : 0x1p30f) : 0.0f;
    return static_cast<Frame>(limited);
  }

  std::uint32_t mask() const { return static_cast<std::uint32_t>(ring_.size() - 1); }
  std::uint32_t place(Frame delay) const { return (write_ - static_cast<std::uint32_t>(delay)) & mask(); }

  Frame piece(std::uint32_t first, Frame size) const {
    const auto left = static_cast<Frame>(ring_.size() - first);
    return size < left ? size : left;
  }

  std::vector<float> ring_ = std::vector<float>(4);  // a power of two, so that wrapping is a mask
  std::uint32_t write_ = 0;
  std::uint32_t used_ = 0;  // no sample from here on was written since the reset
  Frame max_delay_ = 1;
};

}  // namespace arranger::dsp
