// SPDX-License-Identifier: MIT
// There is no libsndfile here: what is written is plain.
#include "base/format.hpp"
#include "render/audio_format.hpp"

namespace arranger {

bool is_available(AudioFormat format) { return format == AudioFormat::wav || format == AudioFormat::raw_f32; }

Result<void> check_format(const AudioFileOptions &options) {
  if (!is_available(options.format))
    return fail(
        Code::out_of_range,
        format("Expected wav or raw_f32, which is what this engine writes, but received {}", name_of(options.format)),
        "/format");
  if (bytes_of(options, options.most_frames).value_or(0) > options.greatest_plain_wav)
    return fail(Code::message_too_large, "Expected a shorter render: this engine writes no file beyond 4 GiB");
  return {};
}

}  // namespace arranger
