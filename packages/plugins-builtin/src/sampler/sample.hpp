// SPDX-License-Identifier: MIT
// A sample in memory, read by libsndfile (LGPL-2.1, linked dynamically).
#pragma once

#if defined(_WIN32)
#include <windows.h>
#define ENABLE_SNDFILE_WINDOWS_PROTOTYPES 1
#endif
#include <sndfile.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

namespace arranger::sampler {

// Planar channels with zeros before and after, so that an interpolator may read beyond the ends.
struct Sample {
  static constexpr int padding = 128;                    // frames, at either end
  static constexpr std::int64_t max_frames = 1LL << 28;  // 93 minutes at 48 kHz
  std::array<std::vector<float>, 2> padded;

  int channel_count = 0;
  std::int64_t frames = 0;
  double sample_rate = 0;  // Hz

  // [audio] Frame 0 of a channel; -padding .. frames + padding - 1 may be read.
  const float *channel(int index) const { return padded[static_cast<std::size_t>(index)].data() + padding; }
};

struct CloseFile {
  void operator()(SNDFILE *file) const { sf_close(file); }
};
using File = std::unique_ptr<SNDFILE, CloseFile>;

inline File open_file(const std::string &path, SF_INFO &info) {
#if defined(_WIN32)
  return File(sf_wchar_open(std::filesystem::path(std::u8string(path.begin(), path.end())).c_str(), SFM_READ, &info));
#else
  return File(sf_open(path.c_str(), SFM_READ, &info));
#endif
}

// Why a file cannot be a sample, or "".
inline std::string problem_of(const SF_INFO &info) {
  if (info.channels < 1 || info.channels > 2)
    return "it has " + std::to_string(info.channels) + " channels, and 1 or 2 are expected";
  if (info.frames < 1) return "it holds no frames";
  if (info.frames > Sample::max_frames)
    return "it holds " + std::to_string(info.frames) + " frames, and at most " + std::to_string(Sample::max_frames) +
           " are expected";
  return "";
}

inline std::string read_frames(SNDFILE *file, const SF_INFO &info, Sample &sample) {
  sample.channel_count = info.channels;
  sample.frames = info.frames;
  sample.sample_rate = info.samplerate;
  for (int c = 0; c < info.channels; ++c)
    sample.padded[static_cast<std::size_t>(c)].assign(static_cast<std::size_t>(info.frames + 2 * Sample::padding), 0);
  std::vector<float> chunk(static_cast<std::size_t>(4096 * info.channels));
  for (std::int64_t at = 0; at < info.frames;) {
    const std::int64_t count = sf_readf_float(file, chunk.data(), std::min<std::int64_t>(4096, info.frames - at));
    if (count <= 0)
      return "it is cut off after " + std::to_string(at) + " of " + std::to_string(info.frames) + " frames";
    for (std::int64_t i = 0; i < count; ++i)
      for (int c = 0; c < info.channels; ++c) {
        const float value = chunk[static_cast<std::size_t>(i * info.channels + c)];
        if (!std::isfinite(value)) return "frame " + std::to_string(at + i) + " is not a finite number";
        sample.padded[static_cast<std::size_t>(c)][static_cast<std::size_t>(Sample::padding + at + i)] = value;
      }
    at += count;
  }
  return "";
}

// [control] Reads a whole file: WAV, AIFF, FLAC, Ogg and what else libsndfile knows; integers become -1 .. 1. Returns
// why it cannot, or "".
inline std::string load(const std::string &path, Sample &sample) {
  std::error_code error;
  const std::filesystem::path file_path(std::u8string(path.begin(), path.end()));
  if (!std::filesystem::exists(file_path, error)) return "sample not found: " + path;
  SF_INFO info{};
  const File file = open_file(path, info);
  if (!file) return "the sample cannot be read: " + path + ": " + sf_strerror(nullptr);
  std::string problem = problem_of(info);
  if (problem.empty()) problem = read_frames(file.get(), info, sample);
  return problem.empty() ? "" : "the sample cannot be played: " + path + ": " + problem;
}

}  // namespace arranger::sampler
