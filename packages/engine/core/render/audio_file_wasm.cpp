// SPDX-License-Identifier: MIT
// WAV and bare samples, to the byte as libsndfile writes them with clipping on and without a PEAK chunk.
#include <array>
#include <cmath>
#include <cstring>
#include <string_view>

#include "render/audio_file.hpp"
#include "render/sink.hpp"

namespace arranger {
namespace {

class PlainWriter final : public AudioWriter {
 public:
  PlainWriter(std::unique_ptr<Sink> sink, const AudioFileOptions &options) : sink_(std::move(sink)), options_(options) {
    if (options_.format == AudioFormat::wav) write_header();
  }

  Result<void> write(const float *interleaved, std::int64_t frames) override {
    const auto samples = static_cast<std::size_t>(frames * options_.channels);
    bytes_.clear();
    for (std::size_t i = 0; i < samples; ++i) add_sample(interleaved[i]);
    sink_->write(bytes_.data(), static_cast<std::int64_t>(bytes_.size()));
    return sink_->state();
  }
  Result<void> close() override {
    if (options_.format == AudioFormat::wav) {
      bytes_.clear();
      if (sink_->length() % 2 != 0) sink_->write("", 1);  // chunks are even
      sink_->seek(0);
      write_header();
    }
    return sink_->close();
  }
  Result<std::vector<std::byte>> publish() override { return sink_->publish(); }

 private:
  bool is_float() const { return options_.format == AudioFormat::raw_f32 || options_.samples == SampleFormat::float32; }
  unsigned sample_bytes() const { return is_float() ? 4 : options_.samples == SampleFormat::int16 ? 2 : 3; }

  void add_number(std::uint32_t number, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) bytes_.push_back(static_cast<std::byte>(number >> (8 * i)));
  }
  void add_text(std::string_view text) {
    for (const char c : text) bytes_.push_back(static_cast<std::byte>(c));
  }
  // Scaled to 32 bits, rounded there, and cut to the highest bytes.
  void add_sample(float sample) {
    if (is_float()) {
      std::uint32_t bits = 0;
      std::memcpy(&bits, &sample, sizeof bits);
      return add_number(bits, 4);
    }
    const float scaled = sample * 2147483648.0f;
    const auto number = scaled >= 2147483648.0f    ? std::int32_t{0x7FFFFFFF}
                        : scaled <= -2147483648.0f ? std::int32_t{-0x7FFFFFFF - 1}
                                                   : static_cast<std::int32_t>(std::lrintf(scaled));
    const unsigned bytes = sample_bytes();
    add_number(static_cast<std::uint32_t>(number) >> (32 - 8 * bytes), bytes);
  }

  // At first with the lengths of nothing, in the end with those that came of it.
  void write_header() {
    const auto channels = static_cast<std::uint32_t>(options_.channels),
               rate = static_cast<std::uint32_t>(options_.sample_rate);
    const std::uint32_t frame_bytes = channels * sample_bytes();
    const std::uint32_t header = is_float() ? 88 : 44;
    const auto length = static_cast<std::uint32_t>(std::max<std::int64_t>(sink_->length(), header));
    const std::uint32_t frames = (length - header) / frame_bytes;
    bytes_.clear();
    add_text("RIFF");
    add_number(length - 8, 4);
    add_text("WAVEfmt ");
    add_number(16, 4);
    add_number(is_float() ? 3 : 1, 2);
    add_number(channels, 2);
    add_number(rate, 4);
    add_number(rate * frame_bytes, 4);
    add_number(frame_bytes, 2);
    add_number(8 * sample_bytes(), 2);
    if (is_float()) {
      add_text("fact");
      add_number(4, 4);
      add_number(frames, 4);
      add_text("PAD ");  // where the peaks would be
      add_number(24, 4);
      bytes_.resize(bytes_.size() + 24);
    }
    add_text("data");
    add_number(frames * frame_bytes, 4);
    sink_->write(bytes_.data(), static_cast<std::int64_t>(bytes_.size()));
  }

  std::unique_ptr<Sink> sink_;
  AudioFileOptions options_;
  std::vector<std::byte> bytes_;
};

}  // namespace

Result<std::unique_ptr<AudioWriter>> AudioWriter::open(const std::optional<std::filesystem::path> &path,
                                                       const AudioFileOptions &options) {
  if (auto fits = check_format(options); !fits) return std::unexpected(fits.error());
  auto sink = std::make_unique<Sink>(path, options.memory_limit);
  if (auto done = sink->open(); !done) return std::unexpected(done.error());
  return std::make_unique<PlainWriter>(std::move(sink), options);
}

}  // namespace arranger
