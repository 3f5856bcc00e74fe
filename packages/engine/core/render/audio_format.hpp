// SPDX-License-Identifier: MIT
// The audio files there are, and what each can hold.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "base/error.hpp"

namespace arranger {

enum class AudioFormat { wav, raw_f32, flac, ogg, mp3 };
enum class SampleFormat { int16, int24, float32 };

// The sizes in a WAV file have 32 bits; what may be longer is written as RF64 (EBU Tech 3306).
inline constexpr std::int64_t greatest_wav = (std::int64_t{1} << 32) - 4096;  // bytes of samples, headers left room

struct AudioFileOptions {
  AudioFormat format = AudioFormat::wav;
  SampleFormat samples = SampleFormat::int16;  // of wav and flac; raw_f32 is float32, ogg and mp3 have no bit depth
  int sample_rate = 48000;                     // Hz
  int channels = 2;
  std::int64_t most_frames = 0;                              // that may come
  std::int64_t memory_limit = std::int64_t{1} << 30;         // bytes of a file that is kept in memory
  std::int64_t greatest_plain_wav = arranger::greatest_wav;  // bytes; lower in tests
};

// As in JSON: "wav", "raw_f32", …. Any thread.
std::string_view name_of(AudioFormat format);

// Whether this libsndfile can write it. Any thread.
bool is_available(AudioFormat format);

// The format that a file name asks for; none for an extension that says nothing. Any thread.
std::optional<AudioFormat> format_of(const std::filesystem::path &path);

// The bytes that samples take, of formats that do not compress; else nothing. Any thread.
std::optional<std::int64_t> bytes_of(const AudioFileOptions &options, std::int64_t frames);

// The libsndfile format. Any thread.
int sndfile_format(const AudioFileOptions &options);

// Whether the format can hold such samples. Errors: out_of_range with the path of the field that does not fit. Any thread.
Result<void> check_format(const AudioFileOptions &options);

}  // namespace arranger
