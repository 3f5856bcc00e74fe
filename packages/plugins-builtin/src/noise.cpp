// SPDX-License-Identifier: MIT
// builtin.noise: white, pink and brown noise of equal loudness, from the instance's seed.
//
// White: uniform, flat. Pink: white through Paul Kellet's refined filter (musicdsp.org, 1999), six one-poles whose sum falls
// by 3 dB per octave within 0.05 dB from 9 Hz to half the sample rate (at 44.1 kHz; the curve scales with the rate). Brown:
// white through a one-pole at 20 Hz, 6 dB per octave above it. All colours have the RMS of the white.
#include <arranger/plugin.hpp>

#include <array>
#include <cmath>
#include <numbers>

using namespace arranger;

namespace {

enum Colour { white, pink, brown };

constexpr double brown_corner = 20.0;  // Hz
// One over the RMS of Kellet's filter for white noise of RMS 1, from its impulse response.
constexpr float pink_gain = 0.3275974f;

struct PinkFilter {
  static constexpr std::array<float, 6> poles{0.99886f, 0.99332f, 0.96900f, 0.86650f, 0.55000f, -0.7616f};
  static constexpr std::array<float, 6> gains{0.0555179f, 0.0750759f, 0.1538520f, 0.3104856f, 0.5329522f, -0.0168980f};
  std::array<float, 6> state{};
  float delayed = 0.0f;

  float next(float in) {
    float sum = delayed + in * 0.5362f;
    for (std::size_t i = 0; i < state.size(); ++i) {
      state[i] = poles[i] * state[i] + gains[i] * in;
      sum += state[i];
    }
    delayed = in * 0.115926f;
    return sum * pink_gain;
  }
};

// What one side sounds like. A colour's filter rests while another one is chosen.
struct Side {
  dsp::Random random = dsp::Random();
  PinkFilter pink_filter;
  float brown_state = 0.0f;
};

class Noise final : public Plugin {
  Param colour{*this,
               "color",
               "Color",
               {.choices = {"White", "Pink", "Brown"}, .doc = "0, 3 or 6 dB less per octave, equally loud."}};
  Param level{*this,
              "level",
              "Level",
              {.default_value = 0.25,
               .smoothing_ms = 10,
               .doc = "Peak of the white noise, linear; the RMS of every colour is 0.577 times this."}};
  Param stereo{
      *this,
      "stereo",
      "Stereo",
      {.default_value = 1, .hint = Hint::toggle, .doc = "1: the sides are independent. 0: both are the left one."}};
  AudioOut out{*this, "audio_out", "Audio Out", {.doc = "The noise."}};

  std::uint64_t seed = 0;
  float brown_pole = 0.0f, brown_gain = 0.0f;
  Side left, right;
  Kept goes_on{*this, left, right};

  void activate(const Activation &activation) override {
    seed = activation.seed;
    const double pole = std::exp(-2 * std::numbers::pi * brown_corner / activation.sample_rate);
    brown_pole = static_cast<float>(pole);
    brown_gain = static_cast<float>(std::sqrt(1 - pole * pole));
    set_tail(-1);
  }

  void reset() override {
    left = right = Side{};
    left.random.reset(seed);
    right.random.reset(~seed);
  }

  void process(const Block &block) override {
    fill(left, out.left, block);
    fill(right, out.right, block);
    for (Frame i : block) {
      out.left[i] *= level[i];
      out.right[i] = stereo[i] >= 0.5f ? out.right[i] * level[i] : out.left[i];
    }
  }

  void fill(Side &side, float *to, const Block &block) {
    const dsp::Signal noise = side.random.noise(block.frames);
    for (Frame i : block) {
      const int chosen = static_cast<int>(colour[i] + 0.5f);
      to[i] = noise[i];
      if (chosen == pink) to[i] = side.pink_filter.next(noise[i]);
      if (chosen == brown) to[i] = side.brown_state = brown_pole * side.brown_state + brown_gain * noise[i];
    }
  }
};

}  // namespace

ARRANGER_PLUGIN(Noise, {.id = "builtin.noise",
                        .name = "Noise",
                        .category = Category::synth,
                        .version = 1,
                        .doc = "White, pink or brown noise, without end, the same for the same seed.",
                        .author = "Arranger",
                        .preserves_finite = true})
