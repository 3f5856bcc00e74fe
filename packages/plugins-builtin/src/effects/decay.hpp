// SPDX-License-Identifier: MIT
// The factor of an exponential decay.
#pragma once

namespace effects {

// e^(-1 / frames), frames > 0: what is left after one frame of something that falls to 37 % in so many. In double
// precision and of plain arithmetic: next to 1 a float is too coarse for long times, and the C library's exp is not the
// same on every machine. A Padé approximant of a 256th part, squared eight times; relative error < 1e-10.
inline double decay(double frames) {
  const double x = frames > 0.01 ? 1.0 / (256.0 * frames) : 100.0 / 256.0;
  double factor = (12.0 - 6.0 * x + x * x) / (12.0 + 6.0 * x + x * x);
  for (int n = 0; n < 8; ++n) factor *= factor;
  return factor;
}

}  // namespace effects
