// SPDX-License-Identifier: MIT
#include <arranger/plugin.hpp>
using namespace arranger;

class Tremolo final : public Plugin {
  AudioIn  in   {*this, "audio_in",  "Audio In"};
  AudioOut out  {*this, "audio_out", "Audio Out"};
  Param    rate {*this, "rate",  "Rate",  {.min = 0.1, .max = 20, .default_value = 5, .unit = Unit::hertz, .taper = Taper::log, .doc = "Swings per second."}};
  Param    depth{*this, "depth", "Depth", {.min = 0, .max = 1, .default_value = 0.5, .smoothing_ms = 20, .doc = "How far the level falls: 1 down to silence."}};
  dsp::Phasor phasor;

  void reset() override { phasor.reset(); }

  void process(const Block& block) override {
    const auto lfo = phasor.sine(rate, block.sample_rate);   // a block of values, at most 128, on the stack
    for (Frame i : block) {
      const float level = 1.0f - 0.5f * depth[i] * (1.0f + lfo[i]);
      out.left[i]  = level * in.left[i];
      out.right[i] = level * in.right[i];
    }
  }
};
ARRANGER_PLUGIN(Tremolo, {.id = "com.example.tremolo", .name = "Tremolo", .category = Category::effect, .version = 1, .doc = "Modulates the level with a sine."})
