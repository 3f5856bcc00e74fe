// SPDX-License-Identifier: MIT
// Audio files: complete or not there, and the same bytes for the same samples.
#include "render/audio_file.hpp"

#include <doctest/doctest.h>
#include <sndfile.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <numbers>
#include <vector>

#if !defined(_WIN32)
#include <sys/resource.h>

#include <csignal>
#endif

#include "../fixtures/nodes.hpp"
#include "fixtures.hpp"

using namespace arranger;
using namespace arranger::test;
namespace fs = std::filesystem;

namespace {

std::vector<float> samples(std::int64_t frames) {
  std::vector<float> out;
  for (std::int64_t i = 0; i < frames; ++i) {
    out.push_back(noise(i, 0));
    out.push_back(noise(i, 1));
  }
  return out;
}

std::vector<std::byte> bytes_of(const fs::path &path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> text{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::byte> out(text.size());
  if (!text.empty()) std::memcpy(out.data(), text.data(), text.size());
  return out;
}

std::size_t files_in(const fs::path &folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator{}));
}

Result<std::vector<std::byte>> finish(AudioWriter &writer) {
  if (auto closed = writer.close(); !closed) return std::unexpected(closed.error());
  return writer.publish();
}

// In pieces of some hundred frames.
Result<std::vector<std::byte>> write(const std::optional<fs::path> &path, const AudioFileOptions &options,
                                     std::int64_t frames) {
  auto writer = AudioWriter::open(path, options);
  if (!writer) return std::unexpected(writer.error());
  const auto all = samples(frames);
  for (std::int64_t at = 0; at < frames; at += 333)
    if (auto done = (*writer)->write(all.data() + 2 * at, std::min<std::int64_t>(333, frames - at)); !done)
      return std::unexpected(done.error());
  return finish(**writer);
}

std::uint32_t number(const std::vector<std::byte> &bytes, std::size_t at) {
  std::uint32_t out = 0;
  for (std::size_t i = 4; i-- > 0;) out = out << 8 | static_cast<std::uint32_t>(bytes[at + i]);
  return out;
}

// Those whose bytes follow from the samples, then Ogg, whose streams have a random number.
const std::vector<AudioFileOptions> formats{
    {AudioFormat::wav, SampleFormat::int16, 48000},   {AudioFormat::wav, SampleFormat::int24, 44100},
    {AudioFormat::wav, SampleFormat::float32, 96000}, {AudioFormat::flac, SampleFormat::int16, 48000},
    {AudioFormat::flac, SampleFormat::int24, 44100},  {AudioFormat::raw_f32, SampleFormat::float32, 48000},
    {AudioFormat::mp3, SampleFormat::int16, 44100}};
const AudioFileOptions ogg{AudioFormat::ogg, SampleFormat::int16, 48000};

struct Decoded {
  int sample_rate = 0, channels = 0, container = 0;
  std::vector<float> samples;
};

// By libsndfile, from a file.
Decoded decode(const fs::path &path) {
  SF_INFO info{};
  SNDFILE *file = sf_open(path.string().c_str(), SFM_READ, &info);
  REQUIRE_MESSAGE(file != nullptr, std::string(sf_strerror(nullptr)));
  Decoded out{info.samplerate, info.channels, info.format & SF_FORMAT_TYPEMASK, {}};
  out.samples.resize(static_cast<std::size_t>(info.frames * info.channels));
  CHECK(sf_readf_float(file, out.samples.data(), info.frames) == info.frames);
  sf_close(file);
  return out;
}

double rms(const std::vector<float> &samples) {
  double sum = 0;
  for (const float x : samples) sum += static_cast<double>(x) * static_cast<double>(x);
  return std::sqrt(sum / static_cast<double>(samples.size()));
}

// A tone of 1 kHz, which lossy formats keep.
Result<std::vector<std::byte>> write_tone(const fs::path &path, const AudioFileOptions &options, int frames) {
  auto writer = AudioWriter::open(path, options);
  if (!writer) return std::unexpected(writer.error());
  std::vector<float> tone;
  for (int i = 0; i < frames; ++i) {
    const double phase = 2 * std::numbers::pi * 1000 * i / options.sample_rate;
    tone.push_back(static_cast<float>(0.5 * std::sin(phase)));
    tone.push_back(static_cast<float>(0.25 * std::sin(phase)));
  }
  for (int at = 0; at < frames; at += 4096)
    if (auto done = (*writer)->write(tone.data() + 2 * at, std::min(4096, frames - at)); !done)
      return std::unexpected(done.error());
  return finish(**writer);
}

}  // namespace

TEST_CASE("in memory and in a file, now and again: the same bytes") {
  const TemporaryFolder folder;
  for (const AudioFileOptions &options : formats) {
    CAPTURE(static_cast<int>(options.format));
    CAPTURE(static_cast<int>(options.samples));
    const auto memory = write(std::nullopt, options, 5000);
    REQUIRE(memory.has_value());
    CHECK(memory->size() > 5000);
    CHECK(write(std::nullopt, options, 5000).value() == *memory);
    const auto path = folder.path() / "song";
    REQUIRE(write(path, options, 5000).has_value());
    CHECK(bytes_of(path) == *memory);
    CHECK(files_in(folder.path()) == 1);
  }
}

TEST_CASE("a WAV file says what is in it, and holds the samples") {
  const auto bytes = write(std::nullopt, {AudioFormat::wav, SampleFormat::float32, 96000}, 1000).value();
  CHECK(std::memcmp(bytes.data(), "RIFF", 4) == 0);
  CHECK(number(bytes, 4) == bytes.size() - 8);
  CHECK(number(bytes, 24) == 96000);
  const auto all = samples(1000);
  REQUIRE(bytes.size() > all.size() * sizeof(float));
  CHECK(std::memcmp(bytes.data() + bytes.size() - all.size() * sizeof(float), all.data(), all.size() * sizeof(float)) ==
        0);
  const auto raw = write(std::nullopt, {AudioFormat::raw_f32}, 1000).value();
  REQUIRE(raw.size() == all.size() * sizeof(float));
  CHECK(std::memcmp(raw.data(), all.data(), raw.size()) == 0);
}

TEST_CASE("samples beyond full scale are clipped, not wrapped") {
  auto writer = AudioWriter::open(std::nullopt, {AudioFormat::wav, SampleFormat::int16}).value();
  const float loud[] = {2.0f, -2.0f};
  REQUIRE(writer->write(loud, 1).has_value());
  const auto bytes = finish(*writer).value();
  std::int16_t last[2];
  std::memcpy(last, bytes.data() + bytes.size() - 4, 4);
  CHECK(last[0] == 32767);
  CHECK(last[1] == -32768);
}

TEST_CASE("a file appears under its name only when it is complete; until then the old one is there") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "song.wav";
  REQUIRE(write(path, formats[0], 100).has_value());
  const auto old = bytes_of(path);
  {
    auto writer = AudioWriter::open(path, formats[0]).value();
    REQUIRE(writer->write(samples(5000).data(), 5000).has_value());
    CHECK(bytes_of(path) == old);
    CHECK(files_in(folder.path()) == 2);
  }  // given up
  CHECK(bytes_of(path) == old);
  CHECK(files_in(folder.path()) == 1);
  REQUIRE(write(path, formats[0], 200).has_value());
  CHECK(bytes_of(path).size() == old.size() + 400);
}

TEST_CASE("two writers of one name do not disturb each other") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "song.wav";
  auto first = AudioWriter::open(path, formats[0]).value(), second = AudioWriter::open(path, formats[0]).value();
  const auto all = samples(400);
  REQUIRE(first->write(all.data(), 400).has_value());
  REQUIRE(second->write(all.data(), 100).has_value());
  REQUIRE(finish(*first).has_value());
  REQUIRE(finish(*second).has_value());
  CHECK(bytes_of(path) == write(std::nullopt, formats[0], 100).value());
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("a place that cannot be written is an error with its name, and leaves nothing") {
  const TemporaryFolder folder;
  const auto refused = [&](const fs::path &path, const std::string &part) {
    const auto writer = AudioWriter::open(path, formats[0]);
    REQUIRE(!writer.has_value());
    CHECK(writer.error().code == Code::io_error);
    CHECK(writer.error().path == "/path");
    CHECK(writer.error().message.find(part) != std::string::npos);
  };
  refused(folder.path(), "directory");
  refused(folder.path() / "no" / "song.wav", "song.wav");
  CHECK(files_in(folder.path()) == 0);
}

TEST_CASE("a format that cannot hold the samples is refused") {
  const auto code = [](const AudioFileOptions &options) {
    return AudioWriter::open(std::nullopt, options).error().code;
  };
  CHECK(code({AudioFormat::flac, SampleFormat::float32}) == Code::out_of_range);
  CHECK(code({AudioFormat::flac, SampleFormat::int16, 48000, 64}) == Code::out_of_range);
}

TEST_CASE("lossy files hold the tone, at its level, rate and length; Ogg decodes to the same samples again") {
  const TemporaryFolder folder;
  for (const AudioFormat format : {AudioFormat::ogg, AudioFormat::mp3})
    for (const int rate : {8000, 11025, 44100, 48000}) {
      CAPTURE(static_cast<int>(format));
      CAPTURE(rate);
      const AudioFileOptions options{format, SampleFormat::int16, rate};
      REQUIRE(write_tone(folder.path() / "a", options, 2 * rate).has_value());
      REQUIRE(write_tone(folder.path() / "b", options, 2 * rate).has_value());
      const Decoded first = decode(folder.path() / "a");
      CHECK(first.sample_rate == rate);
      CHECK(first.channels == 2);
      CHECK(first.samples.size() == doctest::Approx(4 * rate).epsilon(0.02));
      CHECK(rms(first.samples) == doctest::Approx(std::sqrt((0.125 + 0.03125) / 2)).epsilon(0.02));
      CHECK(first.samples == decode(folder.path() / "b").samples);
    }
}

TEST_CASE("rates that an encoder does not take are refused with the nearest, and no file is made") {
  const TemporaryFolder folder;
  const auto refused = [&](AudioFormat format, int rate, const std::string &part) {
    const auto writer = AudioWriter::open(folder.path() / "song", {format, SampleFormat::int16, rate});
    REQUIRE(!writer.has_value());
    CHECK(writer.error().code == Code::out_of_range);
    CHECK(writer.error().path == "/sample_rate");
    CHECK_MESSAGE(writer.error().message.find(part) != std::string::npos, writer.error().message);
  };
  refused(AudioFormat::mp3, 96000, "nearest is 48000");
  refused(AudioFormat::mp3, 44000, "nearest is 44100");
  refused(AudioFormat::ogg, 384000, "200000");
  CHECK(files_in(folder.path()) == 0);
}

TEST_CASE("every rate that is not refused is written: nothing fails half-way") {
  const TemporaryFolder folder;
  for (const AudioFormat format : {AudioFormat::wav, AudioFormat::flac, AudioFormat::ogg, AudioFormat::mp3})
    for (const int rate : {8000, 9999, 22050, 88200, 96000, 176400, 192000, 200000, 200001, 384000}) {
      CAPTURE(static_cast<int>(format));
      CAPTURE(rate);
      const AudioFileOptions options{format, SampleFormat::int16, rate};
      if (!check_format(options).has_value()) continue;
      REQUIRE(write_tone(folder.path() / "song", options, rate / 4).has_value());
      const Decoded decoded = decode(folder.path() / "song");
      CHECK(decoded.sample_rate == rate);
      CHECK(rms(decoded.samples) == doctest::Approx(0.2795).epsilon(0.05));
    }
}

TEST_CASE("a WAV that may pass 4 GiB is RF64; one that may not is the plain WAV, byte for byte") {
  const TemporaryFolder folder;
  AudioFileOptions options{AudioFormat::wav, SampleFormat::int24, 48000};
  const auto plain = write(std::nullopt, options, 1000).value();
  options.most_frames = greatest_wav / 6;
  CHECK(write(std::nullopt, options, 1000).value() == plain);
  ++options.most_frames;
  const auto large = write(std::nullopt, options, 1000).value();
  CHECK(std::memcmp(large.data(), "RF64", 4) == 0);
  CHECK(number(large, 4) == 0xffffffffu);
  CHECK(std::memcmp(large.data() + 12, "ds64", 4) == 0);
  CHECK(number(large, 20) == large.size() - 8);
  CHECK(number(large, 28) == 6000);  // bytes of samples
  CHECK(std::memcmp(large.data() + large.size() - 6000, plain.data() + plain.size() - 6000, 6000) == 0);

  options = {AudioFormat::wav, SampleFormat::float32, 48000};
  options.most_frames = 1000;
  options.greatest_plain_wav = 7999;
  REQUIRE(write(folder.path() / "song.wav", options, 1000).has_value());
  const Decoded decoded = decode(folder.path() / "song.wav");
  CHECK(decoded.container == SF_FORMAT_RF64);
  CHECK(decoded.samples == samples(1000));
}

TEST_CASE("a file in memory ends at its limit") {
  for (AudioFileOptions options : formats) {
    CAPTURE(static_cast<int>(options.format));
    options.memory_limit = 1000;
    const auto done = write(std::nullopt, options, 50000);
    REQUIRE(!done.has_value());
    CHECK(done.error().code == Code::message_too_large);
  }
}

TEST_CASE("a name says its format") {
  CHECK(format_of("a/song.WAV") == AudioFormat::wav);
  CHECK(format_of("song.v2.flac") == AudioFormat::flac);
  CHECK(format_of("song.ogg") == AudioFormat::ogg);
  CHECK(format_of("song.mp3") == AudioFormat::mp3);
  CHECK(format_of("song.f32") == AudioFormat::raw_f32);
  CHECK(!format_of("song.xyz"));
  CHECK(!format_of("wav"));
}

#if !defined(_WIN32)
TEST_CASE("a full disk is an error, and the half file is gone") {
  const TemporaryFolder folder;
  struct Limit {
    rlimit old{};
    void (*handler)(int) = std::signal(SIGXFSZ, SIG_IGN);
    Limit() {
      getrlimit(RLIMIT_FSIZE, &old);
      const rlimit small{100000, old.rlim_max};
      setrlimit(RLIMIT_FSIZE, &small);
    }
    ~Limit() {
      setrlimit(RLIMIT_FSIZE, &old);
      std::signal(SIGXFSZ, handler);
    }
  };
  auto all = formats;
  all.push_back(ogg);
  for (const AudioFileOptions &options : all) {
    const std::int64_t packing = options.format == AudioFormat::mp3 || options.format == AudioFormat::ogg ? 8 : 1;
    for (const std::int64_t frames : {30000 * packing, 200000 * packing}) {
      CAPTURE(static_cast<int>(options.format));
      CAPTURE(frames);
      const auto done = [&] {
        const Limit limit;
        return write(folder.path() / "song", options, frames);
      }();
      REQUIRE(!done.has_value());
      CHECK(done.error().code == Code::io_error);
      CHECK(files_in(folder.path()) == 0);
    }
  }
}

TEST_CASE("a link stays a link") {
  const TemporaryFolder folder;
  fs::create_directory(folder.path() / "music");
  const auto target = folder.path() / "music" / "song.wav", link = folder.path() / "link.wav";
  REQUIRE(write(target, formats[0], 10).has_value());
  fs::create_symlink(target, link);
  REQUIRE(write(link, formats[0], 100).has_value());
  CHECK(fs::is_symlink(link));
  CHECK(bytes_of(target) == write(std::nullopt, formats[0], 100).value());
  CHECK(files_in(folder.path()) == 2);
}

TEST_CASE("a device is written, not replaced") {
  const TemporaryFolder folder;
  const auto link = folder.path() / "device";  // a device of its own cannot be made by everybody
  fs::create_symlink("/dev/null", link);
  CHECK(write(link, formats[0], 1000).has_value());
  CHECK(fs::is_symlink(link));
  if (!fs::is_character_file("/dev/full")) {
    MESSAGE("this system has no /dev/full");
    return;
  }
  fs::remove(link);
  fs::create_symlink("/dev/full", link);
  for (const AudioFileOptions &options : formats) {
    const auto done = write(link, options, 50000);
    REQUIRE(!done.has_value());
    CHECK(done.error().code == Code::io_error);
  }
  CHECK(fs::is_symlink(link));
  CHECK(fs::is_character_file("/dev/full"));
}
#endif
