// SPDX-License-Identifier: MIT
#include "render/audio_file.hpp"

#include <sndfile.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <random>
#include <utility>

#include "base/file.hpp"
#include "base/format.hpp"

namespace arranger {
namespace {

std::FILE *open_to_write(const std::filesystem::path &path) {
#if defined(_WIN32)
  return _wfopen(path.c_str(), L"w+b");
#else
  return std::fopen(path.c_str(), "w+b");
#endif
}

bool seek_file(std::FILE *file, std::int64_t position) {
#if defined(_WIN32)
  return _fseeki64(file, position, SEEK_SET) == 0;
#else
  return fseeko(file, position, SEEK_SET) == 0;
#endif
}

// The destination of bytes: a part file, or memory. libsndfile seeks in it to complete its headers.
class Sink {
 public:
  ~Sink() { discard(); }
  Sink(const Sink &) = delete;
  Sink &operator=(const Sink &) = delete;
  explicit Sink(const std::optional<std::filesystem::path> &path) : path_(path) {}

  // A link stays a link: what it names is written. A device is written as it is, since renaming would replace it.
  Result<void> open() {
    if (!path_) return {};
    std::error_code error;
    const auto status = std::filesystem::status(*path_, error);
    if (std::filesystem::is_directory(status))
      return fail(Code::io_error, format("Expected a file but '{}' is a directory", to_utf8(*path_)), "/path");
    const bool replaces = std::filesystem::is_regular_file(status);
    if (const auto target = std::filesystem::canonical(*path_, error); replaces && !error) path_ = target;
    if (replaces || !std::filesystem::exists(status)) {
      part_ = *path_;
      part_ += format(".{}.part", std::random_device{}());  // two processes may write beside each other
    }
    file_ = open_to_write(part_.empty() ? *path_ : part_);
    if (file_) return {};
    return fail(Code::io_error, format("Cannot write '{}': {}", to_utf8(*path_), std::strerror(errno)), "/path");
  }

  // The functions that libsndfile calls; `position` counts bytes.
  std::int64_t length() const { return length_; }
  std::int64_t tell() const { return position_; }
  std::int64_t seek(std::int64_t position) {
    position_ = position;
    if (file_ && !seek_file(file_, position)) failed_ = true;
    return position_;
  }
  std::int64_t write(const void *data, std::int64_t count) {
    const auto size = static_cast<std::size_t>(count);
    if (file_) {
      if (std::fwrite(data, 1, size, file_) != size) failed_ = true;
    } else {
      if (position_ + count > static_cast<std::int64_t>(bytes_.size()))
        bytes_.resize(static_cast<std::size_t>(position_ + count));
      std::memcpy(bytes_.data() + position_, data, size);
    }
    position_ += count;
    length_ = std::max(length_, position_);
    return failed_ ? 0 : count;
  }
  std::int64_t read(void *data, std::int64_t count) {
    const std::int64_t there = std::clamp<std::int64_t>(length_ - position_, 0, count);
    const auto size = static_cast<std::size_t>(there);
    if (file_) {
      if (std::fread(data, 1, size, file_) != size) failed_ = true;
    } else {
      std::memcpy(data, bytes_.data() + position_, size);
    }
    position_ += there;
    return there;
  }

  Result<std::vector<std::byte>> keep() {
    if (!path_) return std::move(bytes_);
    const bool written = std::fclose(std::exchange(file_, nullptr)) == 0 && !failed_;
    std::error_code error;
    if (written && !part_.empty()) std::filesystem::rename(part_, *path_, error);
    if (written && !error) {
      part_.clear();
      return std::vector<std::byte>{};
    }
    return fail(Code::io_error,
                format("Cannot write '{}': {}", to_utf8(*path_),
                       error ? error.message() : std::string("the disk did not take all of it")),
                "/path");
  }
  bool failed() const { return failed_; }

 private:
  void discard() {
    if (file_) std::fclose(file_);
    std::error_code ignored;
    if (!part_.empty()) std::filesystem::remove(part_, ignored);
  }
  std::optional<std::filesystem::path> path_;
  std::filesystem::path part_;
  std::FILE *file_ = nullptr;
  std::vector<std::byte> bytes_;
  std::int64_t position_ = 0, length_ = 0;
  bool failed_ = false;
};

class RawWriter final : public AudioWriter {
 public:
  RawWriter(std::unique_ptr<Sink> sink, int channels) : sink_(std::move(sink)), channels_(channels) {}
  Result<void> write(const float *interleaved, std::int64_t frames) override {
    sink_->write(interleaved, frames * channels_ * static_cast<std::int64_t>(sizeof(float)));
    if (sink_->failed()) return fail(Code::io_error, "The disk did not take the audio", "/path");
    return {};
  }
  Result<std::vector<std::byte>> finish() override { return sink_->keep(); }

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
    const int container = options.format == AudioFormat::flac ? SF_FORMAT_FLAC : SF_FORMAT_WAV;
    const int samples = options.samples == SampleFormat::int16   ? SF_FORMAT_PCM_16
                        : options.samples == SampleFormat::int24 ? SF_FORMAT_PCM_24
                                                                 : SF_FORMAT_FLOAT;
    info.format = container | samples;
    if (options.format == AudioFormat::flac && options.samples == SampleFormat::float32)
      return fail(Code::out_of_range, "Expected a bit depth of 16 or 24 for FLAC but received 32f", "/bit_depth");
    if (sf_format_check(&info) == 0)
      return fail(Code::out_of_range,
                  format("The format cannot hold {} channels at {} Hz", options.channels, options.sample_rate),
                  "/format");
    file_ = sf_open_virtual(&io_, SFM_WRITE, &info, sink_.get());
    if (!file_) return fail(Code::io_error, format("Cannot write audio: {}", sf_strerror(nullptr)), "/path");
    sf_command(file_, SFC_SET_CLIPPING, nullptr, SF_TRUE);
    sf_command(file_, SFC_SET_ADD_PEAK_CHUNK, nullptr, SF_FALSE);  // it has a time stamp
    channels_ = options.channels;
    return {};
  }
  Result<void> write(const float *interleaved, std::int64_t frames) override {
    if (sf_writef_float(file_, interleaved, frames) == frames && !sink_->failed()) return {};
    return fail(Code::io_error, format("Cannot write audio: {}", sf_strerror(file_)), "/path");
  }
  Result<std::vector<std::byte>> finish() override {
    sf_close(std::exchange(file_, nullptr));
    return sink_->keep();
  }

 private:
  std::unique_ptr<Sink> sink_;
  SF_VIRTUAL_IO io_;
  SNDFILE *file_ = nullptr;
  int channels_ = 2;
};

}  // namespace

Result<std::unique_ptr<AudioWriter>> AudioWriter::open(const std::optional<std::filesystem::path> &path,
                                                       const AudioFileOptions &options) {
  auto sink = std::make_unique<Sink>(path);
  if (auto done = sink->open(); !done) return std::unexpected(done.error());
  if (options.format == AudioFormat::raw_f32) return std::make_unique<RawWriter>(std::move(sink), options.channels);
  auto writer = std::make_unique<SndfileWriter>(std::move(sink));
  if (auto done = writer->open(options); !done) return std::unexpected(done.error());
  return writer;
}

}  // namespace arranger
