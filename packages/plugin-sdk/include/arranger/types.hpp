// SPDX-License-Identifier: MIT
// The vocabulary of the C++ layer: the enums of plugin.h as scoped enums, notes, what activate is told.
#pragma once

#include <arranger/plugin.h>

#include <cmath>
#include <cstdint>

namespace arranger {

// A count or an index of frames. Signed and 32 bits, because an unsigned index stops the vectoriser.
using Frame = std::int32_t;

// process never gets more frames than this at a time, so temporaries may be arrays of this size on the stack.
inline constexpr Frame max_block_frames = 128;

enum class Category : std::int32_t {
  synth = ARR_CATEGORY_SYNTH,
  effect = ARR_CATEGORY_EFFECT,
  filter = ARR_CATEGORY_FILTER,
  mixer = ARR_CATEGORY_MIXER,
  event_gen = ARR_CATEGORY_EVENT_GEN,
  event_effect = ARR_CATEGORY_EVENT_EFFECT,
  output = ARR_CATEGORY_OUTPUT,
  utility = ARR_CATEGORY_UTILITY,
};

enum class Unit : std::int32_t {
  none = ARR_UNIT_NONE,
  hertz = ARR_UNIT_HERTZ,
  decibels = ARR_UNIT_DECIBELS,
  seconds = ARR_UNIT_SECONDS,
  milliseconds = ARR_UNIT_MILLISECONDS,
  percent = ARR_UNIT_PERCENT,
  semitones = ARR_UNIT_SEMITONES,
  cents = ARR_UNIT_CENTS,
  beats = ARR_UNIT_BEATS,
  bpm = ARR_UNIT_BPM,
  frames = ARR_UNIT_FRAMES,
  degrees = ARR_UNIT_DEGREES,
};

enum class Taper : std::int32_t {
  linear = ARR_TAPER_LINEAR,
  log = ARR_TAPER_LOG,
  exp = ARR_TAPER_EXP,
  db = ARR_TAPER_DB,
};

enum class Hint : std::int32_t {
  continuous = ARR_PORT_HINT_CONTINUOUS,
  toggle = ARR_PORT_HINT_TOGGLE,
  integer = ARR_PORT_HINT_INTEGER,
  categorical = ARR_PORT_HINT_CATEGORICAL,
  radio = ARR_PORT_HINT_RADIO,
  meter = ARR_PORT_HINT_METER,
  graph_editor = ARR_PORT_HINT_GRAPH_EDITOR,
};

enum class GraphType : std::int32_t {
  none = ARR_GRAPH_TYPE_NONE,
  eq_curve = ARR_GRAPH_TYPE_EQ_CURVE,
  adsr_envelope = ARR_GRAPH_TYPE_ADSR_ENVELOPE,
  breakpoint = ARR_GRAPH_TYPE_BREAKPOINT,
};

enum class ConfigType : std::int32_t {
  string = ARR_CONFIG_TYPE_STRING,
  filepath = ARR_CONFIG_TYPE_FILEPATH,
  integer = ARR_CONFIG_TYPE_INTEGER,
  number = ARR_CONFIG_TYPE_FLOAT,
  boolean = ARR_CONFIG_TYPE_BOOL,
  categorical = ARR_CONFIG_TYPE_CATEGORICAL,
};

// A note as it begins or ends.
struct Note {
  int channel;       // 0..15
  int key;           // 0..127, 60 = middle C
  float velocity;    // 0..1
  std::uint32_t id;  // the same in note_on and note_off of one note; 0 = none

  // Equal temperament, A4 (69) = 440 Hz.
  float frequency() const { return 440.0f * std::exp2(static_cast<float>(key - 69) / 12.0f); }
};

// A controller that was moved.
struct ControlChange {
  int channel;  // 0..15
  int number;   // 0..127
  float value;  // 0..1
};

// A sound that was chosen.
struct ProgramChange {
  int channel;  // 0..15
  int program;  // 0..127
  int bank;     // 0..16383
};

// A value for a whole channel: pitch bend -1..1, volume or pressure 0..1.
struct ChannelValue {
  int channel;  // 0..15
  float value;  // in the range of its kind
};

// What a plugin is told when it takes its memory.
struct Activation {
  double sample_rate;  // Hz, 8000..384000
  std::uint64_t seed;  // of the instance's random numbers
  bool offline;        // an offline render: nobody waits for it
  Frame
      input_delay;  // frames by which all inputs are late, because this instance closes a cycle: take them off your delay
};

}  // namespace arranger
