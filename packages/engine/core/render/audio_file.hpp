// SPDX-License-Identifier: MIT
// Audio out to a file or to memory, block by block, by libsndfile.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "base/error.hpp"
#include "render/audio_format.hpp"

namespace arranger {

// A file appears under its name only when it is complete: it is written beside it and renamed. The bytes depend on the
// samples alone, no time stamp is in them; except in Ogg, where each stream has a random number to tell it from others.
class AudioWriter {
 public:
  // Without a path the bytes are kept in memory. What the format cannot hold is refused before anything is made. Errors:
  // io_error, out_of_range.
  static Result<std::unique_ptr<AudioWriter>> open(const std::optional<std::filesystem::path> &path,
                                                   const AudioFileOptions &options);
  // Leaves nothing behind unless publish succeeded.
  virtual ~AudioWriter() = default;

  // Interleaved frames. Errors: io_error (disk full), message_too_large (memory_limit).
  virtual Result<void> write(const float *interleaved, std::int64_t frames) = 0;
  // Completes the file, still under its temporary name. Errors: as of write.
  virtual Result<void> close() = 0;
  // After close: gives the file its name. The bytes, when there is no path. Errors: io_error.
  virtual Result<std::vector<std::byte>> publish() = 0;
};

}  // namespace arranger
