// SPDX-License-Identifier: MIT
// The harness's song position: constant tempos between changes, and the frame of a beat rounded as the scheduler does.
#pragma once

#include "harness.hpp"

#include <cmath>
#include <utility>

namespace harness {

struct Instance::Transport {
  explicit Transport(double rate) : sample_rate(rate) {
    shown.struct_size = sizeof shown;
    shown.time_signature_numerator = shown.time_signature_denominator = 4;
    shown.frame_of_beat = [](const arr_transport *transport, double beat) {
      return static_cast<std::int64_t>(
          std::floor(reinterpret_cast<const Transport *>(transport)->frames_at(beat) + 0.5));
    };
    move(0);
  }

  // Frames from beat 0 to a beat, not rounded.
  double frames_at(double beat) const {
    double frames = 0;
    for (std::size_t i = 0; i < tempo.size() && tempo[i].beat <= beat; ++i) {
      const double end = i + 1 < tempo.size() ? std::min(beat, tempo[i + 1].beat) : beat;
      frames += (end - tempo[i].beat) * 60 / tempo[i].bpm * sample_rate;
    }
    return frames;
  }

  void move(std::int64_t song_frame) {
    shown.song_frame = song_frame;
    std::size_t last = 0;
    while (last + 1 < tempo.size() && frames_at(tempo[last + 1].beat) <= static_cast<double>(song_frame)) ++last;
    shown.bpm = tempo[last].bpm;
    shown.beat = tempo[last].beat +
                 (static_cast<double>(song_frame) - frames_at(tempo[last].beat)) / sample_rate * shown.bpm / 60;
    shown.bar = static_cast<std::int32_t>(std::floor(shown.beat / 4));
    shown.bar_beat = 4.0 * shown.bar;
  }
  void advance(int frames) {
    if ((shown.flags & ARR_TRANSPORT_PLAYING) != 0) move(shown.song_frame + frames);
  }

  arr_transport shown{};  // first: frame_of_beat finds the rest behind it
  double sample_rate;
  std::vector<TempoChange> tempo{{0, 120}};
};

}  // namespace harness
