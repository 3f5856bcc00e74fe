// SPDX-License-Identifier: MIT
// Attack, decay, sustain, release with exponential segments that last exactly as long as they say.
#pragma once

#include <arranger/dsp/math.hpp>
#include <arranger/dsp/signal.hpp>

#include <limits>

namespace arranger::dsp {

// Each segment goes from the level it begins at to its end along a capacitor's curve, cut so that the end is met on the
// segment's last frame: level(k) = a + (start - a) * 2^(-curve k / length), a = start + (end - start) / (1 - 2^-curve).
// Attack has a curve of 2 octaves (it heads for a third above its end, as analog generators do), decay and release one
// of 10 (60 dB). Being a closed form of the frame the segment began on, it has the same bits however a block is cut,
// and vectorises.
// Times and sustain are taken when a segment begins: set them before trigger() and release(), and a note is not bent by
// a later change. Levels are 0 .. 1. [audio] Real-time safe, the setters and activate too.
class Envelope {
 public:
  // Where it is; idle is silence.
  enum class Stage {
    idle,     // silent
    attack,   // on the way to 1
    decay,    // on the way to the sustain level
    sustain,  // at that level until release()
    release,  // on the way to 0
  };

  // Hz, > 0. Resets.
  void activate(double sample_rate) {
    sample_rate_ = sample_rate;
    reset();
  }

  // Seconds, >= 0 (0: at once), limited to 2^24 frames (349 s at 48 kHz). Defaults: 0.005, 0.1, 0.05.
  void set_attack(float seconds) { attack_ = seconds; }
  void set_decay(float seconds) { decay_ = seconds; }
  void set_release(float seconds) { release_ = seconds; }
  // 0 .. 1, default 0.7. At 0 the note is over when its decay is.
  void set_sustain(float level) { sustain_ = level; }

  // All four at once.
  void set(float attack_seconds, float decay_seconds, float sustain_level, float release_seconds) {
    attack_ = attack_seconds;
    decay_ = decay_seconds;
    sustain_ = sustain_level;
    release_ = release_seconds;
  }

  // Begins an attack on the next frame, from the level of that frame: 0 when idle, no click when not.
  void trigger() { begin(Stage::attack); }

  // Begins the release on the next frame, from the level of that frame, whatever the stage. Idle stays idle, and a
  // release under way goes on.
  void release() {
    if (is_held()) begin(Stage::release);
  }

  // As release(), in `seconds` and from a release too: for a voice that has to make room.
  void fade_out(float seconds) {
    if (is_active()) begin_segment(Stage::release, 0.0f, seconds, release_curve);
    skip_empty_segments();
  }

  // Idle at level 0, at once.
  void reset() {
    stage_ = Stage::idle;
    end_ = 0.0f;
    position_ = length_ = 0;
  }

  // Of the next frame; active is whatever is not idle.
  Stage stage() const { return stage_; }
  bool is_active() const { return stage_ != Stage::idle; }
  // Triggered and neither released nor over.
  bool is_held() const { return is_active() && stage_ != Stage::release; }
  // The level of the next frame.
  float level() const { return position_ < length_ ? at(position_) : end_; }

  // One frame: its level.
  float next() {
    const float now = level();
    move(1);
    return now;
  }

  // The segment under way, for those who compute many envelopes side by side (lanes.hpp): its level k frames on is
  // asymptote + distance * 2^(octaves * (position + k)), for k < frames. A level that rests has distance 0 and no end.
  struct Segment {
    float asymptote, distance, octaves;  // of the formula above; octaves are for a frame
    Frame position, frames;              // frames since it began, frames that are left
  };
  // As it is at the next frame.
  Segment segment() const {
    if (position_ >= length_) return {end_, 0.0f, 0.0f, 0, std::numeric_limits<Frame>::max()};
    return {asymptote_, distance_, octaves_per_frame_, position_, length_ - position_};
  }
  // As that many calls of next(), at most segment().frames; true where the segment was over.
  bool advance(Frame frames) {
    const bool over = position_ < length_ && frames >= length_ - position_;
    move(frames);
    return over;
  }

  // `size` frames, 0 .. max_frames.
  Signal next(Frame size) {
    if (position_ >= length_) return Signal(size, end_);
    Signal out(size);
    Frame done = 0;
    while (done < size) done += fill(out, done, size - done);
    return out;
  }

 private:
  static constexpr float attack_curve = 2.0f;
  static constexpr float release_curve = 9.96578428f;

  float at(Frame k) const { return asymptote_ + distance_ * exp2(static_cast<float>(k) * octaves_per_frame_); }

  // Writes at most `size` frames of the segment under way and returns how many.
  Frame fill(Signal &out, Frame offset, Frame size) {
    const Frame left = length_ - position_;
    if (left <= 0) {
      for (Frame i = 0; i < size; ++i) out[offset + i] = end_;
      return size;
    }
    const Frame count = size < left ? size : left;
    const Frame position = position_;
    const float asymptote = asymptote_, distance = distance_, octaves = octaves_per_frame_;
    float *samples = out.data() + offset;
    for (Frame i = 0; i < count; ++i)
      samples[i] = asymptote + distance * exp2(static_cast<float>(position + i) * octaves);
    move(count);
    return count;
  }

  void move(Frame frames) {
    if (position_ >= length_) return;
    position_ += frames;
    skip_empty_segments();
  }

  void skip_empty_segments() {
    while (position_ >= length_ && stage_ != Stage::sustain && stage_ != Stage::idle) finish();
  }

  void finish() {
    switch (stage_) {
      case Stage::attack:
        begin_segment(Stage::decay, sustain_, decay_, release_curve);
        break;
      case Stage::decay:
        stage_ = end_ > 0.0f ? Stage::sustain : Stage::idle;
        break;
      default:
        reset();
        break;
    }
  }

  void begin(Stage stage) {
    if (stage == Stage::attack) begin_segment(stage, 1.0f, attack_, attack_curve);
    else begin_segment(stage, 0.0f, release_, release_curve);
    skip_empty_segments();
  }

  void begin_segment(Stage stage, float end, float seconds, float curve) {
    const float start = level();
    end_ = end;
    const double frames = static_cast<double>(seconds) * sample_rate_ + 0.5;
    length_ = frames < 0x1p24 ? (frames > 0.0 ? static_cast<Frame>(frames) : 0) : 1 << 24;
    position_ = 0;
    stage_ = stage;
    asymptote_ = start + (end - start) / (1.0f - exp2(-curve));
    distance_ = start - asymptote_;
    octaves_per_frame_ = length_ > 0 ? -curve / static_cast<float>(length_) : 0.0f;
  }

  double sample_rate_ = 48000.0;
  float attack_ = 0.005f, decay_ = 0.1f, sustain_ = 0.7f, release_ = 0.05f;
  Stage stage_ = Stage::idle;
  float end_ = 0.0f;  // level when the segment is over, and from then on
  float asymptote_ = 0.0f, distance_ = 0.0f, octaves_per_frame_ = 0.0f;
  Frame position_ = 0;  // frames since the segment began
  Frame length_ = 0;
};

}  // namespace arranger::dsp
