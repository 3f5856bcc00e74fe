// SPDX-License-Identifier: MIT
// The tempo where the song is, exact and the same however calls are cut.
#pragma once

#include <arranger/plugin.hpp>

#include <cstdint>

namespace effects {

// The beat at which the scheduler's rounding reaches `song_frame` (1 or later), by bisection: that is where the unrounded
// frame is half a frame less.
inline double beat_of_frame(const arr_transport &transport, std::int64_t song_frame, double guess) {
  const auto reached = [&](double beat) { return transport.frame_of_beat(&transport, beat) >= song_frame; };
  double low = guess - 0.01, high = guess + 0.01;
  for (double step = 0.02; low > 0.0 && reached(low); step *= 2.0) low -= step;
  for (double step = 0.02; step < 0x1p30 && !reached(high); step *= 2.0) high += step;
  while (high - low > 1e-11) {
    const double middle = 0.5 * (low + high);
    if (middle <= low || middle >= high) break;
    (reached(middle) ? high : low) = middle;
  }
  return high;
}

// Song frames over which a tempo is a mean; cells begin at its multiples.
inline constexpr std::int64_t tempo_cell = 1024;

// Frames that a quarter note lasts around a frame of the block: the mean over its cell. transport.bpm is
// that of the call's first frame, which is elsewhere when calls are cut otherwise. [audio] Real-time safe; about a
// microsecond.
inline double frames_per_beat(const arranger::Block &block, arranger::Frame frame) {
  const arr_transport &transport = block.transport;
  const std::int64_t first = block.song_frame(frame) / tempo_cell * tempo_cell + 1;
  const double beats_per_frame = transport.bpm / (60.0 * block.sample_rate);
  const double guess = transport.beat + static_cast<double>(first - transport.song_frame) * beats_per_frame;
  const double begin = beat_of_frame(transport, first, guess);
  const double end =
      beat_of_frame(transport, first + tempo_cell, begin + static_cast<double>(tempo_cell) * beats_per_frame);
  return static_cast<double>(tempo_cell) / (end - begin);
}

}  // namespace effects
