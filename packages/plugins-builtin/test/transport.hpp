// SPDX-License-Identifier: MIT
// A transport for the harness: a tempo per stretch of the song, and the frames on which the position jumps.
#pragma once

#include <arranger/plugin.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace harness {

struct TempoChange {
  double beat;  // from here on, >= 0
  double bpm;
};

class Transport {
 public:
  // Stopped on beat 0, 120 BPM, 4/4.
  explicit Transport(double sample_rate) : sample_rate_(sample_rate) {}

  // Sorted by beat, the first on beat 0.
  void tempo(std::vector<TempoChange> changes) { tempo_ = std::move(changes); }
  // The first bar begins on `first_bar`, in beats.
  void signature(int numerator, int denominator, double first_bar = 0);

  // In the next run, at a frame counted from its start: plays from a beat on (a start, a seek, a loop), or stops there.
  void play(int frame, double beat) { jumps_.push_back({frame, beat, true}); }
  void stop(int frame) { jumps_.push_back({frame, 0, false}); }

  // floor(F(beat) + 0.5), F in double precision from beat 0.
  std::int64_t frame_of(double beat) const;
  // The first beat whose frames are not all before this frame.
  double beat_of(std::int64_t frame) const;

  // For the harness: how many of `frames` frames from `at` on come before the next jump, after making those due at `at`.
  int until_jump(int at, int frames);
  const arr_transport &show();
  void advance(int frames) { position_ += playing_ ? frames : 0; }
  void end_run() { jumps_.clear(); }

  // Before the next run: plays from a song frame on, or stands still.
  void play_from(std::int64_t song_frame) {
    position_ = song_frame;
    playing_ = true;
  }
  void stand() { playing_ = false; }

 private:
  struct Jump {
    int frame;
    double beat;
    bool playing;
  };
  struct Shown {
    arr_transport api;
    const Transport *owner;
  };
  double frames_of(double beat) const;

  double sample_rate_;
  std::vector<TempoChange> tempo_{{0, 120}};
  std::vector<Jump> jumps_;
  int numerator_ = 4, denominator_ = 4;
  double first_bar_ = 0;
  bool playing_ = false;
  std::int64_t position_ = 0;
  Shown shown_{};
};

}  // namespace harness
