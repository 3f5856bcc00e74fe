// SPDX-License-Identifier: MIT
// builtin.control_lfo: a slow wave as a control signal: clamp(offset + amplitude * wave, 0, 1).
//
// All shapes begin at phase 0 as a sine does: sine, triangle and sawtooth at 0 and rising, the square with its +1 half.
// Free, the phase counts in steps of 2^-64 turn from reset on. Synchronised, it follows the song while the song plays: a
// cycle begins exactly on the frame of every multiple of its beats, and between two frames of its grid (the cycle, cut into
// equal parts of at most a quarter note) it goes in a straight line. So it is right at once after a seek or a loop, and the
// same wherever calls begin. While the song stands still it runs on at the song's tempo.
#include <arranger/plugin.hpp>

#include <cmath>

using namespace arranger;

namespace {

enum Shape { sine, square, triangle, sawtooth };

float wave(int shape, std::uint32_t phase) {
  switch (shape) {
    case square:
      return phase < 0x80000000u ? 1.0f : -1.0f;
    case triangle:
      return dsp::detail::quarters(phase);
    case sawtooth:
      return static_cast<float>(static_cast<std::int32_t>(phase)) * 0x1p-31f;
    default:
      return dsp::sine_of_phase(phase);
  }
}

// The phase of a cycle of the song, frame by frame, by the part of the grid that holds the frame.
class SongPhase {
 public:
  explicit SongPhase(const Block &block) : block_(block) {}

  // 64-bit turns. `beats` of a cycle, > 0.
  std::uint64_t operator()(Frame frame, float beats) {
    if (beats != beats_ || frame >= end_) find(frame, beats);
    const double parts_done =
        static_cast<double>(part_) + static_cast<double>(frame - begin_) / static_cast<double>(end_ - begin_);
    return static_cast<std::uint64_t>(parts_done / static_cast<double>(parts_) * 0x1p53) << 11;
  }

 private:
  void find(Frame frame, float beats) {
    beats_ = beats;
    parts_ = static_cast<std::int64_t>(std::ceil(beats));
    const double step = static_cast<double>(beats) / static_cast<double>(parts_);
    const std::int64_t n = block_.step_at(frame, step);
    part_ = n % parts_;
    begin_ = block_.frame_of_beat(static_cast<double>(n) * step);
    end_ = block_.frame_of_beat(static_cast<double>(n + 1) * step);
  }

  const Block &block_;
  float beats_ = 0.0f;
  std::int64_t parts_ = 1, part_ = 0, begin_ = 0, end_ = 0;
};

class ControlLfo final : public Plugin {
  Param frequency{*this,
                  "frequency",
                  "Frequency",
                  {.min = 0.01,
                   .max = 100,
                   .default_value = 1,
                   .unit = Unit::hertz,
                   .taper = Taper::log,
                   .doc = "Cycles per second, where Sync is off."}};
  Param amplitude{*this, "amplitude", "Amplitude", {.default_value = 0.5, .doc = "How far the wave goes either way."}};
  Param offset{*this, "offset", "Offset", {.default_value = 0.5, .doc = "The value that the wave moves around."}};
  Param shape{*this, "shape", "Shape", {.choices = {"Sine", "Square", "Triangle", "Sawtooth"}, .doc = "The wave."}};
  Param sync{*this, "sync", "Sync", {.hint = Hint::toggle, .doc = "1: cycles follow the beats of the song."}};
  Param beats{*this,
              "beats",
              "Beats",
              {.min = 0.0625,
               .max = 64,
               .default_value = 4,
               .unit = Unit::beats,
               .taper = Taper::log,
               .doc = "Length of a cycle in quarter notes, where Sync is on."}};
  ControlOut out{*this, "control_out", "Control Out", {.doc = "Offset plus amplitude times the wave, cut to 0..1."}};

  std::uint64_t phase = 0;  // of the next frame, in steps of 2^-64 turn
  Kept goes_on{*this, phase};

  void reset() override { phase = 0; }

  void process(const Block &block) override {
    SongPhase song(block);
    const double turns_per_hertz = 0x1p64 / block.sample_rate;
    const double beats_per_second = block.bpm() / 60;
    for (Frame i : block) {
      const bool synced = sync[i] >= 0.5f, follows = synced && block.playing();
      if (follows) phase = song(i, beats[i]);
      const double level =
          static_cast<double>(wave(static_cast<int>(shape[i] + 0.5f), static_cast<std::uint32_t>(phase >> 32)));
      const double value = static_cast<double>(offset[i]) + static_cast<double>(amplitude[i]) * level;
      out[i] = static_cast<float>(value < 0.0 ? 0.0 : value > 1.0 ? 1.0 : value);
      const double hertz =
          synced ? beats_per_second / static_cast<double>(beats[i]) : static_cast<double>(frequency[i]);
      // Where the song stops here, it goes on from the song's next frame: the tempo is that of the call's start.
      phase = follows ? song(i + 1, beats[i]) : phase + static_cast<std::uint64_t>(hertz * turns_per_hertz);
    }
  }
};

}  // namespace

ARRANGER_PLUGIN(ControlLfo, {.id = "builtin.control_lfo",
                             .name = "LFO",
                             .category = Category::event_gen,
                             .version = 1,
                             .doc = "A slow wave as a control signal, free or on the beats of the song.",
                             .author = "Arranger",
                             .preserves_finite = true})
