// SPDX-License-Identifier: MIT
#include "render/analysis.hpp"

#include <algorithm>
#include <cmath>

namespace arranger {
namespace {

std::optional<double> decibels(double gain) {
  if (!(gain > 0)) return std::nullopt;
  return 20 * std::log10(gain);
}

}  // namespace

void Outline::add(float peak) {
  const auto bin = static_cast<std::size_t>(frames_ >> shift_);
  ++frames_;
  if (bin < bins_.size()) {
    bins_[bin] = std::max(bins_[bin], peak);
    return;
  }
  if (bin == most_bins) {
    for (std::size_t i = 0; i < most_bins / 2; ++i) bins_[i] = std::max(bins_[2 * i], bins_[2 * i + 1]);
    bins_.resize(most_bins / 2);
    ++shift_;
  }
  bins_.push_back(peak);
}

std::vector<double> Outline::peaks(int points) const {
  std::vector<double> out(static_cast<std::size_t>(points));
  for (std::int64_t bin = 0; bin < static_cast<std::int64_t>(bins_.size()); ++bin) {
    const std::int64_t begin = bin << shift_;
    const std::int64_t end = std::min((bin + 1) << shift_, frames_);
    for (std::int64_t point = begin * points / frames_; point < points && point * frames_ < end * points; ++point) {
      double &peak = out[static_cast<std::size_t>(point)];
      peak = std::max(peak, static_cast<double>(bins_[static_cast<std::size_t>(bin)]));
    }
  }
  return out;
}

void Analyser::add(const float *interleaved, std::int64_t frames) {
  loudness_.add(interleaved, frames);
  for (std::int64_t frame = 0; frame < frames; ++frame) {
    float peak = 0;
    for (int channel = 0; channel < channels_; ++channel) {
      const float sample = interleaved[frame * channels_ + channel];
      peak = std::max(peak, std::fabs(sample));
      squares_ += static_cast<double>(sample) * static_cast<double>(sample);
    }
    outline_.add(peak);
    peak_ = std::max(peak_, peak);
  }
  frames_ += frames;
}

Analysis Analyser::result(int points) const {
  Analysis out;
  out.overview = outline_.peaks(points);
  out.peak_dbfs = decibels(static_cast<double>(peak_));
  const double samples = static_cast<double>(std::max<std::int64_t>(frames_, 1)) * channels_;
  out.rms_dbfs = decibels(std::sqrt(squares_ / samples));
  out.integrated_lufs = loudness_.integrated();
  return out;
}

}  // namespace arranger
