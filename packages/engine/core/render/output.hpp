// SPDX-License-Identifier: MIT
// One file of a render: latency off its start, gain, measures, and the writer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "render/analysis.hpp"
#include "render/audio_file.hpp"

namespace arranger {

// 64 bits of stereo samples, to tell whether two renders are the same bit for bit; it withstands accidents, not an
// attacker. Each frame is one step of multiply and fold (constants of SplitMix64, Steele 2014), left in the low half.
class SampleHash {
 public:
  void add(const float *interleaved, std::int64_t frames);
  std::string hex() const;  // 16 digits

 private:
  std::uint64_t hash_ = 0x9e3779b97f4a7c15u;
};

// Stereo audio on its way to a file. Not every output of a graph comes equally late: each drops its own latency, and what
// is early is held until the others are there.
class RenderOutput {
 public:
  // Without a writer it only measures. `skip` frames are dropped from the start.
  RenderOutput(std::unique_ptr<AudioWriter> writer, const AudioFileOptions &options, std::int64_t skip);

  // Linear; 1 as long as nothing is set.
  void set_gain(float gain) { gain_ = gain; }
  void measure() { analyser_.emplace(options_.sample_rate, 2); }

  void take(const float *left, const float *right, std::int32_t frames);
  std::int64_t held() const { return static_cast<std::int64_t>(held_.size()) / 2; }
  const float *samples() const { return held_.data(); }  // interleaved, before gain
  // Passes on the oldest `frames` of what is held. Errors: as of AudioWriter::write.
  Result<void> pass_on(std::int64_t frames);

  Result<void> close() { return writer_->close(); }
  Result<std::vector<std::byte>> publish() { return writer_->publish(); }

  std::optional<Analysis> analysis() const;
  std::int64_t clipped_samples() const { return clipped_; }  // beyond full scale, in a format that clips
  std::string hash() const { return hash_.hex(); }           // of what was passed on

 private:
  std::unique_ptr<AudioWriter> writer_;
  AudioFileOptions options_;
  std::int64_t skip_;
  float gain_ = 1;
  std::vector<float> held_;
  std::optional<Analyser> analyser_;
  SampleHash hash_;
  std::int64_t clipped_ = 0;
};

}  // namespace arranger
