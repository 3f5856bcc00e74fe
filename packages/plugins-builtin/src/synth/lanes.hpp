// SPDX-License-Identifier: MIT
// The parts of eight voices that sound side by side, one in each lane. What moves is worked out on the first frame of a
// cell of 32 frames, and gone to in a straight line until the next: a cell's beginning depends on the clock alone, so the
// sound does not depend on where calls begin, and no lane depends on what is in the others.
#pragma once

#include "timbres.hpp"

#include <arranger/dsp/envelope.hpp>
#include <arranger/dsp/filter.hpp>
#include <arranger/dsp/lanes.hpp>
#include <arranger/dsp/oscillator.hpp>

#include <algorithm>
#include <type_traits>

namespace synth {

namespace dsp = arranger::dsp;
using dsp::Frame;
using dsp::IntLanes;
using dsp::lane_count;
using dsp::Lanes;
using dsp::UintLanes;

inline constexpr int cell_bits = 5;
inline constexpr Frame cell_frames = 1 << cell_bits;

// Whether any lane is not 0.
inline bool any(const Lanes &x) {
  bool found = false;
  for (int lane = 0; lane < lane_count; ++lane) found = found || x[lane] != 0.0f;
  return found;
}

// Envelopes: see dsp::Envelope::Segment.
struct Curves {
  Lanes asymptote = 0.0f, distance = 0.0f, octaves = 0.0f, position = 0.0f;

  void set(int lane, const dsp::Envelope::Segment &segment, float gain = 1.0f) {
    asymptote.set(lane, gain * segment.asymptote);
    distance.set(lane, gain * segment.distance);
    octaves.set(lane, segment.octaves);
    position.set(lane, static_cast<float>(segment.position));
  }
  void advance(Frame frames) { position += static_cast<float>(frames); }
  Lanes remainder() const { return distance * dsp::exp2(position * octaves); }
  Lanes level() const { return asymptote + remainder(); }
  bool moves() const { return any(distance * octaves); }
};

// A value that goes from cell to cell in straight lines.
struct Line {
  Lanes from = 0.0f, slope = 0.0f, to = 0.0f;

  void aim(const Lanes &target) {
    from = to;
    to = target;
    slope = (to - from) * (1.0f / cell_frames);
  }
  void jump(int lane, float value) {
    from.set(lane, value);
    to.set(lane, value);
    slope.set(lane, 0.0f);
  }
  Lanes at(Frame frame) const { return from + slope * static_cast<float>(frame); }
  bool moves() const { return any(slope); }
};

// A wave at a phase; `scale`: frames per step of phase.
template <Wave wave>
ARRANGER_DSP_INLINE Lanes sample(UintLanes phase, Lanes scale) {
  if constexpr (wave == Wave::sine) return dsp::sine_of_phase(phase);
  else if constexpr (wave == Wave::triangle) return dsp::detail::triangle_of_phase(phase, scale);
  else if constexpr (wave == Wave::saw) return dsp::detail::saw_of_phase(phase, scale);
  else return dsp::detail::pulse_of_phase(phase, scale, wave == Wave::square ? 0x80000000u : 0x40000000u);
}

// Calls use with a std::integral_constant of the wave, so that a loop is compiled for each.
template <class Use>
void with_wave(Wave wave, Use use) {
  switch (wave) {
    case Wave::sine:
      return use(std::integral_constant<Wave, Wave::sine>());
    case Wave::triangle:
      return use(std::integral_constant<Wave, Wave::triangle>());
    case Wave::saw:
      return use(std::integral_constant<Wave, Wave::saw>());
    case Wave::square:
      return use(std::integral_constant<Wave, Wave::square>());
    case Wave::pulse:
      return use(std::integral_constant<Wave, Wave::pulse>());
  }
}

// Phases, and how far they move each frame.
struct Phases {
  UintLanes phase = 0u, increment = 0u, slide = 0u, to = 0u;
  Lanes scale = 1.0f;  // frames per step of phase

  void aim(const UintLanes &target) {
    increment = to;
    to = target;
    // The rest of the division is made up for by the next cell.
    slide = std::bit_cast<UintLanes>(std::bit_cast<IntLanes>(to - increment) >> cell_bits);
    scale = dsp::detail::frames_per_phase_step<Lanes>(increment);
  }
  void jump(int lane, std::uint32_t value) {
    increment.set(lane, value);
    to.set(lane, value);
    slide.set(lane, 0u);
    scale.set(lane, dsp::detail::frames_per_phase_step<float>(value));
  }
  bool moves() const { return any(std::bit_cast<IntLanes>(slide).to<float>()); }

  // Adds `level` times a wave (see `sample`), without moving on: there may be another wave of the same phases.
  template <bool slides, Wave wave>
  void add(const Lanes &level, Lanes *out, Frame size) const {
    UintLanes now = phase, step = increment;
    for (Frame i = 0; i < size; ++i) {
      const Lanes frames_per_step = slides ? dsp::detail::frames_per_phase_step<Lanes>(step) : scale;
      out[i] += level * sample<wave>(now, frames_per_step);
      now += step;
      if constexpr (slides) step += slide;
    }
  }
  // Moves on.
  void run(Frame size) {
    const auto frames = static_cast<std::uint32_t>(size);
    phase += increment * frames + slide * (frames * (frames - 1) / 2);
    increment += slide * frames;
    scale = dsp::detail::frames_per_phase_step<Lanes>(increment);
  }
};

// A state-variable low-pass in each lane: dsp::Svf's, see there. It goes by pairs of frames that begin on even ones of the
// clock: the states after both follow from those before them, three operations away, so that there is time for the rest
// meanwhile. A call may end amid a pair; the next goes on there, to the same bits.
struct LowPass {
  Line g, k;

  // Of one frame: what a step adds to the states, see dsp::Svf.
  struct Gains {
    Lanes to_band = 0.0f, to_low = 0.0f, loss = 0.0f;
  };
  // Of two: what they add to the states s1 and s2, of each of these, of the first input, and of the second.
  struct Pair {
    Lanes s1_to_1, s2_to_1, s1_to_2, s2_to_2, first_to_1, first_to_2, second_to_1, second_to_2;
  };
  struct State {
    Lanes s1 = 0.0f, s2 = 0.0f;             // when the pair began
    Lanes between = 0.0f, first_in = 0.0f;  // amid a pair: s2, and the first input
    Gains first;
  };
  State state;
  Gains rest;  // while nothing moves: see `settle`
  Pair rest_pair;

  void silence(int lane) {
    for (Lanes *of : {&state.s1, &state.s2, &state.between, &state.first_in}) of->set(lane, 0.0f);
  }

  Gains gains(Frame frame) const {
    const Lanes now = g.at(frame), damped = now * (now + k.at(frame)), twice = 2.0f / (1.0f + damped);
    return {now * twice, now * (now * twice), damped * twice};
  }
  static ARRANGER_DSP_INLINE Pair pair(const Gains &a, const Gains &b) {
    const Lanes band = b.to_band * a.to_band, low = b.to_low * a.to_low;
    const Lanes turned = b.loss * a.to_band + b.to_band * a.to_low;
    return {(b.loss * a.loss - band) - (a.loss + b.loss),
            turned - (a.to_band + b.to_band),
            (a.to_band + b.to_band) - (b.to_band * a.loss + b.to_low * a.to_band),
            (low - band) - (a.to_low + b.to_low),
            a.to_band - turned,
            a.to_low + (band - low),
            b.to_band,
            b.to_low};
  }
  // From now on, as long as nothing moves.
  void settle() {
    rest = gains(0);
    rest_pair = pair(rest, rest);
  }

  // Both give twice the output: whoever scales it after the filter halves it for nothing.
  static ARRANGER_DSP_INLINE Lanes first(State &now, Lanes in, const Gains &by) {
    now.between = (now.s2 + by.to_band * now.s1) + by.to_low * (in - now.s2);
    now.first_in = in;
    return now.s2 + now.between;
  }
  static ARRANGER_DSP_INLINE Lanes second(State &now, Lanes in, const Pair &by) {
    const Lanes add1 = by.first_to_1 * now.first_in + by.second_to_1 * in;
    const Lanes add2 = by.first_to_2 * now.first_in + by.second_to_2 * in;
    const Lanes s1 = (now.s1 + add1) + (by.s1_to_1 * now.s1 + by.s2_to_1 * now.s2);
    now.s2 = (now.s2 + add2) + (by.s1_to_2 * now.s1 + by.s2_to_2 * now.s2);
    now.s1 = s1;
    return now.between + now.s2;
  }
};

}  // namespace synth
