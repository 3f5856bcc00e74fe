// SPDX-License-Identifier: MIT
// The kinds of event, as words, and what their numbers mean.
#pragma once

#include <optional>
#include <string_view>

#include "base/format.hpp"
#include "control/read.hpp"
#include "engine.hpp"

namespace arranger {

template <>
struct json::Words<EventKind> {
  static constexpr std::array<std::pair<EventKind, std::string_view>, 12> all{
      {{EventKind::note_on, "note_on"},
       {EventKind::note_off, "note_off"},
       {EventKind::program, "program"},
       {EventKind::volume, "volume"},
       {EventKind::bend, "bend"},
       {EventKind::control, "control"},
       {EventKind::cc, "cc"},
       {EventKind::pressure, "pressure"},
       {EventKind::poly_pressure, "poly_pressure"},
       {EventKind::tempo, "tempo"},
       {EventKind::time_signature, "time_signature"},
       {EventKind::param, "param"}}};
};

// The two numbers that an event's kind gives their meaning, with its defaults.
struct EventNumbers {
  EventKind kind;
  std::optional<std::int32_t> given_pitch, given_velocity;

  std::int32_t pitch() const {
    const bool has_key = kind == EventKind::note_on || kind == EventKind::note_off || kind == EventKind::poly_pressure;
    return given_pitch.value_or(has_key ? 60 : kind == EventKind::time_signature ? 4 : 0);
  }
  // Old clients send channel pressure in `pitch`.
  std::int32_t velocity() const {
    if (kind == EventKind::pressure) return given_velocity.value_or(given_pitch.value_or(0));
    return given_velocity.value_or(kind == EventKind::note_on ? 100 : kind == EventKind::time_signature ? 4 : 0);
  }
  // The greatest values that the kind allows.
  std::int32_t most_pitch() const { return kind == EventKind::bend ? 16383 : 127; }
  std::int32_t most_velocity() const {
    return kind == EventKind::program ? 16383 : kind == EventKind::time_signature ? 64 : 127;
  }
};

// Error: out_of_range, its path behind `path`.
inline Result<void> check(const EventNumbers &numbers, std::string_view path) {
  const auto out_of = [&](std::string_view field, std::int32_t least, std::int32_t most, std::int32_t value) {
    return fail(Code::out_of_range, format("Expected {} between {} and {} but received {}", field, least, most, value),
                format("{}/{}", path, field));
  };
  const bool is_signature = numbers.kind == EventKind::time_signature;
  const std::int32_t least = is_signature ? 1 : 0, pitch = numbers.pitch(), velocity = numbers.velocity();
  if (pitch < least || pitch > numbers.most_pitch()) return out_of("pitch", least, numbers.most_pitch(), pitch);
  if (velocity < least || velocity > numbers.most_velocity())
    return out_of("velocity", least, numbers.most_velocity(), velocity);
  if (is_signature && (velocity & (velocity - 1)) != 0)
    return fail(Code::out_of_range,
                format("Expected velocity, a denominator, to be a power of two but received {}", velocity),
                format("{}/velocity", path));
  return {};
}

}  // namespace arranger
