// SPDX-License-Identifier: MIT
// What a plan is made of: small records with everything resolved, run one after the other.
#pragma once

#include <atomic>
#include <cstdint>

#include "arranger/plugin.h"
#include "graph/event_pool.hpp"
#include "graph/note_ids.hpp"
#include "graph/parameters.hpp"

namespace arranger {

class Fade;

// The frames that all steps of a plan process at a time.
struct Slice {
  std::int32_t frames;
  std::int64_t steady_frame;
  const arr_transport *transport;
};

struct alignas(64) Step {
  void (*run)(Step &, const Slice &);
  const void *warm;  // what to prefetch some steps ahead
};

// What a plugin was muted for. From one that crashed or is stuck nothing more is asked, whatever is reset.
enum class Fault : std::uint8_t {
  none,
  error_status,   // it said so
  not_finite,     // it put out NaN or infinity
  out_of_bounds,  // it wrote past a buffer, or counted more events than there is room for
  threw,
  crashed,
  stuck,
  late,     // an isolated node's process was too late too often
  isolated  // an isolated node's process has failed: who looks after it says why
};

// Behind every audio buffer, so that who writes past it is found.
inline constexpr std::uint64_t guard_word = 0x5aa55aa5c3d2e1f0u;
inline constexpr std::int32_t guard_frames = 16;
void write_guard(float *behind);

// Calls one plugin. One that is muted ends the notes it has sent. Its tables stand before it in the same arena, so that all
// that a call needs lies in few cache lines.
struct PluginStep : Step {
  arr_plugin *plugin;
  arr_process_status (*process)(arr_plugin *, const arr_process *);
  std::int32_t audio_output_count, output_hint_count, audio_input_count, event_input_count, event_output_count;
  std::int32_t buffer_frames;  // then comes the guard
  std::int32_t node;
  bool check_finite;
  bool asleep;
  Fault fault;  // muted when not none
  arr_process call;
  float **audio_outputs;  // channels of audio and control outputs, monitors left out
  std::uint32_t **output_hints;
  std::uint32_t **audio_input_hints;
  arr_event_list **event_inputs;
  arr_event_list **event_outputs;
  std::uint32_t failure;      // the number of its last, among all of the process; 0: none
  std::uint64_t nanoseconds;  // of the slices that were measured
};
void run_plugin(Step &step, const Slice &slice);
// The same for a plugin whose call was ended in the middle, or never comes back.
void mute_plugin(PluginStep &step, const Slice &slice, Fault fault);

// One gain: a value for the whole slice, or one per frame.
struct GainTerm {
  const ControlCell *cell;  // null: control connections move it
  float *const *values;
  std::int32_t node;
};

// What plugins that are gains would do, all of a chain in one go over the samples. Nothing in it can fail, sleep or be reset.
struct GainStep : Step {
  const float *in[2];
  float *out[2];  // any of them may be one of `in`
  std::int32_t channel_count, count;
  const std::uint32_t *in_hint;
  std::uint32_t *out_hint;
  const GainTerm *terms;
  std::uint64_t nanoseconds;  // as of a PluginStep
};
void run_gain(Step &step, const Slice &slice);

// One source of one channel of a mixed input.
struct MixTerm {
  const float *source;
  const std::uint32_t *hint;
  float gain;
  const Fade *fade = nullptr;  // its gain comes on top
};

struct MixChannel {
  float *out;
  MixTerm *terms;
  std::int32_t count;
  bool *begun;  // something is in `out`; the same of all parts of a sum
};

// Sums the sources of an audio input, in connection order. A sum of many is made in parts, each when its sources have run
// and are still in the cache.
struct MixStep : Step {
  MixChannel *channels;
  std::int32_t channel_count;
  bool is_first, is_last;  // part of its sum
  std::uint32_t *hint;     // set by the last
};
void run_mix(Step &step, const Slice &slice);
void run_fading_mix(Step &step, const Slice &slice);  // the same where a term has a fade

struct ModulationTerm {
  const float *source;
  double offset, scale;  // of the map
  double amount;
  bool replaces;               // mode set
  const Fade *fade = nullptr;  // its share of the change it makes
};

// The values of a parameter that control connections move.
struct ModulationStep : Step {
  float *base;  // kept by Parameters
  ControlCell cell;
  float *out;
  ModulationTerm *terms;
  std::int32_t count;
  float min, max;
};
void run_modulation(Step &step, const Slice &slice);

// Adds the events of plugins to those of the schedule, by frame and rank; a note_off never comes before its own note_on.
struct MergeStep : Step {
  arr_event_list *out;
  arr_event *storage;
  arr_event_list **sources;
  std::int32_t count;
  std::uint32_t capacity;
  std::uint64_t *lost;
};
void run_merge(Step &step, const Slice &slice);

// Ends the notes that an output has sent to an input which it no longer reaches, once.
struct EventOutput;
struct CutStep : Step {
  const EventOutput *output;
  arr_event_list list;
  arr_event *storage;
  bool done;
};
void run_cut(Step &step, const Slice &slice);

// All steps of a plan count what they lose in one place.
inline void count_lost(std::uint64_t *lost) { std::atomic_ref(*lost).fetch_add(1, std::memory_order_relaxed); }

inline constexpr std::uint32_t output_event_capacity = 1024;

// An event output's list with its storage behind it.
struct EventOutput : arr_event_list {
  arr_event *storage;
  std::uint64_t *lost;
  NoteIds *ids;
};
// arr_event_list.append of every EventOutput. [audio]
std::int32_t append_event(arr_event_list *list, const arr_event *event);

}  // namespace arranger
