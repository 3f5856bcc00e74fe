// SPDX-License-Identifier: MIT
// Eight voices, rendered side by side: oscillators and noise → low-pass → amplitude.
#pragma once

#include "lanes.hpp"
#include "saw.hpp"
#include "voice.hpp"

#include <array>
#include <span>

namespace synth {

// What the parameters say, frame by frame of a block.
struct Controls {
  double sample_rate;
  std::int64_t clock;      // frames since the reset
  const float *cutoff;     // Hz
  const float *resonance;  // 0 .. 1
  bool constant;           // each is the same in all frames
};

class VoiceGroup {
 public:
  using Voices = std::span<Voice, lane_count>;

  // The next `frames` frames, 1 .. max_frames, a vector for each: one that does not sound is 0. `out` has memory for them.
  // Needed as long as it returns that one of the voices goes on, and where one has begun.
  bool render(Voices voices, const Controls &controls, Frame frames, Lanes *out) {
    if (!sounds_) cell_ = static_cast<Frame>(controls.clock % cell_frames);
    bool begins[lane_count] = {};
    hear(voices, begins);
    for (Frame done = 0; done < frames;) {
      steer(controls, done, begins);
      const Frame size = std::min({frames - done, until_news_, rests(controls) ? frames : cell_frames - cell_});
      make(out + done, size);
      advance(size);
      done += size;
      if (until_news_ == 0 || done == frames) catch_up(voices);
    }
    return sounds_;
  }

 private:
  static constexpr Frame never = std::numeric_limits<Frame>::max();
  static constexpr float vibrato_hertz = 5.5f, wheel_cents = 50.0f;

  // What happened to the voices since the last block.
  void hear(Voices voices, bool *begins) {
    bool news = false;
    for (int lane = 0; lane < lane_count; ++lane) {
      Voice &voice = voices[static_cast<std::size_t>(lane)];
      if (voice.news == Voice::News::none) continue;
      news = true;
      if (voice.news == Voice::News::begins_in_silence) silence(lane);
      begins[lane] = voice.news >= Voice::News::begins;
      if (begins[lane]) begin(lane, voice);
      if (voice.news >= Voice::News::segment) {
        follow_amplitude(lane, voice);
        sweep_.set(lane, voice.sweep.segment());
      }
      bend_.set(lane, voice.gesture.bend);
      vibrato_depth_.set(lane, 0.01f * (voice.timbre.vibrato + wheel_cents * voice.gesture.modulation));
      voice.news = Voice::News::none;
    }
    if (news) look(voices);
  }

  void silence(int lane) {
    for (Phases *phases : {&first_, &second_}) phases->phase.set(lane, 0u);
    vibrato_.set(lane, 0u);
    filter_.silence(lane);
  }

  void begin(int lane, const Voice &voice) {
    key_.set(lane, voice.key);
    second_ratio_.set(lane, dsp::semitones_to_ratio(voice.timbre.second_pitch));
    brightness_.set(lane, voice.brightness);
    sweep_octaves_.set(lane, voice.timbre.sweep);
    q_.set(lane, voice.timbre.q);
    noise_counter_.set(lane, voice.random.counter());
    noise_key_.set(lane, voice.random.key());
  }

  void follow_amplitude(int lane, const Voice &voice) {
    const dsp::Envelope::Segment segment = voice.amplitude.segment();
    const float half_gain = 0.5f * voice.gain;  // see LowPass::first
    const float position = static_cast<float>(segment.position);
    amplitude_.set(lane, segment, half_gain);
    remainder_.set(lane, half_gain * segment.distance * dsp::exp2(position * segment.octaves));
    ratio_.set(lane, dsp::exp2(segment.octaves));
  }

  // What there is to do, after something has changed.
  void look(Voices voices) {
    for (auto &of_wave : mix_)
      for (Lanes &level : of_wave) level = 0.0f;
    noise_level_ = 0.0f;
    pitch_rests_ = filter_rests_ = false;
    sounds_ = pitch_alive_ = false;
    until_news_ = never;
    for (int lane = 0; lane < lane_count; ++lane) {
      const Voice &voice = voices[static_cast<std::size_t>(lane)];
      if (!voice.is_active()) {
        sweep_octaves_.set(lane, 0.0f);
        filter_.silence(lane);  // which would ring on, for ever smaller
        continue;
      }
      sounds_ = true;
      mix_[0][static_cast<std::size_t>(voice.timbre.first)].set(lane, 1.0f);
      mix_[1][static_cast<std::size_t>(voice.timbre.second)].set(lane, voice.timbre.second_level);
      noise_level_.set(lane, voice.timbre.noise);
      pitch_alive_ = pitch_alive_ || vibrato_depth_[lane] != 0.0f;
      until_news_ = std::min({until_news_, voice.amplitude.segment().frames, voice.sweep.segment().frames});
    }
    for (std::size_t i = 0; i < mix_.size(); ++i)
      for (std::size_t wave = 0; wave < wave_count; ++wave) used_[i][wave] = any(mix_[i][wave]);
    noisy_ = any(noise_level_);
    is_plain_ = std::count(used_[0].begin(), used_[0].end(), true) == 1 &&
                std::count(used_[1].begin(), used_[1].end(), true) == 0 && !noisy_;
    amplitude_moves_ = amplitude_.moves();
    filter_alive_ = any(sweep_octaves_ * sweep_.distance * sweep_.octaves);
  }

  // Nothing moves, so that cells need not be kept apart.
  bool rests(const Controls &controls) const {
    return controls.constant && controls.cutoff[0] == cutoff_ && controls.resonance[0] == resonance_ && pitch_rests_ &&
           filter_rests_ && !pitch_alive_ && !filter_alive_;
  }

  // Where all goes, from the beginning of a cell, or from now in lanes whose voice begins.
  void steer(const Controls &controls, Frame frame, const bool (&begins)[lane_count]) {
    const bool jumps = frame == 0 && std::find(begins, begins + lane_count, true) != begins + lane_count;
    const float cutoff = controls.cutoff[frame], resonance = controls.resonance[frame];
    if (jumps || (cell_ == 0 && (pitch_alive_ || !pitch_rests_)))
      steer_pitch(controls.sample_rate, jumps ? begins : nullptr);
    if (jumps || (cell_ == 0 && (filter_alive_ || !filter_rests_ || cutoff != cutoff_ || resonance != resonance_)))
      steer_filter(controls.sample_rate, cutoff, resonance, jumps ? begins : nullptr);
  }

  void steer_pitch(double sample_rate, const bool *begins) {
    const dsp::PhaseStep step(sample_rate);
    const Lanes hertz = dsp::midi_to_hz(key_ + bend_ + vibrato_depth_ * dsp::sine_of_phase(vibrato_));
    const UintLanes first = steps(step, hertz), second = steps(step, hertz * second_ratio_);
    vibrato_step_ = static_cast<std::uint32_t>(step(vibrato_hertz));
    if (cell_ == 0) {
      first_.aim(first);
      second_.aim(second);
      pitch_rests_ = true;
    }
    for (int lane = 0; begins != nullptr && lane < lane_count; ++lane) {
      if (!begins[lane]) continue;
      first_.jump(lane, first[lane]);
      second_.jump(lane, second[lane]);
    }
    pitch_moves_ = first_.moves() || second_.moves();
    pitch_rests_ = pitch_rests_ && !pitch_moves_;
  }

  static UintLanes steps(const dsp::PhaseStep &step, const Lanes &hertz) {
    UintLanes out = 0u;
    for (int lane = 0; lane < lane_count; ++lane) out.set(lane, static_cast<std::uint32_t>(step(hertz[lane])));
    return out;
  }

  void steer_filter(double sample_rate, float cutoff, float resonance, const bool *begins) {
    const auto hertz_to_turns = static_cast<float>(1.0 / sample_rate);
    const Lanes hertz = cutoff * dsp::exp2(brightness_ + sweep_octaves_ * sweep_.level());
    const Lanes g = dsp::tan_of_half_turns(dsp::detail::clamp(Lanes(hertz * hertz_to_turns), 1e-5f, 0.49f));
    const Lanes k = 1.0f / dsp::detail::clamp(Lanes(q_ * dsp::exp2(4.0f * resonance)), 0.05f, 1000.0f);
    if (cell_ == 0) {
      filter_.g.aim(g);
      filter_.k.aim(k);
      cutoff_ = cutoff;
      resonance_ = resonance;
      filter_rests_ = true;
    }
    for (int lane = 0; begins != nullptr && lane < lane_count; ++lane) {
      if (!begins[lane]) continue;
      filter_.g.jump(lane, g[lane]);
      filter_.k.jump(lane, k[lane]);
    }
    filter_moves_ = filter_.g.moves() || filter_.k.moves();
    filter_rests_ = filter_rests_ && !filter_moves_;
    if (!filter_moves_) filter_.settle();
  }

  // `size` frames in which the lines are straight and no envelope comes to a corner.
  void make(Lanes *out, Frame size) {
    if (is_plain_ && !pitch_moves_) {
      make_plain(out, size);
    } else {
      std::fill_n(out, size, Lanes(0.0f));
      for (std::size_t i = 0; i < wave_count; ++i) {
        if (used_[0][i]) add_wave(first_, static_cast<Wave>(i), mix_[0][i], out, size);
        if (used_[1][i]) add_wave(second_, static_cast<Wave>(i), mix_[1][i], out, size);
      }
      first_.run(size);
      if (noisy_) add_noise(out, size);
    }
    // Also where nobody hears it: a voice that is taken over may begin to, and must not tell which way its neighbours went.
    second_.run(size);
    if (filter_moves_) shape<true>(out, size);
    else shape<false>(out, size);
  }

  // One wave of one pitch, to the same bits.
  void make_plain(Lanes *out, Frame size) {
    const auto wave = static_cast<Wave>(std::find(used_[0].begin(), used_[0].end(), true) - used_[0].begin());
    if (wave == Wave::saw) {
      make_saw(first_, mix_[0][static_cast<std::size_t>(wave)], out, size);
    } else {
      with_wave(wave, [&](auto constant) {
        UintLanes phase = first_.phase;
        for (Frame i = 0; i < size; ++i, phase += first_.increment)
          out[i] = sample<constant.value>(phase, first_.scale);
      });
    }
    first_.phase += first_.increment * static_cast<std::uint32_t>(size);
  }

  void add_wave(const Phases &of, Wave wave, const Lanes &level, Lanes *out, Frame size) const {
    with_wave(wave, [&](auto constant) {
      if (pitch_moves_) of.add<true, constant.value>(level, out, size);
      else of.add<false, constant.value>(level, out, size);
    });
  }

  void add_noise(Lanes *out, Frame size) {
    for (Frame i = 0; i < size; ++i) {
      noise_counter_ += dsp::Random::step;
      out[i] += noise_level_ * dsp::Random::bipolar_of(dsp::Random::bits(noise_counter_, noise_key_));
    }
  }

  // Filter and amplitude, which is put right at the beginning of each cell.
  template <bool moves>
  void shape(Lanes *out, Frame size) {
    for (Frame done = 0, cell = cell_; done < size;) {
      if (cell == 0 && amplitude_moves_) remainder_ = amplitude_.remainder();
      const Frame part = amplitude_moves_ ? std::min(size - done, cell_frames - cell) : size - done;
      shape_part<moves>(out + done, part, cell);
      amplitude_.advance(part);
      done += part;
      cell = (cell + part) % cell_frames;
    }
  }

  template <bool moves>
  void shape_part(Lanes *out, Frame size, Frame cell) {
    LowPass::State state = filter_.state;
    Lanes remainder = remainder_;
    const Lanes asymptote = amplitude_.asymptote, ratio = ratio_;
    const auto gains = [&](Frame i) { return moves ? filter_.gains(cell + i) : filter_.rest; };
    const auto loud = [&](const Lanes &sound) {
      const Lanes now = sound * (asymptote + remainder);
      remainder *= ratio;
      return now;
    };
    Frame i = 0;
    if (cell % 2 == 1) out[i++] = loud(LowPass::second(state, out[0], LowPass::pair(state.first, gains(0))));
    LowPass::Gains by = filter_.rest;
    LowPass::Pair both = filter_.rest_pair;
    for (; i + 2 <= size; i += 2) {
      if constexpr (moves) both = LowPass::pair(by = gains(i), gains(i + 1));
      out[i] = loud(LowPass::first(state, out[i], by));
      out[i + 1] = loud(LowPass::second(state, out[i + 1], both));
    }
    if (i < size) {
      state.first = gains(i);
      out[i] = loud(LowPass::first(state, out[i], state.first));
    }
    filter_.state = state;
    remainder_ = remainder;
  }

  void advance(Frame size) {
    cell_ = (cell_ + size) % cell_frames;
    sweep_.advance(size);
    vibrato_ += vibrato_step_ * static_cast<std::uint32_t>(size);
    if (until_news_ == never) return;
    until_news_ -= size;
    behind_ += size;
  }

  // Takes the voices to where their sound is.
  void catch_up(Voices voices) {
    if (behind_ == 0) return;
    bool news = false;
    for (int lane = 0; lane < lane_count; ++lane) {
      Voice &voice = voices[static_cast<std::size_t>(lane)];
      if (!voice.is_active()) continue;
      const bool amplitude_over = voice.amplitude.advance(behind_), sweep_over = voice.sweep.advance(behind_);
      if (amplitude_over) follow_amplitude(lane, voice);
      if (sweep_over) sweep_.set(lane, voice.sweep.segment());
      news = news || amplitude_over || sweep_over;
    }
    behind_ = 0;
    if (news) look(voices);
  }

  // Of the notes.
  Lanes key_ = 60.0f, bend_ = 0.0f, vibrato_depth_ = 0.0f, second_ratio_ = 1.0f;
  Lanes brightness_ = 0.0f, sweep_octaves_ = 0.0f, q_ = 0.7f, noise_level_ = 0.0f;
  std::array<std::array<Lanes, wave_count>, 2> mix_{};  // level of each wave of the first and the second oscillator
  // Of the sound.
  Phases first_, second_;
  UintLanes vibrato_ = 0u, noise_counter_ = 0u, noise_key_ = 0u;
  std::uint32_t vibrato_step_ = 0;
  LowPass filter_;
  Curves amplitude_, sweep_;
  Lanes remainder_ = 0.0f, ratio_ = 1.0f;   // the amplitude is the asymptote and what remains on the way to it
  float cutoff_ = 0.0f, resonance_ = 0.0f;  // those that the filter goes to
  // What there is to do.
  std::array<std::array<bool, wave_count>, 2> used_{};
  bool sounds_ = false, noisy_ = false, is_plain_ = false;                     // is_plain_: one wave and nothing else
  bool pitch_moves_ = false, filter_moves_ = false, amplitude_moves_ = false;  // in this cell
  bool pitch_rests_ = false, filter_rests_ = false;                            // it is where it goes
  bool pitch_alive_ = false, filter_alive_ = false;  // it has somewhere else to go in the next cell
  Frame cell_ = 0;                                   // frames since the cell began
  Frame until_news_ = never;                         // frames to the next corner of an envelope
  Frame behind_ = 0;                                 // frames that the voices' envelopes have not been told of
};

}  // namespace synth
