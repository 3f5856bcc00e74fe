// SPDX-License-Identifier: MIT
// A sample from a file, by libsndfile (LGPL-2.1, linked dynamically).
#if defined(_WIN32)
#include <windows.h>
#define ENABLE_SNDFILE_WINDOWS_PROTOTYPES 1
#endif
#include <sndfile.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>

#include "sample.hpp"

namespace arranger::sampler {
namespace {

struct CloseFile {
  void operator()(SNDFILE *file) const { sf_close(file); }
};
using File = std::unique_ptr<SNDFILE, CloseFile>;

File open_file(const std::string &path, SF_INFO &info) {
#if defined(_WIN32)
  return File(sf_wchar_open(std::filesystem::path(std::u8string(path.begin(), path.end())).c_str(), SFM_READ, &info));
#else
  return File(sf_open(path.c_str(), SFM_READ, &info));
#endif
}

std::string read_frames(SNDFILE *file, const SF_INFO &info, Sample &sample) {
  std::vector<float> chunk(static_cast<std::size_t>(4096 * info.channels));
  for (std::int64_t at = 0; at < info.frames;) {
    const std::int64_t count = sf_readf_float(file, chunk.data(), std::min<std::int64_t>(4096, info.frames - at));
    if (count <= 0)
      return "it is cut off after " + std::to_string(at) + " of " + std::to_string(info.frames) + " frames";
    for (std::int64_t i = 0; i < count; ++i)
      for (int c = 0; c < info.channels; ++c)
        if (!sample.set(c, at + i, chunk[static_cast<std::size_t>(i * info.channels + c)]))
          return "frame " + std::to_string(at + i) + " is not a finite number";
    at += count;
  }
  return "";
}

}  // namespace

std::string load(const std::string &path, Sample &sample) {
  std::error_code error;
  const std::filesystem::path file_path(std::u8string(path.begin(), path.end()));
  if (!std::filesystem::exists(file_path, error)) return "sample not found: " + path;
  SF_INFO info{};
  const File file = open_file(path, info);
  if (!file) return "the sample cannot be read: " + path + ": " + sf_strerror(nullptr);
  std::string problem = sample.resize(info.channels, info.frames, info.samplerate);
  if (problem.empty()) problem = read_frames(file.get(), info, sample);
  return problem.empty() ? "" : "the sample cannot be played: " + path + ": " + problem;
}

}  // namespace arranger::sampler
