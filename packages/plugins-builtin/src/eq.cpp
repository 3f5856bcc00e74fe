// SPDX-License-Identifier: MIT
// builtin.eq: eight parametric bands in series, effects/eq_band.hpp. Flat settings pass every bit.
#include <arranger/plugin.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "effects/eq_band.hpp"
#include "effects/range.hpp"

using namespace arranger;
using effects::EqBand;
using effects::to_finite;

namespace {

constexpr int band_count = 8;

class Eq final : public Plugin {
  AudioIn in{*this, "audio_in", "Audio In", {.doc = "What is to be equalised."}};
  AudioOut out{*this, "audio_out", "Audio Out", {.doc = "The sound after all bands and the output gain."}};
  EqBand bands[band_count]{
      {*this, 0, {"Band 1", 0, effects::low_cut, 30}},      {*this, 1, {"Band 2", 1, effects::low_shelf, 100}},
      {*this, 2, {"Band 3", 1, effects::peak, 250}},        {*this, 3, {"Band 4", 1, effects::peak, 700}},
      {*this, 4, {"Band 5", 1, effects::peak, 2000}},       {*this, 5, {"Band 6", 1, effects::peak, 5000}},
      {*this, 6, {"Band 7", 1, effects::high_shelf, 8000}}, {*this, 7, {"Band 8", 0, effects::high_cut, 18000}}};
  Param output_db{*this,
                  "output_db",
                  "Output",
                  {.min = -24,
                   .max = 24,
                   .default_value = 0,
                   .unit = Unit::decibels,
                   .smoothing_ms = 20,
                   .doc = "Gain after all bands."}};
  Monitor curve{*this,
                "curve",
                "Curve",
                {.min = -24,
                 .max = 24,
                 .unit = Unit::decibels,
                 .hint = Hint::graph_editor,
                 .doc = "Gain of all bands together over frequency, without the output gain.",
                 .graph_type = GraphType::eq_curve}};
  const std::array<CurvePoint, band_count> points = [this] {
    std::array<CurvePoint, band_count> made;
    for (std::size_t n = 0; n < band_count; ++n) made[n] = bands[n].point();
    return made;
  }();

  void activate(const Activation &activation) override {
    for (EqBand &band : bands) band.activate(activation.sample_rate);
    // The slowest decay there is, a peak of +24 dB at 20 Hz with a q of 40 and so one of 160 in effect, falls from its
    // resonance of 44 dB to -180 dB in 66 s.
    set_tail(static_cast<std::int64_t>(67 * activation.sample_rate));
  }

  std::span<const CurvePoint> curve_points(const Port &port) const override {
    return &port == &curve ? std::span<const CurvePoint>(points) : std::span<const CurvePoint>();
  }

  void curve_response(const Port &, const ParamValues &values, double sample_rate, std::span<const double> hertz,
                      std::span<double> db) const override {
    std::fill(db.begin(), db.end(), 0.0);
    for (const EqBand &band : bands) {
      if (!band.is_on(values)) continue;
      const effects::Response response = band.response(values, sample_rate);
      for (std::size_t i = 0; i < hertz.size(); ++i) db[i] += 10.0 * std::log10(response.power(hertz[i], sample_rate));
    }
  }

  void reset() override {
    for (EqBand &band : bands) band.reset();
  }

  void process(const Block &block) override {
    const bool is_over = std::all_of(std::begin(bands), std::end(bands), [](auto &band) { return band.is_over(); });
    if (is_over && effects::is_silent(in, block.frames)) {
      for (EqBand &band : bands) band.settle();
      return sleep();
    }
    alignas(64) double left[max_block_frames], right[max_block_frames];
    for (Frame i : block) {
      left[i] = static_cast<double>(in.left[i]);
      right[i] = static_cast<double>(in.right[i]);
    }
    for (EqBand &band : bands) band.process(left, right, block.frames);
    for (Frame i : block) {
      const double gain = static_cast<double>(dsp::db_to_gain(output_db[i]));
      out.left[i] = to_finite(left[i] * gain);
      out.right[i] = to_finite(right[i] * gain);
    }
    if (in.silent()) tail();
  }
};

}  // namespace

ARRANGER_PLUGIN(
    Eq, {.id = "builtin.eq",
         .name = "Equalizer",
         .category = Category::filter,
         .version = 1,
         .doc = "Eight parametric bands: shelves, peaks, cuts, notch and band pass, each with frequency, gain and Q.",
         .author = "Arranger",
         .preserves_finite = true,
         .in_place = true})
