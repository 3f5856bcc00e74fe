// SPDX-License-Identifier: MIT
#include "graph/parameters.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "graph/kernels.hpp"

namespace arranger {

Line::Line(const Port &port, double from, double to, std::int64_t start, std::int64_t length)
    : from_(from), to_(to), start_(start), length_(length) {
  if (length_ <= 0) return;
  double high = to;
  low_ = from;
  if ((port.taper == ARR_TAPER_LOG || port.taper == ARR_TAPER_DB) && from > 0 && to > 0) {
    shape_ = Shape::ratio;  // a gain of zero has no decibels, so a fade from or to it is linear
    low_ = std::log(from);
    high = std::log(to);
  } else if (port.taper == ARR_TAPER_EXP && port.max > port.min) {
    shape_ = Shape::square;
    min_ = port.min;
    range_ = port.max - port.min;
    low_ = std::sqrt((from - min_) / range_);
    high = std::sqrt((to - min_) / range_);
  }
  slope_ = (high - low_) / static_cast<double>(length_);
}

double Line::at(std::int64_t frame) const {
  if (!moving(frame)) return to_;
  const std::int64_t passed = frame - start_;
  if (passed <= 0) return from_;
  const double position = low_ + slope_ * static_cast<double>(passed);
  switch (shape_) {
    case Shape::ratio:
      return std::exp(position);
    case Shape::square:
      return min_ + range_ * position * position;
    case Shape::linear:
      break;
  }
  return position;
}

void Line::fill(float *out, std::int64_t first, std::int32_t count) const {
  const std::int64_t left = std::clamp<std::int64_t>(start_ + length_ - first, 0, count);
  const auto moving_frames = static_cast<std::int32_t>(left);
  const auto resting = static_cast<std::int32_t>(std::clamp<std::int64_t>(start_ + 1 - first, 0, left));
  std::fill(out, out + resting, static_cast<float>(from_));
  if (shape_ == Shape::linear)
    kernels.line(out + resting, low_, slope_, static_cast<double>(first + resting - start_), moving_frames - resting);
  else
    for (std::int32_t i = resting; i < moving_frames; ++i) out[i] = static_cast<float>(at(first + i));
  std::fill(out + moving_frames, out + count, static_cast<float>(to_));
}

void Parameters::resize(std::size_t count, std::int32_t max_frames) {
  slots_.resize(count);
  active_.reserve(count);
  free_.resize(count);
  const std::size_t stride = (static_cast<std::size_t>(max_frames) + 31) / 32 * 32;
  float *values = count == 0 ? nullptr : values_.take_raw<float>(count * stride, true);
  for (std::size_t i = count; i-- > 0; values += stride) free_[i] = values;
}

void Parameters::set(std::uint32_t number, const Port &port, double value, ControlCell *cell, float **channel) {
  const bool jumps = port.hint == ARR_PORT_HINT_TOGGLE || port.hint == ARR_PORT_HINT_INTEGER ||
                     port.hint == ARR_PORT_HINT_CATEGORICAL || port.hint == ARR_PORT_HINT_RADIO;
  Slot &slot = slots_[number];
  slot.line = Line(value);
  slot.port = &port;
  slot.cell = cell;
  slot.channel = channel;
  slot.smoothing_frames = jumps ? -1 : std::llround(port.smoothing_ms * sample_rate / 1000);
  settle(slot);
}

void Parameters::settle(Slot &slot) {
  slot.active = false;
  if (slot.values) free_.push_back(std::exchange(slot.values, nullptr));
  slot.cell->value = static_cast<float>(slot.line.target());
  slot.cell->hint = ARR_HINT_CONSTANT;
  *slot.channel = &slot.cell->value;
}

void Parameters::activate(std::uint32_t number) {
  Slot &slot = slots_[number];
  if (slot.active) return;
  slot.active = true;
  slot.filled = 0;
  slot.values = free_.back();
  free_.pop_back();
  active_.push_back(number);
}

void Parameters::begin(std::int64_t steady_frame) {
  steady_frame_ = steady_frame;
  std::size_t kept = 0;
  for (const std::uint32_t number : active_) {
    Slot &slot = slots_[number];
    slot.filled = 0;
    if (slot.line.moving(steady_frame)) active_[kept++] = number;
    else settle(slot);
  }
  active_.resize(kept);
}

void Parameters::change(std::uint32_t number, std::int32_t frame, double value, std::int64_t ramp_frames,
                        bool explicit_ramp) {
  Slot &slot = slots_[number];
  activate(number);
  frame = std::max(frame, slot.filled);  // what was adopted may come after what is given now
  if (frame > slot.filled) {
    slot.line.fill(slot.values + slot.filled, steady_frame_ + slot.filled, frame - slot.filled);
    slot.filled = frame;
  }
  slot.line = next(number, slot.line, steady_frame_ + frame, value, ramp_frames, explicit_ramp);
}

Line Parameters::next(std::uint32_t number, const Line &line, std::int64_t frame, double value,
                      std::int64_t ramp_frames, bool explicit_ramp) const {
  const Slot &slot = slots_[number];
  const bool jumps = slot.smoothing_frames < 0;
  const std::int64_t length = jumps ? 0 : explicit_ramp ? ramp_frames : slot.smoothing_frames;
  return Line(*slot.port, line.at(frame), std::clamp(value, slot.port->min, slot.port->max), frame, length);
}

void Parameters::adopt(std::uint32_t number, const Parameters &old, std::uint32_t before, std::int64_t steady_frame) {
  Slot &slot = slots_[number];
  slot.line = old.slots_[before].line;
  if (slot.line.moving(steady_frame)) activate(number);
  else settle(slot);
}

void Parameters::reset() {
  for (Slot &slot : slots_) {
    slot.line = Line(slot.line.target());
    settle(slot);
  }
  active_.clear();
}

void Parameters::finish(std::int32_t frames) {
  for (const std::uint32_t number : active_) {
    Slot &slot = slots_[number];
    slot.line.fill(slot.values + slot.filled, steady_frame_ + slot.filled, frames - slot.filled);
    slot.cell->hint = 0;
    *slot.channel = slot.values;
  }
}

}  // namespace arranger
