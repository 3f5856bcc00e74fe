// SPDX-License-Identifier: MIT
// The values that pass between DSP blocks: at most 128 frames, on the stack, with a note whether they are all equal.
#pragma once

#include <concepts>
#include <cstdint>

namespace arranger::dsp {

// A count or an index of frames. Signed and 32 bits, because an unsigned index stops the vectoriser.
using Frame = std::int32_t;

// The most frames that one call handles.
inline constexpr Frame max_frames = 128;

// Anything that gives one value per frame. Every index from 0 to size() - 1 may be read, also where is_constant():
// then all of them are equal, and a helper may read one instead of all. The result never depends on that hint.
template <class T>
concept View = requires(const T &view, Frame i) {
  { view.size() } -> std::convertible_to<Frame>;
  { view[i] } -> std::convertible_to<float>;
  { view.is_constant() } -> std::convertible_to<bool>;
};

// A block of values that its maker returns by value. [audio] Real-time safe: no heap, and no copy when returned.
class Signal {
 public:
  // `size`: 0 .. max_frames. The samples are not initialised: whoever makes a signal fills it.
  explicit Signal(Frame size) : size_(size) {}

  // `size` frames of one value.
  Signal(Frame size, float value) : size_(size), constant_(true) {
    for (Frame i = 0; i < size; ++i) samples_[i] = value;
  }

  // As a View.
  Frame size() const { return size_; }
  bool is_constant() const { return constant_; }
  // Say that all frames are equal, after having written them all.
  void mark_constant() { constant_ = true; }

  // 0 <= i < size().
  float operator[](Frame i) const { return samples_[i]; }
  float &operator[](Frame i) { return samples_[i]; }
  float *data() { return samples_; }
  const float *data() const { return samples_; }

 private:
  alignas(64) float samples_[max_frames];
  Frame size_;
  bool constant_ = false;
};

// One value as a view: where a helper takes a view and there is only a number.
class Constant {
 public:
  Constant(float value, Frame size) : value_(value), size_(size) {}
  // As a View.
  Frame size() const { return size_; }
  float operator[](Frame) const { return value_; }
  bool is_constant() const { return true; }

 private:
  float value_;
  Frame size_;
};

// Somebody else's samples as a view, an audio input for instance: `dsp::Samples(in.left, block.frames)`.
class Samples {
 public:
  // `data` stays the caller's and outlives the view; `size`: 0 .. max_frames.
  Samples(const float *data, Frame size) : data_(data), size_(size) {}
  Frame size() const { return size_; }
  float operator[](Frame i) const { return data_[i]; }
  bool is_constant() const { return false; }

 private:
  const float *data_;
  Frame size_;
};

static_assert(View<Signal> && View<Constant> && View<Samples>);

}  // namespace arranger::dsp
