// SPDX-License-Identifier: MIT
#include "render/analysis.hpp"

#include <ebur128.h>

#include <algorithm>
#include <cmath>

namespace arranger {
namespace {

std::optional<double> decibels(double gain) {
  if (!(gain > 0)) return std::nullopt;
  return 20 * std::log10(gain);
}

}  // namespace

struct Analyser::Loudness {
  ebur128_state *state;
  ~Loudness() { ebur128_destroy(&state); }
};

Analyser::Analyser(int sample_rate, int channels, std::int64_t frames, int points)
    : loudness_(new Loudness{
          ebur128_init(static_cast<unsigned>(channels), static_cast<unsigned long>(sample_rate), EBUR128_MODE_I)}),
      channels_(channels),
      total_frames_(std::max<std::int64_t>(frames, 1)),
      overview_(static_cast<std::size_t>(points)) {}

Analyser::~Analyser() = default;

void Analyser::add(const float *interleaved, std::int64_t frames) {
  if (loudness_->state) ebur128_add_frames_float(loudness_->state, interleaved, static_cast<std::size_t>(frames));
  const auto points = static_cast<std::int64_t>(overview_.size());
  for (std::int64_t done = 0; done < frames;) {
    const std::int64_t point = std::min(frames_ * points / total_frames_, points - 1);
    const std::int64_t point_end = ((point + 1) * total_frames_ + points - 1) / points;
    const std::int64_t count = std::clamp<std::int64_t>(point_end - frames_, 1, frames - done);
    float peak = 0;
    double squares = 0;
    for (std::int64_t i = done * channels_; i < (done + count) * channels_; ++i) {
      peak = std::max(peak, std::fabs(interleaved[i]));
      squares += static_cast<double>(interleaved[i]) * static_cast<double>(interleaved[i]);
    }
    double &place = overview_[static_cast<std::size_t>(point)];
    place = std::max(place, static_cast<double>(peak));
    squares_ += squares;
    frames_ += count;
    done += count;
  }
}

Analysis Analyser::result() const {
  Analysis out;
  out.overview = overview_;
  out.peak_dbfs = decibels(*std::max_element(overview_.begin(), overview_.end()));
  const double samples = static_cast<double>(std::max<std::int64_t>(frames_, 1)) * channels_;
  out.rms_dbfs = decibels(std::sqrt(squares_ / samples));
  double lufs = 0;
  if (loudness_->state && ebur128_loudness_global(loudness_->state, &lufs) == EBUR128_SUCCESS && std::isfinite(lufs))
    out.integrated_lufs = lufs;
  return out;
}

}  // namespace arranger
