// SPDX-License-Identifier: MIT
#include "render/output.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <utility>

namespace arranger {

void SampleHash::add(const float *interleaved, std::int64_t frames) {
  for (std::int64_t i = 0; i < frames; ++i) {
    const std::uint64_t left = std::bit_cast<std::uint32_t>(interleaved[2 * i]);
    const std::uint64_t right = std::bit_cast<std::uint32_t>(interleaved[2 * i + 1]);
    hash_ = (hash_ ^ (left | right << 32)) * 0xbf58476d1ce4e5b9u;
    hash_ ^= hash_ >> 29;
  }
}

std::string SampleHash::hex() const {
  std::string out(16, '0');
  for (std::size_t i = 0; i < 16; ++i) out[i] = "0123456789abcdef"[hash_ >> (60 - 4 * i) & 15];
  return out;
}

RenderOutput::RenderOutput(std::unique_ptr<AudioWriter> writer, const AudioFileOptions &options, std::int64_t skip)
    : writer_(std::move(writer)), options_(options), skip_(skip) {}

void RenderOutput::take(const float *left, const float *right, std::int32_t frames) {
  const auto begin = static_cast<std::int32_t>(std::min<std::int64_t>(skip_, frames));
  skip_ -= begin;
  const std::size_t old = held_.size();
  held_.resize(old + 2 * static_cast<std::size_t>(frames - begin));
  float *out = held_.data() + old;
  for (std::int32_t i = begin; i < frames; ++i) {
    *out++ = left[i];
    *out++ = right[i];
  }
}

Result<void> RenderOutput::pass_on(std::int64_t frames) {
  const std::int64_t samples = 2 * frames;
  if (gain_ != 1)
    for (std::int64_t i = 0; i < samples; ++i) held_[static_cast<std::size_t>(i)] *= gain_;
  if (writer_) {
    if (auto written = writer_->write(held_.data(), frames); !written) return written;
    hash_.add(held_.data(), frames);
    const bool clips = options_.format != AudioFormat::raw_f32 &&
                       !(options_.format == AudioFormat::wav && options_.samples == SampleFormat::float32);
    if (clips)
      clipped_ += std::count_if(held_.begin(), held_.begin() + samples, [](float x) { return std::fabs(x) > 1.0f; });
  }
  if (analyser_) analyser_->add(held_.data(), frames);
  held_.erase(held_.begin(), held_.begin() + samples);
  return {};
}

std::optional<Analysis> RenderOutput::analysis() const {
  if (!analyser_) return std::nullopt;
  return analyser_->result();
}

}  // namespace arranger
