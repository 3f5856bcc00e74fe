// SPDX-License-Identifier: MIT
// Second-order filters: Biquad for a fixed or seldom changed response, Svf for one that moves.
#pragma once

#include <arranger/dsp/math.hpp>
#include <arranger/dsp/signal.hpp>

namespace arranger::dsp {

// Coefficients of H(z) = (b0 + b1 z^-1 + b2 z^-2) / (1 + a1 z^-1 + a2 z^-2), from Robert Bristow-Johnson's "Cookbook
// formulae for audio EQ biquad filter coefficients". Frequencies in Hz, above 0, limited to 0.499 of the sample rate;
// q > 0 (0.7071 is Butterworth); gain in dB. Any thread, real-time safe.
struct BiquadCoefficients {
  double b0 = 1.0, b1 = 0.0, b2 = 0.0, a1 = 0.0, a2 = 0.0;  // of the formula above; as they are, H(z) = 1

  // Gain 1 far below the cutoff (above it), q at it.
  static BiquadCoefficients low_pass(double hz, double q, double sample_rate) {
    const Angle w(hz, q, sample_rate);
    return normalised((1.0 - w.cosine) * 0.5, 1.0 - w.cosine, (1.0 - w.cosine) * 0.5, w.poles());
  }
  static BiquadCoefficients high_pass(double hz, double q, double sample_rate) {
    const Angle w(hz, q, sample_rate);
    return normalised((1.0 + w.cosine) * 0.5, -1.0 - w.cosine, (1.0 + w.cosine) * 0.5, w.poles());
  }
  // Gain 1 at its centre.
  static BiquadCoefficients band_pass(double hz, double q, double sample_rate) {
    const Angle w(hz, q, sample_rate);
    return normalised(w.alpha, 0.0, -w.alpha, w.poles());
  }
  static BiquadCoefficients notch(double hz, double q, double sample_rate) {
    const Angle w(hz, q, sample_rate);
    return normalised(1.0, -2.0 * w.cosine, 1.0, w.poles());
  }
  static BiquadCoefficients all_pass(double hz, double q, double sample_rate) {
    const Angle w(hz, q, sample_rate);
    return normalised(1.0 - w.alpha, -2.0 * w.cosine, 1.0 + w.alpha, w.poles());
  }
  static BiquadCoefficients peak(double hz, double q, double gain_db, double sample_rate) {
    const Angle w(hz, q, sample_rate);
    const double a = root_gain(gain_db);
    return normalised(1.0 + w.alpha * a, -2.0 * w.cosine, 1.0 - w.alpha * a,
                      {1.0 + w.alpha / a, -2.0 * w.cosine, 1.0 - w.alpha / a});
  }
  // The gain is reached far below `hz`; at `hz` it is half of it in dB.
  static BiquadCoefficients low_shelf(double hz, double q, double gain_db, double sample_rate) {
    return shelf(hz, q, gain_db, sample_rate, 1.0);
  }
  static BiquadCoefficients high_shelf(double hz, double q, double gain_db, double sample_rate) {
    return shelf(hz, q, gain_db, sample_rate, -1.0);
  }

 private:
  struct Poles {
    double a0, a1, a2;
  };

  struct Angle {
    double cosine, alpha;
    Angle(double hz, double q, double sample_rate) {
      const double turns = hz / sample_rate < 0.499 ? hz / sample_rate : 0.499;
      cosine = cosine_of_turns(turns);
      alpha = sine_of_turns(turns) / (2.0 * q);
    }
    Poles poles() const { return {1.0 + alpha, -2.0 * cosine, 1.0 - alpha}; }
  };

  // The cookbook's A: the square root of the amplitude factor.
  static double root_gain(double gain_db) { return static_cast<double>(db_to_gain(static_cast<float>(gain_db * 0.5))); }

  static BiquadCoefficients normalised(double b0, double b1, double b2, const Poles &poles) {
    const double scale = 1.0 / poles.a0;
    return {b0 * scale, b1 * scale, b2 * scale, poles.a1 * scale, poles.a2 * scale};
  }

  // The high shelf is the low shelf with the frequency axis turned round: z becomes -z.
  static BiquadCoefficients shelf(double hz, double q, double gain_db, double sample_rate, double side) {
    const Angle w(hz, q, sample_rate);
    const double a = root_gain(gain_db);
    const double c = side * w.cosine;
    // sqrt(a) by the same route as a, so that no C library function is needed.
    const double slope = 2.0 * static_cast<double>(db_to_gain(static_cast<float>(gain_db * 0.25))) * w.alpha;
    const double up = a + 1.0, down = a - 1.0;
    return normalised(a * (up - down * c + slope), side * 2.0 * a * (down - up * c), a * (up - down * c - slope),
                      {up + down * c + slope, side * -2.0 * (down + up * c), up + down * c - slope});
  }
};

// Transposed direct form II in double precision, which keeps a low cutoff at a high sample rate exact. One channel.
// Changing the coefficients while it sounds is safe but not smooth: use Svf for sweeps. [audio] Real-time safe.
class Biquad {
 public:
  // From the next frame on.
  void set(const BiquadCoefficients &coefficients) { c_ = coefficients; }
  // As before the first sample.
  void reset() { s1_ = s2_ = 0.0; }

  // One frame.
  float process(float input) { return step(s1_, s2_, input); }

  // All frames of a view.
  template <View Input>
  Signal process(const Input &input) {
    Signal out(input.size());
    double s1 = s1_, s2 = s2_;  // locals, so that the state does not go through memory
    for (Frame i = 0, size = input.size(); i < size; ++i) out[i] = step(s1, s2, input[i]);
    s1_ = s1;
    s2_ = s2;
    return out;
  }

  // `in` and `out` may be the same. Any number of frames.
  void process(const float *in, float *out, Frame frames) {
    double s1 = s1_, s2 = s2_;
    for (Frame i = 0; i < frames; ++i) out[i] = step(s1, s2, in[i]);
    s1_ = s1;
    s2_ = s2;
  }

 private:
  float step(double &s1, double &s2, float input) const {
    const double x = static_cast<double>(input);
    const double y = c_.b0 * x + s1;
    s1 = (c_.b1 * x + s2) - c_.a1 * y;
    s2 = c_.b2 * x - c_.a2 * y;
    return static_cast<float>(y);
  }

  BiquadCoefficients c_;
  double s1_ = 0.0, s2_ = 0.0;
};

// The state-variable filter by trapezoidal integration, topology preserved: Vadim Zavalishin, "The Art of VA Filter
// Design"; in the form of Andrew Simper, "Solving the continuous SVF equations using trapezoidal integration and
// equivalent currents" (2013). Stable however fast the cutoff moves. One channel. [audio] Real-time safe.
// Cutoff in Hz, limited to 1e-5 .. 0.49 of the sample rate; q 0.05 .. 1000 (limited; 0.7071 is Butterworth); both as
// views with at least as many frames as the input. The response is the analog one, warped to meet at the cutoff.
class Svf {
 public:
  // As before the first sample.
  void reset() { s1_ = s2_ = 0.0f; }

  // Gain 1 far below the cutoff, q at it.
  template <View Input, View Cutoff, View Q>
  Signal low_pass(const Input &input, const Cutoff &cutoff, const Q &q, double sample_rate) {
    return process(input, cutoff, q, sample_rate, [](float, float, float, float low) { return low; });
  }
  template <View Input, View Cutoff, View Q>
  Signal high_pass(const Input &input, const Cutoff &cutoff, const Q &q, double sample_rate) {
    return process(input, cutoff, q, sample_rate,
                   [](float in, float k, float band, float low) { return in - k * band - low; });
  }
  // Gain 1 at the cutoff.
  template <View Input, View Cutoff, View Q>
  Signal band_pass(const Input &input, const Cutoff &cutoff, const Q &q, double sample_rate) {
    return process(input, cutoff, q, sample_rate, [](float, float k, float band, float) { return k * band; });
  }
  template <View Input, View Cutoff, View Q>
  Signal notch(const Input &input, const Cutoff &cutoff, const Q &q, double sample_rate) {
    return process(input, cutoff, q, sample_rate, [](float in, float k, float band, float) { return in - k * band; });
  }
  template <View Input, View Cutoff, View Q>
  Signal all_pass(const Input &input, const Cutoff &cutoff, const Q &q, double sample_rate) {
    return process(input, cutoff, q, sample_rate,
                   [](float in, float k, float band, float) { return in - 2.0f * (k * band); });
  }

 private:
  // Simper's a1, a2 and a3 as what one step adds to the state: to_band = 2 a2, to_low = 2 a3, loss = 2 - 2 a1. Small
  // numbers stay small instead of being taken from 1, so a low cutoff keeps its precision.
  struct Gains {
    float k, to_band, to_low, loss;
    Gains(float cutoff, float q, float hertz_to_turns) {
      const float g = tan_of_half_turns(detail::clamp(cutoff * hertz_to_turns, 1e-5f, 0.49f));
      k = 1.0f / detail::clamp(q, 0.05f, 1000.0f);
      const float twice = 2.0f / (1.0f + g * (g + k));
      to_band = g * twice;
      to_low = g * to_band;
      loss = (g * (g + k)) * twice;
    }
  };

  // Both states from both old ones at once: three operations from state to state, where the textbook's order has five.
  // The outputs are the means of old and new state. The caller keeps the states in locals, else they go through memory.
  template <class Mix>
  static float step(float &s1, float &s2, float in, float k, float to_band, float to_low, float loss, const Mix &mix) {
    const float next1 = (s1 + to_band * in) - (loss * s1 + to_band * s2);
    const float next2 = (s2 + to_low * in) + (to_band * s1 - to_low * s2);
    const float band = 0.5f * (s1 + next1);
    const float low = 0.5f * (s2 + next2);
    s1 = next1;
    s2 = next2;
    return mix(in, k, band, low);
  }

  template <View Input, View Cutoff, View Q, class Mix>
  Signal process(const Input &input, const Cutoff &cutoff, const Q &q, double sample_rate, const Mix &mix) {
    const Frame size = input.size();
    const auto hertz_to_turns = static_cast<float>(1.0 / sample_rate);
    Signal out(size);
    if (size <= 0) return out;
    float s1 = s1_, s2 = s2_;
    if (cutoff.is_constant() && q.is_constant()) {
      const Gains g(cutoff[0], q[0], hertz_to_turns);
      for (Frame i = 0; i < size; ++i) out[i] = step(s1, s2, input[i], g.k, g.to_band, g.to_low, g.loss, mix);
    } else {
      // The gains vectorise; the recursion after them cannot.
      alignas(64) float k[max_frames], to_band[max_frames], to_low[max_frames], loss[max_frames];
      for (Frame i = 0; i < size; ++i) {
        const Gains g(cutoff[i], q[i], hertz_to_turns);
        k[i] = g.k;
        to_band[i] = g.to_band;
        to_low[i] = g.to_low;
        loss[i] = g.loss;
      }
      for (Frame i = 0; i < size; ++i) out[i] = step(s1, s2, input[i], k[i], to_band[i], to_low[i], loss[i], mix);
    }
    s1_ = s1;
    s2_ = s2;
    return out;
  }

  float s1_ = 0.0f, s2_ = 0.0f;
};

// Takes away the mean: a first-order high-pass, y = x - x' + pole y'. [audio] Real-time safe.
class DcBlocker {
 public:
  // `hz`: the corner, 0 < hz < sample_rate / 8; 5 to 20 is usual. Resets.
  void activate(double sample_rate, double hz = 10.0) {
    pole_ = static_cast<float>(1.0 - 6.283185307179586 * hz / sample_rate);
    reset();
  }
  void reset() { x_ = y_ = 0.0f; }
  float process(float x) {
    y_ = x - x_ + pole_ * y_;
    x_ = x;
    return y_;
  }

 private:
  float pole_ = 0.995f, x_ = 0.0f, y_ = 0.0f;
};

}  // namespace arranger::dsp
