// SPDX-License-Identifier: MIT
#include "graph/delays.hpp"

#include <algorithm>
#include <cstring>

namespace arranger {

DelayLine::DelayLine(std::int32_t channels, std::int32_t frames)
    : ring_(static_cast<std::size_t>(channels) * static_cast<std::size_t>(frames)),
      channels_(channels),
      frames_(frames),
      quiet_(frames) {}

bool DelayLine::read(float *const *out, std::int32_t at, std::int32_t count) const {
  if (silent()) {
    for (std::int32_t c = 0; c < channels_; ++c) std::fill_n(out[c] + at, count, 0.0f);
    return true;
  }
  const std::int32_t straight = std::min(count, frames_ - position_);
  for (std::int32_t c = 0; c < channels_; ++c) {
    const float *const ring = ring_.data() + std::ptrdiff_t{c} * frames_;
    std::copy_n(ring + position_, straight, out[c] + at);
    std::copy_n(ring, count - straight, out[c] + at + straight);
  }
  return false;
}

// A zero that is added leaves every sample as it is but makes -0 to +0, which is what a silent source would have been.
void DelayLine::write(const float *const *in, std::int32_t at, std::int32_t count, bool silent) {
  const std::int32_t straight = std::min(count, frames_ - position_);
  for (std::int32_t c = 0; c < channels_ && !(silent && this->silent()); ++c) {
    float *const ring = ring_.data() + std::ptrdiff_t{c} * frames_;
    const float *const source = in[c] + at;
    if (silent) {
      std::fill_n(ring + position_, straight, 0.0f);
      std::fill_n(ring, count - straight, 0.0f);
      continue;
    }
    for (std::int32_t i = 0; i < straight; ++i) ring[position_ + i] = source[i] + 0.0f;
    for (std::int32_t i = straight; i < count; ++i) ring[i - straight] = source[i] + 0.0f;
  }
  quiet_ = silent ? std::min(frames_, quiet_ + count) : 0;
  position_ = count - straight > 0 ? count - straight : (position_ + straight) % frames_;
}

bool DelayLine::exchange(const float *const *in, float *const *out, std::int32_t count, bool silent) {
  bool all_silent = true;
  for (std::int32_t done = 0; done < count;) {
    const std::int32_t part = std::min(count - done, frames_);
    all_silent = read(out, done, part) && all_silent;
    write(in, done, part, silent);
    done += part;
  }
  return all_silent;
}

void DelayLine::clear() {
  std::ranges::fill(ring_, 0.0f);
  position_ = 0;
  quiet_ = frames_;
}

namespace {

std::uint32_t hint_of(bool silent) { return silent ? ARR_HINT_SILENT | ARR_HINT_CONSTANT : 0; }

}  // namespace

void run_delay(Step &base, const Slice &slice) {
  auto &step = static_cast<DelayStep &>(base);
  const bool silent = (*step.source_hint & ARR_HINT_SILENT) != 0;
  step.hint = hint_of(step.line->exchange(step.in, step.out, slice.frames, silent));
}

void run_feedback_read(Step &base, const Slice &slice) {
  auto &step = static_cast<DelayStep &>(base);
  step.hint = hint_of(step.line->read(step.out, slice.frames));
}

void run_feedback_write(Step &base, const Slice &slice) {
  auto &step = static_cast<DelayStep &>(base);
  step.line->write(step.in, slice.frames, (*step.source_hint & ARR_HINT_SILENT) != 0);
}

void run_event_delay(Step &base, const Slice &slice) {
  auto &step = static_cast<EventDelayStep &>(base);
  for (std::uint32_t i = 0; i < step.source->count; ++i) {
    Pending pending{};
    pending.event = step.source->events[i];
    const std::int32_t frame = pending.event.frame;
    pending.due = slice.steady_frame + frame + step.frames;
    const bool fits = frame >= 0 && frame < slice.frames && pending.event.type != ARR_EVENT_SYSEX;
    if (!fits || !step.queue->push(pending)) count_lost(step.lost);
  }
  step.list.count = 0;
  const std::int64_t end = slice.steady_frame + slice.frames;
  for (; !step.queue->empty() && step.queue->front().due < end; step.queue->pop()) {
    if (step.list.count == input_event_capacity) {
      count_lost(step.lost);
      continue;
    }
    arr_event &event = step.storage[step.list.count++];
    event = step.queue->front().event;
    event.frame = static_cast<std::int32_t>(std::max<std::int64_t>(step.queue->front().due - slice.steady_frame, 0));
  }
}

}  // namespace arranger
