// SPDX-License-Identifier: MIT
// builtin.spectrum: shows the spectrum of what passes through, bit for bit.
//
// Every 1024 frames, counted from reset, the last 2048 are weighted with a Hann window (von Hann; Blackman and Tukey 1958)
// and transformed (dsp/fft.hpp). Bin k lies at k * sample rate / 2048. A sine of full scale in the middle of a bin reads
// 0 dB there and -6 dB in both neighbours, between two bins 1.4 dB less.
#include <arranger/plugin.hpp>

#include <algorithm>
#include <array>

using namespace arranger;

namespace {

constexpr Frame size = 2048;
constexpr Frame hop = 1024;
constexpr Frame bins = size / 2 + 1;
constexpr float floor_db = -120.0f;

class Spectrum final : public Plugin {
  AudioIn in{*this, "audio_in", "Audio In", {.doc = "What is measured."}};
  AudioOut out{*this, "audio_out", "Audio Out", {.doc = "The input, unchanged."}};
  Param side{*this,
             "channel",
             "Channel",
             {.default_value = 2, .choices = {"Left", "Right", "Mid"}, .doc = "What is measured; mid is the average."}};
  DataMonitor spectrum{*this,
                       "spectrum",
                       "Spectrum",
                       bins,
                       {.min = -120,
                        .max = 0,
                        .unit = Unit::decibels,
                        .doc = "Level of each bin from 0 Hz to half the sample rate, at least -120."}};

  dsp::RealFft fft;
  std::array<float, size> window{};
  std::array<float, size> past{};  // the last samples, in a ring whose place follows from the frame
  std::array<float, size> weighted{};
  std::array<float, bins> real{}, imag{};
  Frame silent_frames = size;  // in a row, up to `size`
  bool shows_silence = false;

  void activate(const Activation &) override {
    fft.resize(size);
    for (Frame i = 0; i < size; ++i) {
      const double turns = static_cast<double>(std::min(i, size - i)) / size;
      window[static_cast<std::size_t>(i)] = static_cast<float>(0.5 - 0.5 * dsp::cosine_of_turns(turns));
    }
  }

  void reset() override {
    past.fill(0.0f);
    silent_frames = size;
    shows_silence = false;
  }

  void process(const Block &block) override {
    std::int64_t at = block.frames_since_reset;
    for (Frame i : block) {
      const float l = in.left[i], r = in.right[i];
      const int chosen = static_cast<int>(side[i] + 0.5f);
      const float sample = chosen == 0 ? l : chosen == 1 ? r : 0.5f * (l + r);
      past[static_cast<std::size_t>(at % size)] = sample;
      silent_frames = sample == 0.0f ? std::min(silent_frames + 1, size) : 0;
      out.left[i] = l;
      out.right[i] = r;
      if (++at % hop == 0) show(at);
    }
    if (!in.silent()) return;
    if (shows_silence && silent_frames == size) sleep();
    else out.set_silent();
  }

  // `end`: the frame after the last one of the window.
  void show(std::int64_t end) {
    shows_silence = silent_frames == size;
    for (Frame i = 0; i < size; ++i)
      weighted[static_cast<std::size_t>(i)] =
          window[static_cast<std::size_t>(i)] * past[static_cast<std::size_t>((end + i) % size)];
    fft.forward(weighted.data(), real.data(), imag.data());
    for (std::size_t k = 0; k < bins; ++k) {
      // The window halves a sine, and half of what is left lies at the negative frequency; 0 Hz and the highest have none.
      const float scale = k == 0 || k == bins - 1 ? 2.0f / size : 4.0f / size;
      const float re = scale * real[k], im = scale * imag[k];
      spectrum.values()[k] = std::max(floor_db, 0.5f * dsp::gain_to_db(re * re + im * im));
    }
    spectrum.set_count(bins);
  }
};

}  // namespace

ARRANGER_PLUGIN(Spectrum, {.id = "builtin.spectrum",
                           .name = "Spectrum",
                           .category = Category::utility,
                           .version = 1,
                           .doc = "Shows the spectrum of what passes through, unchanged.",
                           .author = "Arranger",
                           .preserves_finite = true,
                           .in_place = true})
