// SPDX-License-Identifier: MIT
// Audio files: complete or not there, and the same bytes for the same samples.
#include "render/audio_file.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <fstream>
#include <iterator>
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

// In pieces of some hundred frames.
Result<std::vector<std::byte>> write(const std::optional<fs::path> &path, const AudioFileOptions &options,
                                     std::int64_t frames) {
  auto writer = AudioWriter::open(path, options);
  if (!writer) return std::unexpected(writer.error());
  const auto all = samples(frames);
  for (std::int64_t at = 0; at < frames; at += 333)
    if (auto done = (*writer)->write(all.data() + 2 * at, std::min<std::int64_t>(333, frames - at)); !done)
      return std::unexpected(done.error());
  return (*writer)->finish();
}

std::uint32_t number(const std::vector<std::byte> &bytes, std::size_t at) {
  std::uint32_t out = 0;
  for (std::size_t i = 4; i-- > 0;) out = out << 8 | static_cast<std::uint32_t>(bytes[at + i]);
  return out;
}

const std::vector<AudioFileOptions> formats{
    {AudioFormat::wav, SampleFormat::int16, 48000},   {AudioFormat::wav, SampleFormat::int24, 44100},
    {AudioFormat::wav, SampleFormat::float32, 96000}, {AudioFormat::flac, SampleFormat::int16, 48000},
    {AudioFormat::flac, SampleFormat::int24, 44100},  {AudioFormat::raw_f32, SampleFormat::float32, 48000}};

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
  const auto bytes = writer->finish().value();
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
  REQUIRE(first->finish().has_value());
  REQUIRE(second->finish().has_value());
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
  for (const AudioFileOptions &options : formats) {
    for (const std::int64_t frames : {std::int64_t{30000}, std::int64_t{200000}}) {
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
