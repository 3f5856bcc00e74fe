// SPDX-License-Identifier: MIT
// A SoundFont 2 file of a few kilobytes: each preset is one looped sine, so that its frequency tells which one sounds.
#pragma once

#include <cmath>
#include <cstdint>
#include <fstream>
#include <numbers>
#include <string>
#include <string_view>
#include <vector>

namespace arranger::test {

struct TinyPreset {
  int bank;  // 128 = drums
  int program;
  int period;  // of the sine, in frames at 44100 Hz when key 60 plays: key 60 sounds at 44100 / period Hz
};

class TinySoundFont {
 public:
  explicit TinySoundFont(const std::vector<TinyPreset> &presets) {
    const std::string body = "sfbk" + list("INFO", info()) + list("sdta", chunk("smpl", samples(presets))) +
                             list("pdta", preset_data(presets));
    bytes_ = chunk("RIFF", body);
  }
  const std::string &bytes() const { return bytes_; }
  void write(const std::string &path) const { std::ofstream(path, std::ios::binary) << bytes_; }

 private:
  static constexpr int sample_frames = 3000;  // a multiple of every period in use
  static constexpr int silent_frames = 46;    // the format wants them after each sample

  static std::string number(std::uint32_t value, int size) {
    std::string out;
    for (int i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i) & 255);
    return out;
  }
  static std::string text(std::string value, std::size_t size) {
    value.resize(size, '\0');
    return value;
  }
  static std::string chunk(std::string_view id, const std::string &body) {
    return std::string(id) + number(static_cast<std::uint32_t>(body.size()), 4) + body +
           std::string(body.size() % 2, '\0');
  }
  static std::string list(std::string_view kind, const std::string &body) {
    return chunk("LIST", std::string(kind) + body);
  }
  static std::string info() {
    return chunk("ifil", number(2, 2) + number(1, 2)) + chunk("isng", text("EMU8000", 8)) +
           chunk("INAM", text("tiny", 6));
  }
  static std::string samples(const std::vector<TinyPreset> &presets) {
    std::string out;
    for (const TinyPreset &preset : presets) {
      for (int i = 0; i < sample_frames; ++i) {
        const double angle = 2 * std::numbers::pi * i / preset.period;
        out += number(static_cast<std::uint32_t>(std::lround(16000 * std::sin(angle))), 2);
      }
      out += std::string(2 * silent_frames, '\0');
    }
    return out;
  }

  // A generator: what it sets, and to what.
  enum { instrument = 41, sample_id = 53, sample_modes = 54 };
  static std::string generator(int kind, std::uint32_t amount) {
    return number(static_cast<std::uint32_t>(kind), 2) + number(amount, 2);
  }
  static std::string bag(std::size_t first_generator) {
    return number(static_cast<std::uint32_t>(first_generator), 2) + number(0, 2);
  }
  static std::string preset_header(const std::string &name, int bank, int program, std::size_t first_bag) {
    return text(name, 20) + number(static_cast<std::uint32_t>(program), 2) +
           number(static_cast<std::uint32_t>(bank), 2) + number(static_cast<std::uint32_t>(first_bag), 2) +
           std::string(12, '\0');
  }
  static std::string sample_header(const std::string &name, std::size_t index, bool last) {
    const auto start = static_cast<std::uint32_t>(index * (sample_frames + silent_frames));
    if (last) return text(name, 46);
    const std::uint32_t end = start + sample_frames, margin = sample_frames / 2;
    return text(name, 20) + number(start, 4) + number(end, 4) + number(start + margin - 600, 4) +
           number(start + margin + 600, 4) + number(44100, 4) + number(60, 1) + number(0, 1) + number(0, 2) +
           number(1, 2);
  }
  // One zone per preset and per instrument; each list ends with a record that only says where the last one ends.
  static std::string preset_data(const std::vector<TinyPreset> &presets) {
    std::string headers, preset_bags, preset_generators, instruments, instrument_bags, instrument_generators,
        sample_headers;
    for (std::size_t i = 0; i < presets.size(); ++i) {
      const auto index = static_cast<std::uint32_t>(i);
      headers += preset_header("preset", presets[i].bank, presets[i].program, i);
      preset_bags += bag(i);
      preset_generators += generator(instrument, index);
      instruments += text("instrument", 20) + number(index, 2);
      instrument_bags += bag(2 * i);
      instrument_generators += generator(sample_modes, 1) + generator(sample_id, index);
      sample_headers += sample_header("sample", i, false);
    }
    const std::size_t count = presets.size();
    const std::string no_modulators(10, '\0'), no_generator(4, '\0');
    return chunk("phdr", headers + preset_header("EOP", 0, 0, count)) + chunk("pbag", preset_bags + bag(count)) +
           chunk("pmod", no_modulators) + chunk("pgen", preset_generators + no_generator) +
           chunk("inst", instruments + text("EOI", 20) + number(static_cast<std::uint32_t>(count), 2)) +
           chunk("ibag", instrument_bags + bag(2 * count)) + chunk("imod", no_modulators) +
           chunk("igen", instrument_generators + no_generator) +
           chunk("shdr", sample_headers + sample_header("EOS", 0, true));
  }

  std::string bytes_;
};

}  // namespace arranger::test
