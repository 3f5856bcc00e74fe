// SPDX-License-Identifier: MIT
// What a rendered signal measures: peak, RMS, loudness, and an outline to draw.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace arranger {

struct Analysis {
  std::optional<double> peak_dbfs;        // sample peak of all channels; empty = silence
  std::optional<double> rms_dbfs;         // over all channels and frames
  std::optional<double> integrated_lufs;  // ITU-R BS.1770-4, gated; empty = too quiet or too short
  std::vector<double> overview;           // peaks of equal stretches, 0..
};

class Analyser {
 public:
  // `frames` is the length to come; `points` the size of the overview.
  Analyser(int sample_rate, int channels, std::int64_t frames, int points = 512);
  ~Analyser();
  Analyser(const Analyser &) = delete;
  Analyser &operator=(const Analyser &) = delete;

  void add(const float *interleaved, std::int64_t frames);
  Analysis result() const;

 private:
  struct Loudness;  // libebur128's state
  std::unique_ptr<Loudness> loudness_;
  int channels_;
  std::int64_t total_frames_;
  std::int64_t frames_ = 0;
  double squares_ = 0;
  std::vector<double> overview_;
};

}  // namespace arranger
