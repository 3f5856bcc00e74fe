// SPDX-License-Identifier: MIT
// Audio out to a file or to memory, block by block, by libsndfile.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "base/error.hpp"

namespace arranger {

enum class AudioFormat { wav, flac, raw_f32 };
enum class SampleFormat { int16, int24, float32 };

struct AudioFileOptions {
  AudioFormat format = AudioFormat::wav;
  SampleFormat samples = SampleFormat::int16;  // raw_f32 is always float32
  int sample_rate = 48000;
  int channels = 2;
};

// A file appears under its name only when it is complete: it is written beside it and renamed. The bytes depend on the
// samples alone; no time stamp is in them.
class AudioWriter {
 public:
  // Without a path the bytes are kept in memory. Errors: io_error, out_of_range (a format that cannot hold the samples).
  static Result<std::unique_ptr<AudioWriter>> open(const std::optional<std::filesystem::path> &path,
                                                   const AudioFileOptions &options);
  // Leaves nothing behind unless finish succeeded.
  virtual ~AudioWriter() = default;

  // Interleaved frames. Error: io_error (disk full).
  virtual Result<void> write(const float *interleaved, std::int64_t frames) = 0;
  // Closes the file and gives it its name. The bytes, when there is no path.
  virtual Result<std::vector<std::byte>> finish() = 0;
};

}  // namespace arranger
