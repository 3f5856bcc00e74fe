// SPDX-License-Identifier: MIT
#include "render/session_renderer.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/denormals.hpp"

namespace arranger {

SessionRenderer::SessionRenderer(std::unique_ptr<Plan> plan, const Schedule &schedule, TempoMap map, bool offline)
    : plan_(std::move(plan)), map_(std::move(map)) {
  const TargetLookup lookup{
      [this](std::string_view node) { return plan_->event_target(node); },
      [this](std::string_view node, std::string_view param) { return plan_->param_target(node, param); }};
  timeline_ = make_timeline(schedule, map_, lookup);
  transport_.shown.struct_size = sizeof(arr_transport);
  transport_.shown.flags = ARR_TRANSPORT_PLAYING;
  if (offline) transport_.shown.flags |= ARR_TRANSPORT_OFFLINE;
  transport_.shown.time_signature_numerator = 4;
  transport_.shown.time_signature_denominator = 4;
  transport_.shown.frame_of_beat = frame_of_beat;
}

std::int64_t SessionRenderer::frame_of_beat(const arr_transport *transport, double beat) {
  return reinterpret_cast<const Transport *>(transport)->map->frame(beat);
}

void SessionRenderer::show_transport() {
  transport_.map = &map_;
  arr_transport &shown = transport_.shown;
  shown.song_frame = steady_frame_;
  shown.beat = map_.beat(steady_frame_);
  shown.bpm = map_.bpm(shown.beat);
  shown.bar = static_cast<std::int32_t>(std::floor(shown.beat / 4));
  shown.bar_beat = shown.bar * 4.0;
}

void SessionRenderer::dispatch(const Slice &slice) {
  const std::int64_t end = steady_frame_ + slice.frames;
  const std::vector<TimedEvent> &events = timeline_.events;
  for (; next_ < events.size() && events[next_].frame < end; ++next_) {
    const TimedEvent &timed = events[next_];
    const auto frame = static_cast<std::int32_t>(timed.frame - steady_frame_);
    if (timed.event.type == param_change) {
      plan_->change(timed.target, frame, timed.event.value, static_cast<std::int64_t>(timed.event.data),
                    timed.event.note_id == explicit_ramp);
      continue;
    }
    arr_event event = timed.event;
    event.frame = frame;
    plan_->deliver(timed.target, event);
  }
}

void SessionRenderer::render(float *left, float *right, std::int32_t frames, float *const *taps) {
  const FlushDenormals guard;
  for (std::int32_t done = 0; done < frames;) {
    const std::int32_t count = std::min(frames - done, plan_->max_frames());
    show_transport();
    const Slice slice{count, steady_frame_, &transport_.shown};
    plan_->begin(slice);
    dispatch(slice);
    plan_->run(slice);
    const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(float);
    std::memcpy(left + done, plan_->left(), bytes);
    std::memcpy(right + done, plan_->right(), bytes);
    for (std::size_t i = 0; taps && i < plan_->taps().size(); ++i) {
      std::memcpy(taps[2 * i] + done, plan_->taps()[i].left, bytes);
      std::memcpy(taps[2 * i + 1] + done, plan_->taps()[i].right, bytes);
    }
    steady_frame_ += count;
    done += count;
  }
}

}  // namespace arranger
