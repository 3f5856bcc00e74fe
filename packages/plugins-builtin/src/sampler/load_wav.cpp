// SPDX-License-Identifier: MIT
// A sample from a WAV file of the host that runs the module: 16, 24 or 32 bits, or float. The numbers are those that
// libsndfile gives.
#include <cstring>
#include <string_view>

#include "sample.hpp"

extern "C" {
// As base/host.hpp of the engine has them.
__attribute__((import_module("arranger"), import_name("file_read"))) double arranger_host_file_read(const char *name,
                                                                                                    std::size_t length,
                                                                                                    double limit);
__attribute__((import_module("arranger"), import_name("file_take"))) void arranger_host_file_take(void *bytes);
}

namespace arranger::sampler {
namespace {

// Bytes. A module has 2 GiB for everything, and a sample of 16 bits takes twice as much again.
constexpr double greatest_file = double{1u << 28};

class Bytes {
 public:
  Bytes(const std::uint8_t *data, std::size_t size) : data_(data), size_(size) {}
  std::size_t size() const { return size_; }
  std::uint32_t number(std::size_t at, unsigned bytes) const {
    std::uint32_t out = 0;
    for (unsigned i = 0; i < bytes; ++i) out |= std::uint32_t{data_[at + i]} << (8 * i);
    return out;
  }
  bool has(std::size_t at, std::string_view text) const {
    return at + text.size() <= size_ && std::memcmp(data_ + at, text.data(), text.size()) == 0;
  }

 private:
  const std::uint8_t *data_;
  std::size_t size_;
};

struct Wave {
  std::uint32_t format = 0, channels = 0, rate = 0, bits = 0;
  std::size_t data = 0, data_size = 0;

  bool is_float() const { return format == 3; }
  std::size_t sample_bytes() const { return bits / 8; }
};

// Where things are. Why the file is none that is known here, or "".
std::string find(const Bytes &file, Wave &wave) {
  if (!file.has(0, "RIFF") || !file.has(8, "WAVE")) return "it is no WAV file, the only kind that is read here";
  for (std::size_t at = 12; at + 8 <= file.size();) {
    const std::size_t begin = at + 8, size = file.number(at + 4, 4);
    if (file.has(at, "fmt ") && begin + 16 <= file.size()) {
      wave.format = file.number(begin, 2);
      wave.channels = file.number(begin + 2, 2);
      wave.rate = file.number(begin + 4, 4);
      wave.bits = file.number(begin + 14, 2);
      constexpr std::uint32_t extensible = 0xFFFE;  // the real format follows
      if (wave.format == extensible && size >= 26 && begin + 26 <= file.size())
        wave.format = file.number(begin + 24, 2);
    }
    if (file.has(at, "data")) {
      wave.data = begin;
      wave.data_size = size < file.size() - begin ? size : file.size() - begin;
      break;
    }
    if (size > file.size() - begin) break;  // the sum could wrap
    at = begin + size + size % 2;
  }
  const bool is_known =
      wave.format == 1 ? wave.bits == 16 || wave.bits == 24 || wave.bits == 32 : wave.format == 3 && wave.bits == 32;
  if (!is_known) return "its samples are none of 16, 24 or 32 bits, or 32-bit float";
  return "";
}

float sample_at(const Bytes &file, const Wave &wave, std::size_t at) {
  const std::uint32_t number = file.number(at, static_cast<unsigned>(wave.sample_bytes()));
  if (wave.is_float()) {
    float value = 0;
    std::memcpy(&value, &number, sizeof value);
    return value;
  }
  // Up to the sign bit; 32 bits and fewer become a float in one rounding.
  const auto whole = static_cast<std::int32_t>(number << (32 - wave.bits));
  return static_cast<float>(whole) / 2147483648.0f;
}

std::string read(const Bytes &file, Sample &sample) {
  Wave wave;
  if (auto problem = find(file, wave); !problem.empty()) return problem;
  const std::size_t frame_bytes = wave.sample_bytes() * wave.channels;
  const auto frames = static_cast<std::int64_t>(frame_bytes == 0 ? 0 : wave.data_size / frame_bytes);
  if (auto problem = sample.resize(static_cast<int>(wave.channels), frames, wave.rate); !problem.empty())
    return problem;
  std::size_t at = wave.data;
  for (std::int64_t frame = 0; frame < frames; ++frame)
    for (std::uint32_t c = 0; c < wave.channels; ++c, at += wave.sample_bytes())
      if (!sample.set(static_cast<int>(c), frame, sample_at(file, wave, at)))
        return "frame " + std::to_string(frame) + " is not a finite number";
  return "";
}

}  // namespace

std::string load(const std::string &path, Sample &sample) {
  const double size = arranger_host_file_read(path.data(), path.size(), greatest_file);
  if (size < 0) return "sample not found: " + path;
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
  arranger_host_file_take(bytes.data());
  const std::string problem = read(Bytes(bytes.data(), bytes.size()), sample);
  return problem.empty() ? "" : "the sample cannot be played: " + path + ": " + problem;
}

}  // namespace arranger::sampler
