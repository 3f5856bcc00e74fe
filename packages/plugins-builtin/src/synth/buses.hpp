// SPDX-License-Identifier: MIT
// What the voices of each part add up to in a block, and how it gets to the output.
#pragma once

#include "../effects/each_frame.hpp"
#include "part.hpp"
#include "set.hpp"

#include <arranger/dsp/lanes.hpp>
#include <arranger/plugin.hpp>

#include <algorithm>
#include <array>

namespace synth {

inline constexpr int part_count = 16, drum_part = 9;

class Buses {
 public:
  void clear() { used_ = {}; }
  bool are_empty() const { return used_.is_empty(); }

  // Adds eight voices; `sound` is read up to the next multiple of four frames.
  void add(std::size_t part, const arranger::dsp::Lanes *sound, arranger::Frame frames) {
    float *const bus = buses_[part].left;
    if (take(part)) return arranger::dsp::sum_lanes(sound, bus, frames);
    alignas(64) float sum[arranger::max_block_frames];
    arranger::dsp::sum_lanes(sound, sum, frames);
    add(bus, sum, frames);
  }

  // Only drums have two sides.
  void add_drum(const float *left, const float *right, arranger::Frame frames) {
    Bus &bus = buses_[drum_part];
    if (take(drum_part)) {
      std::copy_n(left, frames, bus.left);
      std::copy_n(right, frames, bus.right);
    } else {
      add(bus.left, left, frames);
      add(bus.right, right, frames);
    }
  }

  // All parts where they are placed, times the gain.
  void mix(std::array<Part, part_count> &parts, const arranger::Param &gain, const arranger::AudioOut &out,
           arranger::Frame frames) const {
    const int only = used_.only();
    if (only >= 0 && only != drum_part && gain.is_constant()) {
      const auto n = static_cast<std::size_t>(only);
      if (!parts[n].moves()) return mix_one(parts[n], buses_[n].left, gain.value(), out, frames);
    }
    bool first = true;
    used_.for_each([&](std::size_t n) {
      add(out.left, buses_[n].left, parts[n].left, frames, first);
      add(out.right, n == drum_part ? buses_[n].right : buses_[n].left, parts[n].right, frames, first);
      first = false;
    });
    for (float *const side : {out.left, out.right})
      effects::each_frame(frames, [side, gains = gain.data()]<class V>(arranger::Frame i) {
        effects::store(side + i, effects::load<V>(side + i) * effects::load<V>(gains + i));
      });
  }

 private:
  struct Bus {
    alignas(64) float left[arranger::max_block_frames], right[arranger::max_block_frames];
  };

  // Whether nothing is on its bus so far.
  bool take(std::size_t part) {
    const bool first = !used_.has(part);
    used_.insert(part);
    return first;
  }

  static void add(float *to, const float *sound, arranger::Frame frames) {
    for (arranger::Frame i = 0; i < frames; ++i) to[i] += sound[i];
  }

  // As for many, to the bit, where nothing moves.
  static void mix_one(const Part &part, const float *sound, float gain, const arranger::AudioOut &out,
                      arranger::Frame frames) {
    effects::each_frame(frames, [=, left = part.left.target(), right = part.right.target(), out_l = out.left,
                                 out_r = out.right]<class V>(arranger::Frame i) {
      const V now = effects::load<V>(sound + i);
      effects::store(out_l + i, (0.0f + left * now) * gain);
      effects::store(out_r + i, (0.0f + right * now) * gain);
    });
  }

  static void add(float *__restrict to, const float *__restrict sound, arranger::dsp::Smoother &level,
                  arranger::Frame frames, bool first) {
    const bool moves = level.is_moving();
    const arranger::dsp::Signal levels = level.next(moves ? frames : 0);
    const float constant = level.target();
    const auto sum = [&](auto now) {
      if (first)
        for (arranger::Frame i = 0; i < frames; ++i) to[i] = 0.0f + now(i) * sound[i];  // never -0, whoever else sounds
      else
        for (arranger::Frame i = 0; i < frames; ++i) to[i] += now(i) * sound[i];
    };
    if (moves) sum([&](arranger::Frame i) { return levels[i]; });
    else sum([constant](arranger::Frame) { return constant; });
  }

  Set used_;
  std::array<Bus, part_count> buses_;
};

}  // namespace synth
