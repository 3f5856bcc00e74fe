// SPDX-License-Identifier: MIT
// One band of builtin.eq. Responses are those of Robert Bristow-Johnson's "Cookbook formulae for audio EQ biquad filter
// coefficients", in the state-variable form of Andrew Simper (2013), which stays smooth and stable while they move.
#pragma once

#include <arranger/plugin.hpp>

#include <cmath>
#include <string>

#include "fade.hpp"
#include "svf.hpp"

namespace effects {

enum BandType { low_shelf, peak, high_shelf, low_cut, high_cut, notch, band_pass };

inline bool has_gain(int type) { return type <= high_shelf; }

// Gains in dB, frequencies in Hz. Any thread.
inline Response band_response(int type, double hz, double gain_db, double q, double sample_rate) {
  const double tangent = warped(hz, sample_rate), k = 1.0 / q;
  // The cookbook's A, the root of the amplitude factor.
  const double a = static_cast<double>(arranger::dsp::db_to_gain(static_cast<float>(0.5 * gain_db)));
  switch (type) {
    case low_shelf:
      return {tangent / std::sqrt(a), k, 1.0, k * (a - 1.0), a * a - 1.0};
    case peak:
      return {tangent, k / a, 1.0, (k / a) * (a * a - 1.0), 0.0};
    case high_shelf:
      return {tangent * std::sqrt(a), k, a * a, k * (1.0 - a) * a, 1.0 - a * a};
    case low_cut:
      return {tangent, k, 1.0, -k, -1.0};
    case high_cut:
      return {tangent, k, 0.0, 0.0, 1.0};
    case notch:
      return {tangent, k, 1.0, -k, 0.0};
    default:
      return {tangent, k, 0.0, k, 0.0};
  }
}

struct BandDefaults {
  const char *group;
  int enabled, type;
  double hz;
};

// Declares its parameters, numbered `n`, and runs the band. Switching it or its type fades: out, exchanged, in again.
class EqBand {
 public:
  EqBand(arranger::Owner &owner, int n, const BandDefaults &defaults);

  void activate(double sample_rate);
  void reset();
  void settle() { fade_.settle(); }
  bool is_over() const { return sides_[0].is_over() && sides_[1].is_over(); }
  // Filters both sides in place. A band that is off or flat leaves every bit as it is.
  void process(double *left, double *right, Frame frames);

  // [control] The band as a handle of the curve, and its response to values of the parameters.
  arranger::CurvePoint point() const {
    return {.enabled = &enabled_, .kind = &type_, .x = &hz_, .y = &gain_db_, .width = &q_};
  }
  bool is_on(const arranger::ParamValues &values) const { return values.on(enabled_); }
  Response response(const arranger::ParamValues &values, double sample_rate) const {
    return band_response(values.index(type_), values[hz_], values[gain_db_], values[q_], sample_rate);
  }

 private:
  int type_at(Frame i) const { return static_cast<int>(type_[i] + 0.5f); }
  bool is_steady() const;
  void run_frame(double &left, double &right, float amount, const Coefficients &c);
  void settle_after(double left, double right) {
    if (left == 0.0 && right == 0.0 && is_over()) fade_.settle();
  }

  arranger::Param enabled_, type_, hz_, gain_db_, q_;
  double sample_rate_ = 48000;
  Fade fade_;
  int shown_ = 0;
  Svf sides_[2];
};

inline EqBand::EqBand(arranger::Owner &owner, int n, const BandDefaults &defaults)
    : enabled_(owner, "enabled_" + std::to_string(n), "Enabled " + std::to_string(n + 1),
               {.default_value = static_cast<double>(defaults.enabled),
                .hint = arranger::Hint::toggle,
                .doc = "1 switches the band on; fades in 10 ms.",
                .group = defaults.group}),
      type_(owner, "type_" + std::to_string(n), "Type " + std::to_string(n + 1),
            {.default_value = static_cast<double>(defaults.type),
             .choices = {"Low Shelf", "Peak", "High Shelf", "Low Cut", "High Cut", "Notch", "Band Pass"},
             .doc = "What the band does; cuts have 12 dB per octave. Changes fade in 20 ms.",
             .group = defaults.group}),
      hz_(owner, "freq_" + std::to_string(n), "Frequency " + std::to_string(n + 1),
          {.min = 20,
           .max = 20000,
           .default_value = defaults.hz,
           .unit = arranger::Unit::hertz,
           .taper = arranger::Taper::log,
           .smoothing_ms = 20,
           .doc = "Centre or corner, where a shelf has half its gain in dB; at most 0.49 of the sample rate.",
           .group = defaults.group}),
      gain_db_(owner, "gain_" + std::to_string(n), "Gain " + std::to_string(n + 1),
               {.min = -24,
                .max = 24,
                .default_value = 0,
                .unit = arranger::Unit::decibels,
                .smoothing_ms = 20,
                .doc = "Gain of a peak or shelf; the other types have none.",
                .group = defaults.group}),
      q_(owner, "q_" + std::to_string(n), "Q " + std::to_string(n + 1),
         {.min = 0.1,
          .max = 40,
          .default_value = 0.7071067811865476,
          .taper = arranger::Taper::log,
          .smoothing_ms = 20,
          .doc = "Centre over width; of a cut or shelf the resonance, 0.7071 is flat.",
          .group = defaults.group}) {}

inline void EqBand::activate(double sample_rate) {
  sample_rate_ = sample_rate;
  fade_.activate(sample_rate, 0.01);
  reset();
}

inline void EqBand::reset() {
  for (Svf &side : sides_) side.reset();
  fade_.settle();
}

inline bool EqBand::is_steady() const {
  if (!enabled_.is_constant() || !fade_.is_at(enabled_.on())) return false;
  if (!enabled_.on()) return true;
  return type_.is_constant() && (fade_.is_off() || type_.index() == shown_) && hz_.is_constant() &&
         gain_db_.is_constant() && q_.is_constant();
}

inline void EqBand::process(double *left, double *right, Frame frames) {
  const auto response = [this](Frame i) {
    return Coefficients(band_response(shown_, static_cast<double>(hz_[i]), static_cast<double>(gain_db_[i]),
                                      static_cast<double>(q_[i]), sample_rate_));
  };
  const auto is_flat = [this](Frame i) { return has_gain(shown_) && gain_db_[i] == 0.0f; };
  const Frame last = frames - 1;
  const double last_left = left[last], last_right = right[last];
  if (is_steady()) {
    if (fade_.is_off()) shown_ = type_at(0);
    if (fade_.next(enabled_.on()) == 0.0f || is_flat(0)) {
      for (Svf &side : sides_) side.reset();
    } else {
      const Coefficients c = response(0);
      for (Frame i = 0; i < frames; ++i) run_frame(left[i], right[i], 1.0f, c);
    }
    return settle_after(last_left, last_right);
  }
  for (Frame i = 0; i < frames; ++i) {
    if (fade_.is_off()) shown_ = type_at(i);
    const float amount = fade_.next(enabled_[i] >= 0.5f && type_at(i) == shown_);
    const double in_left = left[i], in_right = right[i];
    if (amount == 0.0f || is_flat(i)) {
      for (Svf &side : sides_) side.reset();
    } else {
      run_frame(left[i], right[i], amount, response(i));
    }
    settle_after(in_left, in_right);
  }
}

inline void EqBand::run_frame(double &left, double &right, float amount, const Coefficients &c) {
  const double filtered_left = sides_[0].process(left, c), filtered_right = sides_[1].process(right, c);
  if (amount == 1.0f) {
    left = filtered_left;
    right = filtered_right;
    return;
  }
  left += static_cast<double>(amount) * (filtered_left - left);
  right += static_cast<double>(amount) * (filtered_right - right);
}

}  // namespace effects
