// SPDX-License-Identifier: MIT
// What libsndfile can write.
#include <sndfile.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

#include "base/format.hpp"
#include "render/audio_format.hpp"

namespace arranger {
namespace {

// By number: the headers of a libsndfile before 1.1 do not name MP3, and one that has none is still good for the rest.
constexpr int mpeg_container = 0x230000;
constexpr int mpeg_layer_3 = 0x0082;

constexpr std::array mp3_rates{8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000};
constexpr int greatest_odd_flac_rate = 65535;  // a FLAC frame says its rate in 16 bits, as Hz or as tens of Hz
constexpr int greatest_ogg_rate = 200000;      // beyond it libvorbis has no encoder set-up

int container_of(AudioFormat format) {
  switch (format) {
    case AudioFormat::flac:
      return SF_FORMAT_FLAC;
    case AudioFormat::ogg:
      return SF_FORMAT_OGG;
    case AudioFormat::mp3:
      return mpeg_container;
    case AudioFormat::raw_f32:
    case AudioFormat::wav:
      return SF_FORMAT_WAV;
  }
  return SF_FORMAT_WAV;
}

bool may_pass_4_gib(const AudioFileOptions &options) {
  return bytes_of(options, options.most_frames).value_or(0) > options.greatest_plain_wav;
}

Result<void> check_rate(const AudioFileOptions &options) {
  const int rate = options.sample_rate;
  if (options.format == AudioFormat::mp3 && std::ranges::find(mp3_rates, rate) == mp3_rates.end()) {
    const int nearest = *std::ranges::min_element(mp3_rates, {}, [rate](int known) { return std::abs(known - rate); });
    std::string all;
    for (const int known : mp3_rates) all += (all.empty() ? "" : ", ") + std::to_string(known);
    return fail(Code::out_of_range,
                format("Expected a sample rate of {} Hz for mp3 but received {}; nearest is {}", all, rate, nearest),
                "/sample_rate");
  }
  if (options.format == AudioFormat::flac && rate > greatest_odd_flac_rate && rate % 10 != 0)
    return fail(Code::out_of_range,
                format("Expected a sample rate that is a multiple of 10 Hz for flac above {} Hz but received {}",
                       greatest_odd_flac_rate, rate),
                "/sample_rate");
  if (options.format == AudioFormat::ogg && rate > greatest_ogg_rate)
    return fail(Code::out_of_range,
                format("Expected a sample rate of at most {} Hz for ogg but received {}", greatest_ogg_rate, rate),
                "/sample_rate");
  return {};
}

}  // namespace

bool is_available(AudioFormat format) {
  if (format == AudioFormat::raw_f32) return true;
  int count = 0;
  sf_command(nullptr, SFC_GET_FORMAT_MAJOR_COUNT, &count, sizeof(count));
  for (int i = 0; i < count; ++i) {
    SF_FORMAT_INFO known{};
    known.format = i;
    if (sf_command(nullptr, SFC_GET_FORMAT_MAJOR, &known, sizeof(known)) == 0 && known.format == container_of(format))
      return true;
  }
  return false;
}

int sndfile_format(const AudioFileOptions &options) {
  if (options.format == AudioFormat::ogg) return SF_FORMAT_OGG | SF_FORMAT_VORBIS;
  if (options.format == AudioFormat::mp3) return mpeg_container | mpeg_layer_3;
  const int samples = options.samples == SampleFormat::int16   ? SF_FORMAT_PCM_16
                      : options.samples == SampleFormat::int24 ? SF_FORMAT_PCM_24
                                                               : SF_FORMAT_FLOAT;
  if (options.format == AudioFormat::wav && may_pass_4_gib(options)) return SF_FORMAT_RF64 | samples;
  return container_of(options.format) | samples;
}

Result<void> check_format(const AudioFileOptions &options) {
  if (options.format == AudioFormat::raw_f32) return {};
  if (!is_available(options.format))
    return fail(Code::out_of_range,
                format("Expected a format that is there but this libsndfile cannot write {}", name_of(options.format)),
                "/format");
  if (options.format == AudioFormat::flac && options.samples == SampleFormat::float32)
    return fail(Code::out_of_range, "Expected a bit depth of 16 or 24 for flac but received 32f", "/bit_depth");
  if (auto done = check_rate(options); !done) return done;
  SF_INFO info{};
  info.samplerate = options.sample_rate;
  info.channels = options.channels;
  info.format = sndfile_format(options);
  if (sf_format_check(&info) != 0) return {};
  return fail(Code::out_of_range,
              format("Expected another format: {} cannot hold {} channels at {} Hz", name_of(options.format),
                     options.channels, options.sample_rate),
              "/format");
}

}  // namespace arranger
