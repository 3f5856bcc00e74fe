// SPDX-License-Identifier: MIT
// Two runs that must be equal, and runs that must be finite or silent.
#pragma once

#include <string>

#include "rig.hpp"

namespace arranger::validate {

// Where the runs differ first, for people; empty when they do not. `tolerance` is relative to the channel's peak, 0 means
// the same numbers. Frames before `from` are passed over.
std::string difference(const Output &expected, const Output &found, double tolerance = 0, int from = 0);
// The first number that is none; empty when all are.
std::string not_finite(const Output &output);
// The first audio sample from `from` on that is above -120 dBFS; empty when there is none.
std::string not_silent(const Output &output, std::int64_t from);
// The greatest absolute value of the audio channels.
double peak_of(const Output &output);

}  // namespace arranger::validate
