// SPDX-License-Identifier: MIT
#include "graph/steps.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

#include "graph/fade.hpp"
#include "graph/faults.hpp"
#include "graph/kernels.hpp"
#include "plugin/isolated_calls.hpp"

namespace arranger {
namespace {

std::size_t bytes_of(std::int32_t frames) { return static_cast<std::size_t>(frames) * sizeof(float); }

bool inputs_quiet(const PluginStep &step) {
  for (std::int32_t i = 0; i < step.event_input_count; ++i)
    if (step.event_inputs[i]->count != 0) return false;
  for (std::int32_t i = 0; i < step.audio_input_count; ++i)
    if ((*step.audio_input_hints[i] & ARR_HINT_SILENT) == 0) return false;
  return true;
}

void write_silence(PluginStep &step, std::int32_t frames) {
  for (std::int32_t i = 0; i < step.audio_output_count; ++i) std::memset(step.audio_outputs[i], 0, bytes_of(frames));
  for (std::int32_t i = 0; i < step.output_hint_count; ++i) *step.output_hints[i] = ARR_HINT_SILENT | ARR_HINT_CONSTANT;
}

bool outputs_finite(const PluginStep &step, std::int32_t frames) {
  for (std::int32_t i = 0; i < step.audio_output_count; ++i)
    if (!kernels.finite(step.audio_outputs[i], frames)) return false;
  return true;
}

bool in_bounds(const PluginStep &step) {
  for (std::int32_t i = 0; i < step.audio_output_count; ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, step.audio_outputs[i] + step.buffer_frames, sizeof word);
    if (word != guard_word) return false;
  }
  for (std::int32_t i = 0; i < step.event_output_count; ++i)
    if (step.event_outputs[i]->count > output_event_capacity) return false;
  return true;
}

// Nothing that it has left there is read.
void repair_outputs(PluginStep &step) {
  for (std::int32_t i = 0; i < step.audio_output_count; ++i) write_guard(step.audio_outputs[i] + step.buffer_frames);
  for (std::int32_t i = 0; i < step.event_output_count; ++i) step.event_outputs[i]->count = 0;
}

// Readers sort what they get.
void end_notes(PluginStep &step, std::int32_t frame, bool (NoteIds::*take)(arr_event &)) {
  for (std::int32_t i = 0; i < step.event_output_count; ++i) {
    NoteIds &ids = *static_cast<EventOutput *>(step.event_outputs[i])->ids;
    for (arr_event event; (ids.*take)(event);) {
      event.frame = frame;
      append_event(step.event_outputs[i], &event);
    }
  }
}

void silence(PluginStep &step, const Slice &slice, Fault fault) {
  step.fault = fault;
  step.failure = next_failure();
  write_silence(step, slice.frames);
  end_notes(step, slice.frames - 1, &NoteIds::take_off);  // behind what it has sent in this slice
}

bool ends(const arr_event &event, const arr_event &note) {
  return event.type == ARR_EVENT_NOTE_OFF && note.type == ARR_EVENT_NOTE_ON && event.note_id != 0 &&
         event.note_id == note.note_id;
}

int rank(const arr_event &event) {
  if (event.type == ARR_EVENT_NOTE_OFF || event.type == ARR_EVENT_NOTE_CHOKE) return 0;
  return event.type == ARR_EVENT_NOTE_ON ? 2 : 1;
}

}  // namespace

void write_guard(float *behind) {
  for (std::int32_t i = 0; i < guard_frames; i += 2) std::memcpy(behind + i, &guard_word, sizeof guard_word);
}

void run_plugin(Step &base, const Slice &slice) {
  auto &step = static_cast<PluginStep &>(base);
  for (std::int32_t i = 0; i < step.event_output_count; ++i) step.event_outputs[i]->count = 0;
  if (step.fault != Fault::none || (step.asleep && inputs_quiet(step))) return write_silence(step, slice.frames);
  for (std::int32_t i = 0; i < step.output_hint_count; ++i) *step.output_hints[i] = 0;
  step.call.frames = slice.frames;
  step.call.steady_frame = slice.steady_frame;
  step.call.transport = slice.transport;
  const arr_process_status status = step.process(step.plugin, &step.call);
  step.asleep = status == ARR_PROCESS_SLEEP;
  if (!in_bounds(step)) return mute_plugin(step, slice, Fault::out_of_bounds);
  end_notes(step, 0, &NoteIds::take_abandoned_off);
  if (status == ARR_PROCESS_ERROR) silence(step, slice, Fault::error_status);
  else if (status == isolated::process_failed) silence(step, slice, Fault::isolated);
  else if (step.check_finite && !outputs_finite(step, slice.frames)) silence(step, slice, Fault::not_finite);
}

void mute_plugin(PluginStep &step, const Slice &slice, Fault fault) {
  repair_outputs(step);
  end_notes(step, 0, &NoteIds::take_abandoned_off);
  silence(step, slice, fault);
}

namespace {

// `empty`: nothing has come to this channel so far.
void end_part(const MixStep &step, const MixChannel &channel, bool empty, const Slice &slice) {
  if (!step.is_last) *channel.begun = !empty;
  else if (empty) std::memset(channel.out, 0, bytes_of(slice.frames));
}

}  // namespace

// A silent source is passed over. That never changes a bit: the first source is added to zero, so no sum is ever -0.
void run_mix(Step &base, const Slice &slice) {
  auto &step = static_cast<MixStep &>(base);
  bool silent = true;
  for (std::int32_t c = 0; c < step.channel_count; ++c) {
    const MixChannel &channel = step.channels[c];
    bool first = step.is_first || !*channel.begun;
    MixSource sources[Kernels::most_sources];
    std::int32_t count = 0;
    for (std::int32_t t = 0; t < channel.count; ++t) {
      const MixTerm &term = channel.terms[t];
      if ((*term.hint & ARR_HINT_SILENT) == 0) sources[count++] = {term.source, term.gain};
      if (count == 0 || (count < Kernels::most_sources && t + 1 < channel.count)) continue;
      kernels.sum(channel.out, sources, std::exchange(count, 0), !first, slice.frames);
      first = false;
    }
    end_part(step, channel, first, slice);
    silent = silent && first;
  }
  if (step.is_last) *step.hint = silent ? ARR_HINT_SILENT : 0;
}

namespace {

void mix_term(const MixTerm &term, float *out, bool first, const Slice &slice) {
  for (std::int32_t i = 0; i < slice.frames; ++i) {
    const float faded = term.fade ? static_cast<float>(term.fade->at(slice.steady_frame + i)) : 1.0f;
    out[i] = (first ? 0.0f : out[i]) + term.gain * faded * term.source[i];
  }
}

}  // namespace

void run_fading_mix(Step &base, const Slice &slice) {
  auto &step = static_cast<MixStep &>(base);
  bool silent = true;
  for (std::int32_t c = 0; c < step.channel_count; ++c) {
    const MixChannel &channel = step.channels[c];
    bool first = step.is_first || !*channel.begun;
    for (std::int32_t t = 0; t < channel.count; ++t) {
      if ((*channel.terms[t].hint & ARR_HINT_SILENT) != 0) continue;
      mix_term(channel.terms[t], channel.out, first, slice);
      first = false;
    }
    end_part(step, channel, first, slice);
    silent = silent && first;
  }
  if (step.is_last) *step.hint = silent ? ARR_HINT_SILENT : 0;
}

namespace {

void fade_modulation(float *out, const ModulationTerm &term, const Slice &slice) {
  for (std::int32_t i = 0; i < slice.frames; ++i) {
    const double before = out[i], value = term.offset + term.scale * static_cast<double>(term.source[i]);
    const double after = term.replaces ? value : before + term.amount * value;
    out[i] = static_cast<float>(before + term.fade->at(slice.steady_frame + i) * (after - before));
  }
}

}  // namespace

void run_modulation(Step &base, const Slice &slice) {
  auto &step = static_cast<ModulationStep &>(base);
  if ((step.cell.hint & ARR_HINT_CONSTANT) != 0) std::fill_n(step.out, slice.frames, *step.base);
  else std::memcpy(step.out, step.base, bytes_of(slice.frames));
  for (std::int32_t t = 0; t < step.count; ++t) {
    const ModulationTerm &term = step.terms[t];
    const Modulation modulation{term.offset, term.scale, term.amount, term.replaces};
    if (term.fade) fade_modulation(step.out, term, slice);
    else kernels.modulate(step.out, term.source, modulation, slice.frames);
  }
  kernels.clamp(step.out, step.min, step.max, slice.frames);
}

// Insertion, since both sides are sorted and short; an event goes behind its equals, so that the schedule comes before
// plugins and plugins come in connection order.
// An event outside of the slice stays here: it would be written beyond the buffers of whoever trusts it.
void run_merge(Step &base, const Slice &slice) {
  auto &step = static_cast<MergeStep &>(base);
  for (std::int32_t s = 0; s < step.count; ++s) {
    const arr_event_list &source = *step.sources[s];
    for (std::uint32_t k = 0; k < source.count; ++k) {
      const arr_event event = source.events[k];
      if (step.out->count == step.capacity || event.frame < 0 || event.frame >= slice.frames) {
        count_lost(step.lost);
        continue;
      }
      std::uint32_t at = step.out->count++;
      for (; at > 0; --at) {
        const arr_event &other = step.storage[at - 1];
        if (other.frame < event.frame) break;
        if (other.frame == event.frame && (rank(other) <= rank(event) || ends(event, other))) break;
        step.storage[at] = other;
      }
      step.storage[at] = event;
    }
  }
}

void run_cut(Step &base, const Slice &) {
  auto &step = static_cast<CutStep &>(base);
  step.list.count = 0;
  if (!std::exchange(step.done, true))
    step.output->ids->each_off([&](const arr_event &off) { step.storage[step.list.count++] = off; });
}

std::int32_t append_event(arr_event_list *list, const arr_event *event) {
  auto *output = static_cast<EventOutput *>(list);
  if (output->count >= output_event_capacity) {
    count_lost(output->lost);
    return 0;
  }
  arr_event &added = output->storage[output->count++];
  added = *event;
  output->ids->apply(added);
  return 1;
}

}  // namespace arranger
