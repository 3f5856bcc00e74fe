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
  double b0 = 1.0, b1 = 0.0, b2 = 0.0, a1 = 0.0, a2 = 0.0;

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

  // sqrt(10^(dB / 20)); the fraction is squared so that dB and -dB are exact inverses of one another to rounding.
  static double root_gain(double gain_db) {
    return static_cast<double>(db_to_gain(static_cast<float>(gain_db * 0.5)));
  }

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
  void set(const BiquadCoefficients &coefficients) { c_ = coefficients; }
  void reset() { s1_ = s2_ = 0.0; }

  float process(float input) {
    const double x = static_cast<double>(input);
    const double y = c_.b0 * x + s1_;
    s1_ = c_.b1 * x - c_.a1 * y + s2_;
    s2_ = c_.b2 * x - c_.a2 * y;
    return static_cast<float>(y);
  }

  template <View Input>
  Signal process(const Input &input) {
    Signal out(input.size());
    for (Frame i = 0, size = input.size(); i < size; ++i) out[i] = process(input[i]);
    return out;
  }

  // `in` and `out` may be the same. Any number of frames.
  void process(const float *in, float *out, Frame frames) {
    for (Frame i = 0; i < frames; ++i) out[i] = process(in[i]);
  }

 private:
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
  struct Gains {
    float k, a1, a2, a3;
    Gains(float cutoff, float q, float hertz_to_turns) {
      const float g = tan_of_half_turns(detail::clamp(cutoff * hertz_to_turns, 1e-5f, 0.49f));
      k = 1.0f / detail::clamp(q, 0.05f, 1000.0f);
      a1 = 1.0f / (1.0f + g * (g + k));
      a2 = g * a1;
      a3 = g * a2;
    }
  };

  template <class Mix>
  float step(float in, float k, float a1, float a2, float a3, const Mix &mix) {
    const float v3 = in - s2_;
    const float band = a1 * s1_ + a2 * v3;
    const float low = s2_ + a2 * s1_ + a3 * v3;
    s1_ = 2.0f * band - s1_;
    s2_ = 2.0f * low - s2_;
    return mix(in, k, band, low);
  }

  template <View Input, View Cutoff, View Q, class Mix>
  Signal process(const Input &input, const Cutoff &cutoff, const Q &q, double sample_rate, const Mix &mix) {
    const Frame size = input.size();
    const auto hertz_to_turns = static_cast<float>(1.0 / sample_rate);
    Signal out(size);
    if (size <= 0) return out;
    if (cutoff.is_constant() && q.is_constant()) {
      const Gains gains(cutoff[0], q[0], hertz_to_turns);
      for (Frame i = 0; i < size; ++i) out[i] = step(input[i], gains.k, gains.a1, gains.a2, gains.a3, mix);
      return out;
    }
    // The gains vectorise; the recursion after them cannot.
    alignas(64) float k[max_frames], a1[max_frames], a2[max_frames], a3[max_frames];
    for (Frame i = 0; i < size; ++i) {
      const Gains gains(cutoff[i], q[i], hertz_to_turns);
      k[i] = gains.k;
      a1[i] = gains.a1;
      a2[i] = gains.a2;
      a3[i] = gains.a3;
    }
    for (Frame i = 0; i < size; ++i) out[i] = step(input[i], k[i], a1[i], a2[i], a3[i], mix);
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
