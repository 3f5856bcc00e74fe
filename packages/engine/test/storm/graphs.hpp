// SPDX-License-Identifier: MIT
// The graphs of a storm as JSON.
#pragma once

#include <iterator>
#include <random>
#include <string>

namespace arranger::storm {

// An effect that a client's chain may have, once, as node `name`_k; and one of its parameters.
struct Effect {
  const char *name, *type, *in, *out, *param;
  double min, max;
};
inline constexpr Effect effects[] = {
    {"chorus", "builtin.chorus", "audio_in", "audio_out", "rate", 0.01, 10},
    {"compressor", "builtin.compressor", "audio_in", "audio_out", "threshold_db", -60, 0},
    {"delay", "builtin.delay", "audio_in", "audio_out", "feedback", 0, 0.5},
    {"eq", "builtin.eq", "audio_in", "audio_out", "gain_0", -24, 24},
    {"filter", "builtin.filter", "audio_in", "audio_out", "cutoff", 20, 20000},
    {"gain", "test.gain", "in", "out", "gain", 0, 1},
    {"builtin_gain", "builtin.gain", "audio_in", "audio_out", "gain", 0, 1},
    {"level", "builtin.level", "audio_in", "audio_out", "hold", 0, 10},
    {"limiter", "builtin.limiter", "audio_in", "audio_out", "gain_db", 0, 12},
    {"reverb", "builtin.reverb", "audio_in", "audio_out", "room_size", 0, 1},
    {"scope", "builtin.scope", "audio_in", "audio_out", "time_span", 0.001, 1},
    {"spectrum", "builtin.spectrum", "audio_in", "audio_out", "channel", 0, 2},
    {"utility", "builtin.utility", "audio_in", "audio_out", "gain_db", -24, 6},
};
inline constexpr int effect_count = static_cast<int>(std::size(effects));

// What a storm needs beside the built-in plugins; empty: goes without.
struct Files {
  std::string library;    // has the plugin test.gain, which comes and goes
  std::string soundfont;  // for a builtin.fluidsynth on track_0
  std::string sample;     // for a builtin.sampler on the last track
};

// `"nodes":[..],"connections":[..]`: for each client what stays; with `random` also effects, sources and modulation that
// differ from graph to graph, and test.gain among them when `with_library`.
std::string graph_members(int clients, const Files &files, std::mt19937 *random, bool with_library);

}  // namespace arranger::storm
