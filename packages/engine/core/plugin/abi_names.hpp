// SPDX-License-Identifier: MIT
// Generated from arranger/plugin.h by scripts/generate-abi.mjs; edit the header.
// The JSON names of the values of the ABI.
#pragma once

#include <arranger/plugin.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace arranger::abi {

struct Name {
  std::int32_t value;
  std::string_view name;
};

// The name of a value, or empty where the table has none.
constexpr std::string_view name_of(std::span<const Name> names, std::int64_t value) {
  for (const Name &entry : names)
    if (entry.value == value) return entry.name;
  return {};
}

// The value of a name.
constexpr std::optional<std::int32_t> value_of(std::span<const Name> names, std::string_view name) {
  for (const Name &entry : names)
    if (entry.name == name) return entry.value;
  return std::nullopt;
}

// Result of every function that can fail.
inline constexpr std::array<Name, 7> status_names{{
    {ARR_STATUS_OK, "ok"},
    {ARR_STATUS_ERROR, "error"},
    {ARR_STATUS_UNSUPPORTED, "unsupported"},
    {ARR_STATUS_INVALID, "invalid"},
    {ARR_STATUS_OUT_OF_MEMORY, "out_of_memory"},
    {ARR_STATUS_DUPLICATE, "duplicate"},
    {ARR_STATUS_IO, "io"},
}};

// What a process call asks for; its return value.
inline constexpr std::array<Name, 4> process_status_names{{
    {ARR_PROCESS_CONTINUE, "continue"},
    {ARR_PROCESS_TAIL, "tail"},
    {ARR_PROCESS_SLEEP, "sleep"},
    {ARR_PROCESS_ERROR, "error"},
}};

// What a plugin is for.
inline constexpr std::array<Name, 8> category_names{{
    {ARR_CATEGORY_SYNTH, "Synth"},
    {ARR_CATEGORY_EFFECT, "Effect"},
    {ARR_CATEGORY_FILTER, "Filter"},
    {ARR_CATEGORY_MIXER, "Mixer"},
    {ARR_CATEGORY_EVENT_GEN, "EventGen"},
    {ARR_CATEGORY_EVENT_EFFECT, "EventEffect"},
    {ARR_CATEGORY_OUTPUT, "Output"},
    {ARR_CATEGORY_UTILITY, "Utility"},
}};

// What travels through a port.
inline constexpr std::array<Name, 5> port_type_names{{
    {ARR_PORT_TYPE_AUDIO_MONO, "audio_mono"},
    {ARR_PORT_TYPE_AUDIO_STEREO, "audio_stereo"},
    {ARR_PORT_TYPE_AUDIO, "audio"},
    {ARR_PORT_TYPE_EVENT, "event"},
    {ARR_PORT_TYPE_CONTROL, "control"},
}};

// The direction of a port, and what it is for.
inline constexpr std::array<Name, 4> port_role_names{{
    {ARR_PORT_ROLE_INPUT, "input"},
    {ARR_PORT_ROLE_OUTPUT, "output"},
    {ARR_PORT_ROLE_SIDECHAIN, "sidechain"},
    {ARR_PORT_ROLE_MONITOR, "monitor"},
}};

// What a parameter's values mean, and the widget that suits it.
inline constexpr std::array<Name, 7> port_hint_names{{
    {ARR_PORT_HINT_CONTINUOUS, "continuous"},
    {ARR_PORT_HINT_TOGGLE, "toggle"},
    {ARR_PORT_HINT_INTEGER, "integer"},
    {ARR_PORT_HINT_CATEGORICAL, "categorical"},
    {ARR_PORT_HINT_RADIO, "radio"},
    {ARR_PORT_HINT_METER, "meter"},
    {ARR_PORT_HINT_GRAPH_EDITOR, "graph_editor"},
}};

// Unit of a value. Values cross in this unit, never normalised.
inline constexpr std::array<Name, 12> unit_names{{
    {ARR_UNIT_NONE, ""},
    {ARR_UNIT_HERTZ, "Hz"},
    {ARR_UNIT_DECIBELS, "dB"},
    {ARR_UNIT_SECONDS, "s"},
    {ARR_UNIT_MILLISECONDS, "ms"},
    {ARR_UNIT_PERCENT, "%"},
    {ARR_UNIT_SEMITONES, "st"},
    {ARR_UNIT_CENTS, "ct"},
    {ARR_UNIT_BEATS, "beats"},
    {ARR_UNIT_BPM, "BPM"},
    {ARR_UNIT_FRAMES, "frames"},
    {ARR_UNIT_DEGREES, "deg"},
}};

// The curve between a knob's travel and the value; smoothing moves in a straight line in its domain.
inline constexpr std::array<Name, 4> taper_names{{
    {ARR_TAPER_LINEAR, "linear"},
    {ARR_TAPER_LOG, "log"},
    {ARR_TAPER_EXP, "exp"},
    {ARR_TAPER_DB, "db"},
}};

// The curve that a graph_editor port shows.
inline constexpr std::array<Name, 4> graph_type_names{{
    {ARR_GRAPH_TYPE_NONE, "none"},
    {ARR_GRAPH_TYPE_EQ_CURVE, "eq_curve"},
    {ARR_GRAPH_TYPE_ADSR_ENVELOPE, "adsr_envelope"},
    {ARR_GRAPH_TYPE_BREAKPOINT, "breakpoint"},
}};

// Bits of arr_port.flags.
inline constexpr std::array<Name, 5> port_flag_names{{
    {ARR_PORT_FLAG_AUTOMATABLE, "automatable"},
    {ARR_PORT_FLAG_MODULATABLE, "modulatable"},
    {ARR_PORT_FLAG_BYPASS, "bypass"},
    {ARR_PORT_FLAG_EXPENSIVE, "expensive"},
    {ARR_PORT_FLAG_HIDDEN, "hidden"},
}};

// The type of a config parameter's value.
inline constexpr std::array<Name, 6> config_type_names{{
    {ARR_CONFIG_TYPE_STRING, "string"},
    {ARR_CONFIG_TYPE_FILEPATH, "filepath"},
    {ARR_CONFIG_TYPE_INTEGER, "integer"},
    {ARR_CONFIG_TYPE_FLOAT, "float"},
    {ARR_CONFIG_TYPE_BOOL, "bool"},
    {ARR_CONFIG_TYPE_CATEGORICAL, "categorical"},
}};

// The type of an event. A reader skips types it does not know.
inline constexpr std::array<Name, 15> event_type_names{{
    {ARR_EVENT_NOTE_ON, "note_on"},
    {ARR_EVENT_NOTE_OFF, "note_off"},
    {ARR_EVENT_NOTE_CHOKE, "note_choke"},
    {ARR_EVENT_NOTE_END, "note_end"},
    {ARR_EVENT_BEND, "bend"},
    {ARR_EVENT_CC, "cc"},
    {ARR_EVENT_PROGRAM, "program"},
    {ARR_EVENT_VOLUME, "volume"},
    {ARR_EVENT_PRESSURE, "pressure"},
    {ARR_EVENT_POLY_PRESSURE, "poly_pressure"},
    {ARR_EVENT_EXPRESSION, "expression"},
    {ARR_EVENT_MIDI, "midi"},
    {ARR_EVENT_SYSEX, "sysex"},
    {ARR_EVENT_CONTROL, "control"},
    {ARR_EVENT_USER, "user"},
}};

// Bits of the words that arr_process.hints points to. A hint says something true about samples that are there.
inline constexpr std::array<Name, 3> hint_flag_names{{
    {ARR_HINT_SILENT, "silent"},
    {ARR_HINT_CONSTANT, "constant"},
    {ARR_HINT_UNCONNECTED, "unconnected"},
}};

// Bits of arr_transport.flags.
inline constexpr std::array<Name, 3> transport_flag_names{{
    {ARR_TRANSPORT_PLAYING, "playing"},
    {ARR_TRANSPORT_LOOPING, "looping"},
    {ARR_TRANSPORT_OFFLINE, "offline"},
}};

}  // namespace arranger::abi
