// SPDX-License-Identifier: MIT
// builtin.compressor: takes back what is louder than a threshold. After Dimitrios Giannoulis, Michael Massberg and
// Joshua D. Reiss, "Digital Dynamic Range Compressor Design: A Tutorial and Analysis" (2012): feed-forward, both sides
// linked, a soft knee of second order (their equation 4), and the smooth branching peak detector (equation 16) on the gain
// reduction in dB, so that attack and release are each the time constant of an exponential in dB.
#include <arranger/plugin.hpp>

#include <algorithm>
#include <array>

#include "effects/decay.hpp"
#include "effects/range.hpp"

using namespace arranger;
using effects::to_finite;

namespace {

constexpr double rms_seconds = 0.01;
// Less reduction than this, in dB, is none once the input is silent.
constexpr double nothing_db = 1e-4;

enum Detector { by_peak, by_rms };

class Compressor final : public Plugin {
  AudioIn in{*this, "audio_in", "Audio In", {.doc = "What is compressed."}};
  SidechainIn key{*this,
                  "sidechain_in",
                  "Sidechain In",
                  {.doc = "Where it is connected, its level counts instead of the input's."}};
  AudioOut out{*this, "audio_out", "Audio Out", {.doc = "The compressed sound, without latency."}};
  Param threshold_db{*this,
                     "threshold_db",
                     "Threshold",
                     {.min = -60,
                      .max = 0,
                      .default_value = -18,
                      .unit = Unit::decibels,
                      .smoothing_ms = 20,
                      .doc = "The level from which on the ratio rules; 0 is full scale."}};
  Param ratio{*this,
              "ratio",
              "Ratio",
              {.min = 1,
               .max = 100,
               .default_value = 4,
               .taper = Taper::log,
               .smoothing_ms = 20,
               .doc = "By so many dB a level above the threshold must rise for the output to rise by one."}};
  Param knee_db{*this,
                "knee_db",
                "Knee",
                {.min = 0,
                 .max = 24,
                 .default_value = 6,
                 .unit = Unit::decibels,
                 .smoothing_ms = 20,
                 .doc = "Width of the bend around the threshold; 0 is a corner."}};
  Param attack_ms{*this,
                  "attack_ms",
                  "Attack",
                  {.min = 0.05,
                   .max = 250,
                   .default_value = 10,
                   .unit = Unit::milliseconds,
                   .taper = Taper::log,
                   .doc = "Time in which 63 % of a growing reduction are reached."}};
  Param release_ms{*this,
                   "release_ms",
                   "Release",
                   {.min = 5,
                    .max = 2500,
                    .default_value = 120,
                    .unit = Unit::milliseconds,
                    .taper = Taper::log,
                    .doc = "Time in which 63 % of a reduction are given back."}};
  Param makeup_db{*this,
                  "makeup_db",
                  "Make-up",
                  {.min = 0,
                   .max = 36,
                   .default_value = 0,
                   .unit = Unit::decibels,
                   .smoothing_ms = 20,
                   .doc = "Gain of the compressed sound."}};
  Param detector{*this,
                 "detector",
                 "Detector",
                 {.choices = {"Peak", "RMS"},
                  .doc = "What counts as level: every sample, or the root of the mean square over 10 ms; of the louder "
                         "side."}};
  Param mix{*this,
            "mix",
            "Mix",
            {.default_value = 1, .smoothing_ms = 10, .doc = "0 the input as it is, 1 the compressed sound alone."}};
  Monitor gain_reduction_db{
      *this,
      "gain_reduction_db",
      "Gain Reduction",
      {.min = 0, .max = 60, .unit = Unit::decibels, .hint = Hint::meter, .doc = "By so much the gain is reduced now."}};

  // The decay of a time constant, computed again only when the time changes.
  struct Pole {
    float time_ms = -1.0f;
    double factor = 0.0;
    double at(float now_ms, double frames_per_ms) {
      if (now_ms == time_ms) return factor;
      time_ms = now_ms;
      return factor = effects::decay(static_cast<double>(now_ms) * frames_per_ms);
    }
  };
  Pole attack, release;
  double frames_per_ms = 48, rms_pole = 0;
  std::array<double, 2> square{};  // mean squares of the sides
  double reduction = 0;            // dB, >= 0
  Kept goes_on{*this, square, reduction};

  void activate(const Activation &activation) override {
    frames_per_ms = 0.001 * activation.sample_rate;
    rms_pole = effects::decay(rms_seconds * activation.sample_rate);
    attack = release = {};
  }

  void reset() override {
    square = {};
    reduction = 0;
  }

  void process(const Block &block) override {
    const bool silent = effects::is_silent(in, block.frames);
    if (silent && is_at_rest() && (!key.connected() || effects::is_silent(key, block.frames))) {
      gain_reduction_db.set(0.0f);
      return sleep();
    }
    for (Frame i : block) run_frame(i);
    if (silent) out.set_silent();
    gain_reduction_db.set(static_cast<float>(reduction));
  }

  bool is_at_rest() const { return reduction == 0.0 && square[0] == 0.0 && square[1] == 0.0; }

  void run_frame(Frame i) {
    const float left = in.left[i], right = in.right[i];
    const float level = level_db(i, key.connected() ? key.left[i] : left, key.connected() ? key.right[i] : right);
    const auto wanted = static_cast<double>(reduction_of(i, level));
    const double pole =
        wanted > reduction ? attack.at(attack_ms[i], frames_per_ms) : release.at(release_ms[i], frames_per_ms);
    reduction = wanted + pole * (reduction - wanted);
    if (wanted == 0.0 && reduction < nothing_db) reduction = 0.0;
    // Exactly 1 where nothing is reduced.
    const float compressed = dsp::db_to_gain(makeup_db[i] - static_cast<float>(reduction));
    const float gain = 1.0f + mix[i] * (compressed - 1.0f);
    out.left[i] = to_finite(left * gain);
    out.right[i] = to_finite(right * gain);
  }

  // The level of the louder side in dB. Both detectors run, so that a change of the one that counts finds it warm.
  float level_db(Frame i, float left, float right) {
    square[0] = mean(square[0], left);
    square[1] = mean(square[1], right);
    if (detector[i] >= 0.5f) return 0.5f * dsp::gain_to_db(to_finite(std::max(square[0], square[1])));
    return dsp::gain_to_db(dsp::detail::max(dsp::detail::absolute(left), dsp::detail::absolute(right)));
  }
  double mean(double before, float now) const {
    const double x = static_cast<double>(now) * static_cast<double>(now);
    const double after = x + rms_pole * (before - x);
    constexpr double over = static_cast<double>(effects::inaudible) * static_cast<double>(effects::inaudible);
    return x == 0.0 && after < over ? 0.0 : after;
  }

  // By how much the static curve lowers a level, in dB.
  float reduction_of(Frame i, float level) const {
    const float above = level - threshold_db[i], knee = knee_db[i], slope = 1.0f - 1.0f / ratio[i];
    if (2.0f * above <= -knee) return 0.0f;
    if (2.0f * above >= knee) return slope * above;
    const float into = above + 0.5f * knee;
    return slope * into * into / (2.0f * knee);
  }
};

}  // namespace

ARRANGER_PLUGIN(Compressor, {.id = "builtin.compressor",
                             .name = "Compressor",
                             .category = Category::effect,
                             .version = 1,
                             .doc = "Reduces what is louder than a threshold, by its own level or a sidechain's.",
                             .author = "Arranger",
                             .preserves_finite = true,
                             .in_place = true})
