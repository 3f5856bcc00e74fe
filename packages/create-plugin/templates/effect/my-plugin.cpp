// SPDX-License-Identifier: MIT
// My Plugin: drives the sound into a soft curve, which adds overtones, and sets its level.
#include <arranger/plugin.hpp>

using namespace arranger;

class Effect final : public Plugin {
  // Ports are members: this is all that is said of them. They appear in graphs, editors and TypeScript types in this order.
  AudioIn  in {*this, "audio_in", "Audio In", {.doc = "The sound to drive."}};
  AudioOut out{*this, "audio_out", "Audio Out", {.doc = "The driven sound."}};
  // The engine ramps, smooths and automates parameters, so here they are only read: drive[i] is the value at frame i.
  Param drive{*this, "drive", "Drive", {.min = 1, .max = 40, .default_value = 8, .taper = Taper::log, .smoothing_ms = 20, .doc = "How far the sound is pushed into the curve."}};
  Param gain {*this, "gain", "Gain", {.min = 0, .max = 2, .default_value = 0.5, .taper = Taper::db, .smoothing_ms = 20, .doc = "Factor on the driven sound."}};

  // Called for at most 128 frames at a time, on the audio thread: nothing here may allocate, lock, wait or print.
  void process(const Block& block) override {
    if (in.silent()) return sleep();  // silence in, silence out: not called again until there is sound
    for (Frame i : block) {
      out.left[i]  = gain[i] * dsp::tanh(drive[i] * in.left[i]);
      out.right[i] = gain[i] * dsp::tanh(drive[i] * in.right[i]);
    }
  }
};

ARRANGER_PLUGIN(Effect, {.id = "com.example.my-plugin", .name = "My Plugin", .category = Category::effect, .version = 1, .doc = "Drives the sound into a soft curve."})
