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

// Integrated loudness (ITU-R BS.1770-4), by libebur128. It keeps a few hundred bytes for each second, for the gate.
class LoudnessMeter {
 public:
  // Whether this engine measures it at all. Any thread.
  static bool is_available();
  LoudnessMeter(int sample_rate, int channels);
  ~LoudnessMeter();
  LoudnessMeter(LoudnessMeter &&) noexcept;

  void add(const float *interleaved, std::int64_t frames);
  // In LUFS; empty = too quiet or shorter than 0.4 s.
  std::optional<double> integrated() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The peaks of a signal whose length nobody knows yet, in little memory: when the bins are full, two become one.
class Outline {
 public:
  void add(float peak);
  // The peaks of `points` equal stretches; a bin that lies in two of them counts in both.
  std::vector<double> peaks(int points) const;

 private:
  static constexpr std::size_t most_bins = 8192;
  std::vector<float> bins_;
  int shift_ = 0;  // a bin has 2^shift_ frames
  std::int64_t frames_ = 0;
};

class Analyser {
 public:
  Analyser(int sample_rate, int channels) : loudness_(sample_rate, channels), channels_(channels) {}

  void add(const float *interleaved, std::int64_t frames);
  Analysis result(int points = 512) const;

 private:
  LoudnessMeter loudness_;
  Outline outline_;
  int channels_;
  std::int64_t frames_ = 0;
  double squares_ = 0;
  float peak_ = 0;
};

}  // namespace arranger
