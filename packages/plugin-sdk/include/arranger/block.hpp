// SPDX-License-Identifier: MIT
// The frames that process is given, and where in the song they are.
//
// What depends on the song must not depend on how calls are cut: place things with song_frame, frame_of_beat, step_at and
// beat_at, which are functions of the song frame alone. transport.beat + frame * bpm / … is not: it rounds otherwise than
// the scheduler, and the call begins elsewhere next time.
#pragma once

#include <arranger/types.hpp>

#include <cmath>
#include <cstdint>

namespace arranger {

// 3/4 is numerator 3, denominator 4.
struct TimeSignature {
  int numerator;    // beats in a bar
  int denominator;  // which note is a beat: 4 = a quarter
};

// The frames that process shall fill, 1..max_block_frames, counted from 0. `for (Frame i : block)` visits each. All of it is
// [audio] and real-time safe. While playing, a block never spans a seek or the end of a loop.
struct Block {
  Frame frames;
  double sample_rate;              // Hz
  std::int64_t steady_frame;       // of frame 0; counts since the engine started and never jumps
  const arr_transport &transport;  // at the start of the engine's call, `offset` frames before frame 0
  Frame offset;
  std::int64_t frames_since_reset;  // at frame 0; sleep counts too, so that what happens every so often keeps its grid

  // Whether the song moves, whether it does so in a loop, and whether nobody waits for the sound.
  bool playing() const { return (transport.flags & ARR_TRANSPORT_PLAYING) != 0; }
  bool looping() const { return (transport.flags & ARR_TRANSPORT_LOOPING) != 0; }
  bool offline() const { return (transport.flags & ARR_TRANSPORT_OFFLINE) != 0; }
  // The song frame of a frame of this block; all are the same while the song stands still.
  std::int64_t song_frame(Frame frame = 0) const { return transport.song_frame + (playing() ? offset + frame : 0); }
  // Where a beat is, counted from frame 0 of this block: negative when it is over, block.frames or more when it is to come.
  // The scheduler's own rounding: an event of that beat is on this frame.
  std::int64_t frame_of_beat(double beat) const {
    return transport.frame_of_beat(&transport, beat) - transport.song_frame - (playing() ? offset : 0);
  }
  // The number n of the grid line, n * step beats, that is the last at or before `frame`: frame_of_beat(n * step) <= frame.
  // The lines that fall into this block are n + 1, … while their frame_of_beat is less than `frames`.
  // step > 0, in beats. 0 before the first line.
  std::int64_t step_at(Frame frame, double step) const {
    // The beat of the call is near enough to begin the search; the exact frames decide.
    auto n = static_cast<std::int64_t>(std::floor(transport.beat / step));
    if (n < 0) n = 0;
    while (frame_of_beat(static_cast<double>(n + 1) * step) <= frame) ++n;
    while (n > 0 && frame_of_beat(static_cast<double>(n) * step) > frame) --n;
    return n;
  }
  // The beat at a frame of this block: exact on every quarter note, a straight line between two of them.
  double beat_at(Frame frame) const {
    const std::int64_t n = step_at(frame, 1);
    const auto whole = static_cast<double>(n);
    const auto before = static_cast<double>(frame_of_beat(whole));
    const auto after = static_cast<double>(frame_of_beat(whole + 1));
    return whole + (static_cast<double>(frame) - before) / (after - before);
  }
  // The tempo and the time signature at the start of the engine's call: for people and for what may lag by one call.
  double bpm() const { return transport.bpm; }
  TimeSignature time_signature() const {
    return {transport.time_signature_numerator, transport.time_signature_denominator};
  }

  // What `for (Frame i : block)` goes by.
  class Iterator {
   public:
    constexpr explicit Iterator(Frame frame) : frame_(frame) {}
    // As a range-based for calls them.
    constexpr Frame operator*() const { return frame_; }
    constexpr Iterator &operator++() {
      ++frame_;
      return *this;
    }
    constexpr bool operator!=(const Iterator &other) const { return frame_ != other.frame_; }

   private:
    Frame frame_;
  };
  // From frame 0 to the last.
  Iterator begin() const { return Iterator(0); }
  Iterator end() const { return Iterator(frames); }
};

}  // namespace arranger
