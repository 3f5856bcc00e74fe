// SPDX-License-Identifier: MIT
// My Plugin: shows how loud the sound is that passes through, which it leaves as it is.
#include <arranger/plugin.hpp>

#include <algorithm>
#include <cmath>

using namespace arranger;

class Meter final : public Plugin {
  // Ports are members: this is all that is said of them. They appear in graphs, editors and TypeScript types in this order.
  AudioIn  in  {*this, "audio_in", "Audio In", {.doc = "What is measured."}};
  AudioOut out {*this, "audio_out", "Audio Out", {.doc = "The input, unchanged."}};
  Param    fall{*this, "fall", "Fall", {.min = 0.01, .max = 10, .default_value = 0.3, .unit = Unit::seconds, .taper = Taper::log, .doc = "Time in which what is shown falls to a third."}};
  // A monitor goes to people, not to other nodes: programs read it while the song plays, and after a render.
  Monitor  level{*this, "level", "Level", {.max = 4, .hint = Hint::meter, .doc = "The greatest sample of both sides, which falls slowly."}};

  float shown = 0.0f;

  void reset() override { shown = 0.0f; }

  // Called for at most 128 frames at a time, on the audio thread: nothing here may allocate, lock, wait or print.
  void process(const Block& block) override {
    for (Frame i : block) {
      const float keep = 1.0f - 1.0f / (fall[i] * static_cast<float>(block.sample_rate));
      shown = std::max(keep * shown, std::max(std::abs(in.left[i]), std::abs(in.right[i])));
      out.left[i]  = in.left[i];
      out.right[i] = in.right[i];
    }
    if (in.silent() && shown < 1e-6f) {
      shown = 0.0f;
      sleep();   // not called again until there is sound
    }
    level.set(shown);
  }
};

ARRANGER_PLUGIN(Meter, {.id = "com.example.my-plugin", .name = "My Plugin", .category = Category::utility, .version = 1, .doc = "Shows how loud the sound is that passes through."})
