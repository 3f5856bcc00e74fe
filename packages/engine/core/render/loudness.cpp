// SPDX-License-Identifier: MIT
#include <ebur128.h>

#include <cmath>

#include "render/analysis.hpp"

namespace arranger {

struct LoudnessMeter::State {
  ebur128_state *state;
  ~State() { ebur128_destroy(&state); }
};

bool LoudnessMeter::is_available() { return true; }

LoudnessMeter::LoudnessMeter(int sample_rate, int channels)
    : state_(new State{
          ebur128_init(static_cast<unsigned>(channels), static_cast<unsigned long>(sample_rate), EBUR128_MODE_I)}) {}

LoudnessMeter::~LoudnessMeter() = default;
LoudnessMeter::LoudnessMeter(LoudnessMeter &&) noexcept = default;

void LoudnessMeter::add(const float *interleaved, std::int64_t frames) {
  if (state_->state) ebur128_add_frames_float(state_->state, interleaved, static_cast<std::size_t>(frames));
}

std::optional<double> LoudnessMeter::integrated() const {
  double lufs = 0;
  if (!state_->state || ebur128_loudness_global(state_->state, &lufs) != EBUR128_SUCCESS || !std::isfinite(lufs))
    return std::nullopt;
  return lufs;
}

}  // namespace arranger
