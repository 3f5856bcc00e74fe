// SPDX-License-Identifier: MIT
#include "transport.hpp"

#include <algorithm>
#include <cmath>

namespace harness {

void Transport::signature(int numerator, int denominator, double first_bar) {
  first_bar_ = first_bar;
  numerator_ = numerator;
  denominator_ = denominator;
}

double Transport::frames_of(double beat) const {
  double frames = 0;
  for (std::size_t i = 0; i < tempo_.size() && tempo_[i].beat < beat; ++i) {
    const double end = i + 1 < tempo_.size() ? std::min(tempo_[i + 1].beat, beat) : beat;
    frames += (end - tempo_[i].beat) * (sample_rate_ * 60 / tempo_[i].bpm);
  }
  return frames;
}

std::int64_t Transport::frame_of(double beat) const {
  return static_cast<std::int64_t>(std::floor(frames_of(beat) + 0.5));
}

double Transport::beat_of(std::int64_t frame) const {
  std::size_t i = tempo_.size() - 1;
  while (i > 0 && frames_of(tempo_[i].beat) > static_cast<double>(frame)) --i;
  const double past = static_cast<double>(frame) - frames_of(tempo_[i].beat);
  return tempo_[i].beat + past / (sample_rate_ * 60 / tempo_[i].bpm);
}

int Transport::until_jump(int at, int frames) {
  for (const Jump &jump : jumps_) {
    if (jump.frame > at) frames = std::min(frames, jump.frame - at);
    if (jump.frame != at) continue;
    playing_ = jump.playing;
    if (jump.playing) position_ = frame_of(jump.beat);
  }
  return frames;
}

const arr_transport &Transport::show() {
  arr_transport &api = shown_.api;
  shown_.owner = this;
  api.struct_size = sizeof api;
  api.flags = playing_ ? ARR_TRANSPORT_PLAYING : 0;
  api.song_frame = position_;
  api.beat = beat_of(position_);
  for (const TempoChange &tempo : tempo_)
    if (tempo.beat <= api.beat) api.bpm = tempo.bpm;
  const double bar = numerator_ * 4.0 / denominator_;
  api.bar = static_cast<std::int32_t>(std::floor((api.beat - first_bar_) / bar));
  api.bar_beat = first_bar_ + api.bar * bar;
  api.time_signature_numerator = numerator_;
  api.time_signature_denominator = denominator_;
  api.frame_of_beat = [](const arr_transport *transport, double beat) {
    return reinterpret_cast<const Shown *>(transport)->owner->frame_of(beat);
  };
  return api;
}

}  // namespace harness
