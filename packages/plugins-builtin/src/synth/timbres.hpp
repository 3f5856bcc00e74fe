// SPDX-License-Identifier: MIT
// What each General MIDI program sounds like: one timbre per family of eight, and some programs of their own.
#pragma once

#include <array>
#include <cstddef>

namespace synth {

enum class Wave { sine, triangle, saw, square, pulse };
inline constexpr std::size_t wave_count = 5;

// Two oscillators and noise → low-pass filter with its envelope → amplitude envelope.
struct Timbre {
  Wave first = Wave::saw;
  Wave second = Wave::saw;
  float second_level = 0.0f;  // relative to the first
  float second_pitch = 0.0f;  // semitones above the first
  float noise = 0.0f;         // relative to the first
  float brightness = 1.0f;    // octaves of the filter above the cutoff parameter, at middle C
  float tracking = 0.5f;      // octaves per octave of the key
  float touch = 1.5f;         // octaves between no velocity and the full one
  float sweep = 0.0f;         // octaves that the filter's envelope adds at its top
  float sweep_attack = 0.0f, sweep_decay = 0.3f, sweep_sustain = 0.0f;
  float q = 0.7f;
  float attack = 0.003f, decay = 0.3f, sustain = 0.7f, release = 0.15f;  // seconds, level
  float vibrato = 0.0f;                                                  // cents, without the modulation wheel
  float level = 0.5f;  // brings all programs to about the same loudness
};

// clang-format off
inline constexpr std::array<Timbre, 16> families = {{
    // Piano: bright when struck, then rounder and rounder.
    {.first = Wave::saw, .second = Wave::triangle, .second_level = 0.8f, .second_pitch = 0.03f, .brightness = 0.6f,
     .tracking = 0.8f, .sweep = 2.4f, .sweep_decay = 0.9f, .attack = 0.002f, .decay = 5.0f, .sustain = 0.0f,
     .release = 0.35f, .level = 0.47f},
    // Chromatic percussion: a bar, its fundamental and an overtone two octaves above.
    {.first = Wave::sine, .second = Wave::sine, .second_level = 0.4f, .second_pitch = 24.06f, .brightness = 1.5f,
     .tracking = 1.0f, .sweep = 3.0f, .sweep_decay = 0.35f, .attack = 0.001f, .decay = 2.2f, .sustain = 0.0f,
     .release = 0.5f, .level = 0.64f},
    // Organ: two ranks of pipes.
    {.first = Wave::triangle, .second = Wave::square, .second_level = 0.35f, .second_pitch = 12.02f,
     .brightness = 2.0f, .tracking = 0.7f, .attack = 0.008f, .decay = 0.1f, .sustain = 1.0f, .release = 0.08f,
     .vibrato = 2.0f, .level = 0.61f},
    // Guitar: plucked.
    {.first = Wave::saw, .second = Wave::pulse, .second_level = 0.5f, .second_pitch = 0.02f, .brightness = 0.4f,
     .tracking = 0.7f, .sweep = 2.8f, .sweep_decay = 0.45f, .attack = 0.001f, .decay = 3.0f, .sustain = 0.0f,
     .release = 0.2f, .level = 0.57f},
    // Bass.
    {.first = Wave::saw, .second = Wave::triangle, .second_level = 1.0f, .brightness = 0.2f, .tracking = 0.3f,
     .sweep = 2.0f, .sweep_decay = 0.35f, .q = 0.9f, .attack = 0.002f, .decay = 4.0f, .sustain = 0.0f,
     .release = 0.1f, .level = 0.42f},
    // Strings, solo.
    {.first = Wave::saw, .second = Wave::saw, .second_level = 0.8f, .second_pitch = 0.07f, .brightness = 1.3f,
     .tracking = 0.6f, .attack = 0.07f, .decay = 0.4f, .sustain = 0.85f, .release = 0.25f, .vibrato = 6.0f,
     .level = 0.51f},
    // Ensemble.
    {.first = Wave::saw, .second = Wave::saw, .second_level = 1.0f, .second_pitch = 0.13f, .brightness = 1.0f,
     .tracking = 0.6f, .attack = 0.12f, .decay = 0.5f, .sustain = 0.9f, .release = 0.5f, .vibrato = 3.0f,
     .level = 0.45f},
    // Brass: opens as it is blown.
    {.first = Wave::saw, .second = Wave::saw, .second_level = 0.7f, .second_pitch = 0.05f, .brightness = 0.2f,
     .tracking = 0.6f, .sweep = 2.2f, .sweep_attack = 0.06f, .sweep_decay = 0.5f, .sweep_sustain = 0.6f,
     .attack = 0.03f, .decay = 0.4f, .sustain = 0.8f, .release = 0.12f, .vibrato = 2.0f, .level = 0.52f},
    // Reed.
    {.first = Wave::pulse, .second = Wave::saw, .second_level = 0.3f, .second_pitch = 0.03f, .brightness = 1.1f,
     .tracking = 0.6f, .sweep = 0.6f, .sweep_attack = 0.05f, .sweep_sustain = 0.6f, .attack = 0.03f, .decay = 0.3f,
     .sustain = 0.85f, .release = 0.12f, .vibrato = 5.0f, .level = 0.43f},
    // Pipe: nearly a sine, and breath.
    {.first = Wave::triangle, .second = Wave::sine, .second_level = 0.6f, .second_pitch = 12.0f, .noise = 0.04f,
     .brightness = 1.4f, .tracking = 0.9f, .attack = 0.04f, .decay = 0.2f, .sustain = 0.9f, .release = 0.15f,
     .vibrato = 5.0f, .level = 0.63f},
    // Synth lead.
    {.first = Wave::saw, .second = Wave::saw, .second_level = 0.9f, .second_pitch = 0.1f, .brightness = 1.8f,
     .tracking = 0.6f, .sweep = 1.0f, .sweep_decay = 0.4f, .sweep_sustain = 0.3f, .q = 1.2f, .attack = 0.005f,
     .decay = 0.3f, .sustain = 0.8f, .release = 0.15f, .vibrato = 3.0f, .level = 0.48f},
    // Synth pad.
    {.first = Wave::saw, .second = Wave::triangle, .second_level = 1.0f, .second_pitch = 0.12f, .brightness = 0.3f,
     .tracking = 0.5f, .sweep = 1.4f, .sweep_attack = 0.8f, .sweep_decay = 2.0f, .sweep_sustain = 0.4f,
     .attack = 0.35f, .decay = 1.0f, .sustain = 0.85f, .release = 0.9f, .vibrato = 2.0f, .level = 0.44f},
    // Synth effects.
    {.first = Wave::triangle, .second = Wave::pulse, .second_level = 0.5f, .second_pitch = 12.1f, .noise = 0.02f,
     .brightness = 0.8f, .sweep = 2.0f, .sweep_attack = 0.3f, .sweep_decay = 1.5f, .sweep_sustain = 0.2f, .q = 1.5f,
     .attack = 0.1f, .decay = 1.5f, .sustain = 0.6f, .release = 0.8f, .level = 0.57f},
    // Ethnic: plucked, thin.
    {.first = Wave::pulse, .second = Wave::saw, .second_level = 0.4f, .second_pitch = 0.04f, .brightness = 0.8f,
     .tracking = 0.8f, .sweep = 2.6f, .sweep_decay = 0.25f, .q = 1.2f, .attack = 0.001f, .decay = 1.8f,
     .sustain = 0.0f, .release = 0.15f, .level = 0.46f},
    // Percussive.
    {.first = Wave::sine, .second = Wave::triangle, .second_level = 0.5f, .second_pitch = 17.6f, .noise = 0.1f,
     .brightness = 0.8f, .tracking = 0.8f, .sweep = 3.0f, .sweep_decay = 0.12f, .attack = 0.001f, .decay = 0.9f,
     .sustain = 0.0f, .release = 0.3f, .level = 0.76f},
    // Sound effects: mostly wind.
    {.first = Wave::triangle, .noise = 2.0f, .brightness = 0.6f, .tracking = 1.0f, .sweep = 1.5f,
     .sweep_attack = 0.4f, .sweep_decay = 1.0f, .sweep_sustain = 0.3f, .q = 1.5f, .attack = 0.05f, .decay = 1.0f,
     .sustain = 0.5f, .release = 0.5f, .level = 0.60f},
}};

inline constexpr Timbre electric_piano = {
    .first = Wave::sine, .second = Wave::triangle, .second_level = 0.35f, .second_pitch = 19.02f, .brightness = 1.0f,
    .tracking = 0.8f, .sweep = 2.5f, .sweep_decay = 0.6f, .attack = 0.002f, .decay = 4.0f, .sustain = 0.0f,
    .release = 0.25f, .level = 0.61f};
inline constexpr Timbre clavinet = {
    .first = Wave::pulse, .second = Wave::saw, .second_level = 0.4f, .brightness = 1.2f, .tracking = 0.6f,
    .sweep = 2.2f, .sweep_decay = 0.2f, .q = 1.6f, .attack = 0.001f, .decay = 2.0f, .sustain = 0.0f, .release = 0.06f,
    .level = 0.45f};
inline constexpr Timbre reed_organ = {
    .first = Wave::pulse, .second = Wave::square, .second_level = 0.4f, .second_pitch = 12.05f, .brightness = 1.4f,
    .attack = 0.03f, .decay = 0.1f, .sustain = 1.0f, .release = 0.1f, .vibrato = 3.0f, .level = 0.35f};
inline constexpr Timbre driven_guitar = {
    .first = Wave::square, .second = Wave::saw, .second_level = 1.0f, .second_pitch = 0.09f, .brightness = 1.3f,
    .sweep = 0.8f, .sweep_decay = 0.5f, .q = 1.1f, .attack = 0.002f, .decay = 2.0f, .sustain = 0.7f, .release = 0.15f,
    .level = 0.30f};
inline constexpr Timbre synth_bass = {
    .first = Wave::saw, .second = Wave::square, .second_level = 0.8f, .second_pitch = -12.0f, .brightness = -0.2f,
    .tracking = 0.4f, .sweep = 2.6f, .sweep_decay = 0.22f, .sweep_sustain = 0.15f, .q = 2.2f, .attack = 0.001f,
    .decay = 0.5f, .sustain = 0.7f, .release = 0.08f, .level = 0.46f};
inline constexpr Timbre pizzicato = {
    .first = Wave::saw, .second = Wave::triangle, .second_level = 1.0f, .second_pitch = 0.05f, .brightness = 0.5f,
    .tracking = 0.8f, .sweep = 2.0f, .sweep_decay = 0.12f, .attack = 0.001f, .decay = 0.7f, .sustain = 0.0f,
    .release = 0.15f, .level = 0.59f};
inline constexpr Timbre timpani = {
    .first = Wave::sine, .second = Wave::sine, .second_level = 0.5f, .second_pitch = 7.1f, .noise = 0.15f,
    .brightness = 0.0f, .sweep = 2.0f, .sweep_decay = 0.2f, .attack = 0.001f, .decay = 1.8f, .sustain = 0.0f,
    .release = 0.8f, .level = 0.63f};
inline constexpr Timbre voices = {
    .first = Wave::pulse, .second = Wave::triangle, .second_level = 0.9f, .second_pitch = 0.1f, .noise = 0.02f,
    .brightness = 0.1f, .tracking = 0.5f, .q = 1.6f, .attack = 0.12f, .decay = 0.5f, .sustain = 0.9f, .release = 0.4f,
    .vibrato = 6.0f, .level = 0.30f};
inline constexpr Timbre square_lead = {
    .first = Wave::square, .second = Wave::square, .second_level = 0.4f, .second_pitch = 0.06f, .brightness = 1.8f,
    .attack = 0.004f, .decay = 0.3f, .sustain = 0.9f, .release = 0.1f, .vibrato = 4.0f, .level = 0.34f};

// Any subtractive synthesiser's: one oscillator, the filter where the cutoff parameter says, an envelope.
inline constexpr Timbre plain = {
    .first = Wave::saw, .brightness = 0.0f, .tracking = 0.0f, .touch = 0.0f, .attack = 0.01f, .decay = 0.1f,
    .sustain = 0.7f, .release = 0.1f, .level = 0.5f};

// `program` 0 .. 127.
inline const Timbre &timbre_of(int program) {
  switch (program) {
    case 4: case 5: return electric_piano;
    case 6: case 7: return clavinet;
    case 20: case 21: case 22: case 23: return reed_organ;
    case 29: case 30: return driven_guitar;
    case 38: case 39: return synth_bass;
    case 45: case 46: return pizzicato;
    case 47: return timpani;
    case 52: case 53: case 54: case 85: case 91: return voices;
    case 80: return square_lead;
    default: return families[static_cast<std::size_t>(program / 8)];
  }
}
// clang-format on

}  // namespace synth
