// SPDX-License-Identifier: MIT
// builtin.level: shows how loud the sound is that passes through, bit for bit.
//
// Peak: the greatest sample magnitude; it is held for a while and then falls by 20 dB in 1.7 s, as the meters of
// IEC 60268-18 do. RMS: over the last 300 ms, a whole number of steps of 10 ms that are counted from reset; a sine reads
// 3 dB less than its peak. Both in dBFS, -120 and less as -120.
#include <arranger/plugin.hpp>

#include <algorithm>
#include <array>
#include <cmath>

using namespace arranger;

namespace {

constexpr float floor_db = -120.0f;
constexpr double floor_gain = 1e-6;
constexpr double fall_db_per_second = 20.0 / 1.7;
constexpr int window_steps = 30;  // of 10 ms

float to_db(float gain) { return std::max(floor_db, dsp::gain_to_db(gain)); }

class Peak {
 public:
  void add(float sample, Frame hold, double fall) {
    const double size = std::abs(static_cast<double>(sample));
    if (size >= value_) {
      value_ = size;
      held_ = hold;
    } else if (held_ > 0) {
      --held_;
    } else {
      value_ *= fall;
      if (value_ < floor_gain) value_ = 0.0;
    }
  }
  float value() const { return static_cast<float>(value_); }

 private:
  double value_ = 0.0;
  Frame held_ = 0;
};

class Rms {
 public:
  void add(float sample) { running_ += static_cast<double>(sample) * static_cast<double>(sample); }
  // The window moves on by one step of so many frames.
  void step(Frame frames, std::int64_t number) {
    steps_[static_cast<std::size_t>(number % window_steps)] = running_;
    running_ = 0.0;
    double sum = 0.0;
    for (std::int64_t n = number + 1; n <= number + window_steps; ++n)
      sum += steps_[static_cast<std::size_t>(n % window_steps)];
    value_ = static_cast<float>(std::sqrt(sum / (static_cast<double>(frames) * window_steps)));
  }
  float value() const { return value_; }
  bool silent() const { return value_ == 0.0f && running_ == 0.0; }

 private:
  std::array<double, window_steps> steps_{};
  double running_ = 0.0;
  float value_ = 0.0f;
};

ParamOptions meter(const char *doc) {
  return {.min = -120, .max = 24, .default_value = -120, .unit = Unit::decibels, .hint = Hint::meter, .doc = doc};
}

class Level final : public Plugin {
  AudioIn in{*this, "audio_in", "Audio In", {.doc = "What is measured."}};
  AudioOut out{*this, "audio_out", "Audio Out", {.doc = "The input, unchanged."}};
  Param hold{*this,
             "hold",
             "Hold",
             {.max = 10, .default_value = 1, .unit = Unit::seconds, .doc = "How long a peak stays before it falls."}};
  Monitor peak_l{*this, "peak_l", "Peak L", meter("Peak of the left side.")};
  Monitor peak_r{*this, "peak_r", "Peak R", meter("Peak of the right side.")};
  Monitor rms_l{*this, "rms_l", "RMS L", meter("RMS of the left side.")};
  Monitor rms_r{*this, "rms_r", "RMS R", meter("RMS of the right side.")};

  struct Side {
    Peak peak;
    Rms rms;
    bool silent() const { return peak.value() == 0.0f && rms.silent(); }
  };
  Side left, right;
  Frame step_frames = 480;
  double fall = 0.0;  // factor per frame

  void activate(const Activation &activation) override {
    step_frames = static_cast<Frame>(std::lround(activation.sample_rate / 100));
    fall = std::pow(10.0, -fall_db_per_second / 20 / activation.sample_rate);
  }

  void reset() override { left = right = {}; }

  void process(const Block &block) override {
    std::int64_t at = block.frames_since_reset;
    for (Frame i : block) {
      const float l = in.left[i], r = in.right[i];
      const auto hold_frames = static_cast<Frame>(static_cast<double>(hold[i]) * block.sample_rate);
      left.peak.add(l, hold_frames, fall);
      right.peak.add(r, hold_frames, fall);
      left.rms.add(l);
      right.rms.add(r);
      out.left[i] = l;
      out.right[i] = r;
      if (++at % step_frames != 0) continue;
      left.rms.step(step_frames, at / step_frames);
      right.rms.step(step_frames, at / step_frames);
    }
    peak_l.set(to_db(left.peak.value()));
    peak_r.set(to_db(right.peak.value()));
    rms_l.set(to_db(left.rms.value()));
    rms_r.set(to_db(right.rms.value()));
    if (!in.silent()) return;
    if (left.silent() && right.silent()) sleep();
    else out.set_silent();
  }
};

}  // namespace

ARRANGER_PLUGIN(Level, {.id = "builtin.level",
                        .name = "Level",
                        .category = Category::utility,
                        .version = 1,
                        .doc = "Shows peak and RMS of what passes through, unchanged.",
                        .author = "Arranger",
                        .preserves_finite = true,
                        .in_place = true})
