// SPDX-License-Identifier: MIT
#include "render/audio_file.hpp"

#include <sndfile.h>

#include <cstdio>
#include <utility>

#include "base/format.hpp"
#include "render/sink.hpp"

namespace arranger {
namespace {

constexpr int set_bitrate_mode = 0x1305;  // SFC_SET_BITRATE_MODE, which headers before 1.1 do not name
constexpr int variable_bitrate = 2;       // SF_BITRATE_MODE_VARIABLE
constexpr double ogg_quality = 0.6;       // of 0..1: about 190 kbit/s, beyond what listening tests tell from the source

class RawWriter final : public AudioWriter {
 public:
  RawWriter(std::unique_ptr<Sink> sink, int channels) : sink_(std::move(sink)), channels_(channels) {}
  Result<void> write(const float *interleaved, std::int64_t frames) override {
    sink_->write(interleaved, frames * channels_ * static_cast<std::int64_t>(sizeof(float)));
    return sink_->state();
  }
  Result<void> close() override { return sink_->close(); }
  Result<std::vector<std::byte>> publish() override { return sink_->publish(); }

 private:
  std::unique_ptr<Sink> sink_;
  int channels_;
};

SF_VIRTUAL_IO virtual_io() {
  SF_VIRTUAL_IO io;
  io.get_filelen = [](void *sink) -> sf_count_t { return static_cast<Sink *>(sink)->length(); };
  io.tell = [](void *sink) -> sf_count_t { return static_cast<Sink *>(sink)->tell(); };
  io.seek = [](sf_count_t offset, int whence, void *user) -> sf_count_t {
    auto *sink = static_cast<Sink *>(user);
    const std::int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? sink->tell() : sink->length();
    return sink->seek(base + offset);
  };
  io.write = [](const void *data, sf_count_t count, void *sink) -> sf_count_t {
    return static_cast<Sink *>(sink)->write(data, count);
  };
  io.read = [](void *data, sf_count_t count, void *sink) -> sf_count_t {
    return static_cast<Sink *>(sink)->read(data, count);
  };
  return io;
}

class SndfileWriter final : public AudioWriter {
 public:
  explicit SndfileWriter(std::unique_ptr<Sink> sink) : sink_(std::move(sink)), io_(virtual_io()) {}
  ~SndfileWriter() override {
    if (file_) sf_close(file_);
  }

  Result<void> open(const AudioFileOptions &options) {
    SF_INFO info{};
    info.samplerate = options.sample_rate;
    info.channels = options.channels;
    info.format = sndfile_format(options);
    file_ = sf_open_virtual(&io_, SFM_WRITE, &info, sink_.get());
    if (!file_) return fail(Code::io_error, format("Cannot write audio: {}", sf_strerror(nullptr)), "/path");
    sf_command(file_, SFC_SET_CLIPPING, nullptr, SF_TRUE);
    sf_command(file_, SFC_SET_ADD_PEAK_CHUNK, nullptr, SF_FALSE);  // it has a time stamp
    if (options.format == AudioFormat::ogg) set(SFC_SET_VBR_ENCODING_QUALITY, ogg_quality);
    if (options.format == AudioFormat::mp3) {
      int mode = variable_bitrate;
      sf_command(file_, set_bitrate_mode, &mode, sizeof(mode));
      set(SFC_SET_COMPRESSION_LEVEL, 0.0);  // LAME's V0, its best
    }
    return {};
  }
  Result<void> write(const float *interleaved, std::int64_t frames) override {
    const bool taken = sf_writef_float(file_, interleaved, frames) == frames;
    if (auto good = sink_->state(); !good) return good;
    if (taken) return {};
    return fail(Code::io_error, format("Cannot write audio: {}", sf_strerror(file_)), "/path");
  }
  Result<void> close() override {
    if (file_) sf_close(std::exchange(file_, nullptr));
    return sink_->close();
  }
  Result<std::vector<std::byte>> publish() override { return sink_->publish(); }

 private:
  void set(int command, double value) { sf_command(file_, command, &value, sizeof(value)); }

  std::unique_ptr<Sink> sink_;
  SF_VIRTUAL_IO io_;
  SNDFILE *file_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<AudioWriter>> AudioWriter::open(const std::optional<std::filesystem::path> &path,
                                                       const AudioFileOptions &options) {
  if (auto fits = check_format(options); !fits) return std::unexpected(fits.error());
  auto sink = std::make_unique<Sink>(path, options.memory_limit);
  if (auto done = sink->open(); !done) return std::unexpected(done.error());
  if (options.format == AudioFormat::raw_f32) return std::make_unique<RawWriter>(std::move(sink), options.channels);
  auto writer = std::make_unique<SndfileWriter>(std::move(sink));
  if (auto done = writer->open(options); !done) return std::unexpected(done.error());
  return writer;
}

}  // namespace arranger
