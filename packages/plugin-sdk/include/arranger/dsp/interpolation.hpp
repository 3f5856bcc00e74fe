// SPDX-License-Identifier: MIT
// Values between samples. Pure, real-time safe, any thread; t is the way from b to c (linear: a to b), 0 <= t <= 1,
// and each gives the sample itself at both ends.
#pragma once

namespace arranger::dsp {

// A straight line.
inline float linear(float a, float b, float t) { return a + t * (b - a); }

// Third order through four points with matching slopes (Catmull and Rom 1974): smooth in value and slope.
inline float cubic(float a, float b, float c, float d, float t) {
  const float c1 = 0.5f * (c - a);
  const float c3 = 1.5f * (b - c) + 0.5f * (d - a);
  const float c2 = a - b + c1 - c3;
  return ((c3 * t + c2) * t + c1) * t + b;
}

// Third order through four points (Lagrange): flatter in the pass band than `cubic`, slopes do not match.
inline float lagrange(float a, float b, float c, float d, float t) {
  const float c1 = c - (1.0f / 3.0f) * a - 0.5f * b - (1.0f / 6.0f) * d;
  const float c2 = 0.5f * (a + c) - b;
  const float c3 = (1.0f / 6.0f) * (d - a) + 0.5f * (b - c);
  return ((c3 * t + c2) * t + c1) * t + b;
}

}  // namespace arranger::dsp
