// SPDX-License-Identifier: MIT
// builtin.gain: one linear gain for both sides of a stereo signal, and nothing else.
#include <arranger/plugin.hpp>

#include "effects/range.hpp"

using namespace arranger;

namespace {

class Gain final : public Plugin {
  AudioIn in{*this, "audio_in", "Audio In", {.doc = "What is to be made louder or quieter."}};
  AudioOut out{*this, "audio_out", "Audio Out", {.doc = "The input times the gain."}};
  Param gain{*this,
             "gain",
             "Gain",
             {.min = 0,
              .max = 4,
              .default_value = 1,
              .taper = Taper::db,
              .smoothing_ms = 10,
              .doc = "Linear gain of both sides; 1 leaves every bit as it is, 0 is silence."}};

  void process(const Block &block) override {
    if (in.silent()) return sleep();
    if (!gain.is_constant()) run(gain.data(), block.frames);
    else if (gain.value() > 1) run(gain.value(), block.frames);
    else quieten(gain.value(), block.frames);
  }

  template <class Gain>
  void run(Gain by, Frame frames) const {
    effects::multiply(in.left, by, out.left, frames);
    effects::multiply(in.right, by, out.right, frames);
  }

  void quieten(float by, Frame frames) const {
    effects::attenuate(in.left, by, out.left, frames);
    effects::attenuate(in.right, by, out.right, frames);
  }
};

}  // namespace

ARRANGER_PLUGIN(Gain, {.id = "builtin.gain",
                       .name = "Gain",
                       .category = Category::utility,
                       .version = 1,
                       .doc = "One linear gain for both sides of a stereo signal.",
                       .author = "Arranger",
                       .preserves_finite = true,
                       .in_place = true,
                       .is_gain = true})
