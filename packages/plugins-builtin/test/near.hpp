// SPDX-License-Identifier: MIT
#pragma once

#include <doctest/doctest.h>

// Equal but for a relative error. (A plain Approx adds 1 to what its epsilon is a part of: no test for small values.)
inline doctest::Approx near(double value, double relative = 1e-6) {
  return doctest::Approx(value).epsilon(relative).scale(0);
}
