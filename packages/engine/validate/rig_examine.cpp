// SPDX-License-Identifier: MIT
// What a rig looks at after a call.
#include <algorithm>
#include <cstring>

#include "base/format.hpp"
#include "rig_parts.hpp"

namespace arranger::validate {

std::string Rig::name_of(std::size_t i) const {
  const Place &place = places_[i];
  return place.port->channels() == 1 ? place.port->id : format("{}[{}]", place.port->id, place.channel);
}

void Rig::note_broken(Rule rule, std::string text) {
  std::string &first = broken_[static_cast<std::size_t>(rule)];
  if (first.empty()) first = std::move(text);
}

void Rig::examine(int frames) {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (places_[i].is_output()) examine_output(i, frames);
    if (places_[i].port->is_input()) examine_input(i, frames);
  }
  for (const Monitor &monitor : instance_->monitors())
    if (monitor.count > monitor.capacity)
      note_broken(Rule::buffers,
                  format("a monitor says that it has {} values where {} have room", monitor.count, monitor.capacity));
  examine_events(frames);
}

void Rig::examine_output(std::size_t i, int frames) {
  Channel &buffer = *buffers_[source_[i]];
  if (const int frame = buffer.overrun(frames); frame != 0)
    note_broken(Rule::buffers, format("{} was written at frame {} in a call of {} frames", name_of(i), frame, frames));
  if (const int frame = buffer.unwritten(frames); frame < frames)
    note_broken(Rule::buffers,
                format("{} was not written at frame {} of a call of {} frames", name_of(i), frame, frames));
  const std::uint32_t hints = hints_[static_cast<std::size_t>(places_[i].port_index)];
  const float *samples = buffer.samples();
  if ((hints & ARR_HINT_SILENT) != 0 && !is_zero(samples, frames))
    note_broken(Rule::hints, format("{} is hinted silent in a call of {} frames, but is not zero", name_of(i), frames));
  const bool constant = std::all_of(samples, samples + frames, [&](float x) { return x == samples[0]; });
  if ((hints & ARR_HINT_CONSTANT) != 0 && !constant)
    note_broken(Rule::hints, format("{} is hinted constant in a call of {} frames, but moves", name_of(i), frames));
}

void Rig::examine_input(std::size_t i, int frames) {
  Channel &buffer = *buffers_[i];
  if (const int frame = buffer.overrun(frames); frame != 0)
    note_broken(Rule::buffers, format("{} was written at frame {}, outside of the call", name_of(i), frame));
  if (options_.shares_buffers) return;
  const Samples &given = music_->samples[i];
  const auto bytes = sizeof(float) * static_cast<std::size_t>(frames);
  const bool same = given.empty() ? places_[i].port->is_parameter() ? buffer.samples()[0] == music_->values[i]
                                                                    : is_zero(buffer.samples(), frames)
                                  : std::memcmp(buffer.samples(), given.data() + at_, bytes) == 0;
  if (!same) note_broken(Rule::buffers, format("{} is an input and was written to", name_of(i)));
}

void Rig::examine_events(int frames) {
  for (const auto &output : event_outputs_) {
    int last = 0;
    for (const arr_event &event : output->events) {
      const std::string &port = instance_->ports()[static_cast<std::size_t>(output->port)].id;
      if (event.frame < 0 || event.frame >= frames)
        note_broken(Rule::events, format("{} sent an event at frame {} of a call of {}", port, event.frame, frames));
      else if (event.frame < last)
        note_broken(Rule::events, format("{} sent an event at frame {} after one at {}", port, event.frame, last));
      last = event.frame;
      const bool keyed = event.type == ARR_EVENT_NOTE_ON || event.type == ARR_EVENT_NOTE_OFF ||
                         event.type == ARR_EVENT_NOTE_CHOKE || event.type == ARR_EVENT_CC;
      if (event.channel > 15 || (keyed && (event.key < 0 || event.key > 127)))
        note_broken(Rule::events,
                    format("{} sent an event of channel {}, key {}", port, static_cast<int>(event.channel), event.key));
    }
  }
}

void Rig::collect(int frames) {
  std::size_t channel = 0;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (!places_[i].is_output()) continue;
    Samples &to = output_.channels[channel++];
    to.insert(to.end(), channels_[i], channels_[i] + frames);
  }
  for (const auto &output : event_outputs_)
    for (const arr_event &event : output->events)
      output_.events.push_back({output->port, at_ + event.frame, event.type, event.channel, event.key, event.value});
}

}  // namespace arranger::validate
