// SPDX-License-Identifier: MIT
#include "render/audio_format.hpp"

#include <array>
#include <cctype>
#include <string>
#include <utility>

#include "base/file.hpp"

namespace arranger {

std::string_view name_of(AudioFormat format) {
  constexpr std::array<std::string_view, 5> names{"wav", "raw_f32", "flac", "ogg", "mp3"};
  return names[static_cast<std::size_t>(format)];
}

std::optional<AudioFormat> format_of(const std::filesystem::path &path) {
  constexpr std::array<std::pair<std::string_view, AudioFormat>, 8> known{{{".wav", AudioFormat::wav},
                                                                           {".wave", AudioFormat::wav},
                                                                           {".flac", AudioFormat::flac},
                                                                           {".ogg", AudioFormat::ogg},
                                                                           {".oga", AudioFormat::ogg},
                                                                           {".mp3", AudioFormat::mp3},
                                                                           {".f32", AudioFormat::raw_f32},
                                                                           {".raw", AudioFormat::raw_f32}}};
  std::string extension = to_utf8(path.extension());
  for (char &c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const auto &[name, format] : known)
    if (name == extension) return format;
  return std::nullopt;
}

std::optional<std::int64_t> bytes_of(const AudioFileOptions &options, std::int64_t frames) {
  const std::int64_t samples = frames * options.channels;
  if (options.format == AudioFormat::raw_f32) return 4 * samples;
  if (options.format != AudioFormat::wav) return std::nullopt;
  return samples * (options.samples == SampleFormat::int16 ? 2 : options.samples == SampleFormat::int24 ? 3 : 4);
}

}  // namespace arranger
