// SPDX-License-Identifier: MIT
#include "transport/score.hpp"

#include <algorithm>
#include <utility>

namespace arranger {

TempoMap tempo_map(const Schedule &schedule, double sample_rate, double bpm) {
  std::vector<TempoChange> changes;
  for (const ScheduledEvent &event : schedule.events)
    if (event.kind == EventKind::tempo)
      changes.push_back({event.beat, event.value, static_cast<double>(event.ramp_beats)});
  return TempoMap(sample_rate, bpm, std::move(changes));
}

SignatureMap signature_map(const Schedule &schedule) {
  std::vector<SignatureChange> changes;
  for (const ScheduledEvent &event : schedule.events)
    if (event.kind == EventKind::time_signature) changes.push_back({event.beat, event.pitch, event.velocity});
  return SignatureMap(std::move(changes));
}

Score make_score(std::shared_ptr<const Schedule> schedule, double sample_rate, double bpm) {
  TempoMap tempo = tempo_map(*schedule, sample_rate, bpm);
  SignatureMap signatures = signature_map(*schedule);
  std::vector<std::int64_t> bar_changes;
  for (const ScheduledEvent &event : schedule->events)
    if (event.kind == EventKind::time_signature) bar_changes.push_back(tempo.frame(event.beat));
  std::ranges::sort(bar_changes);
  Timeline timeline = make_timeline(std::move(schedule), tempo);
  return {std::move(tempo), std::move(signatures), std::move(timeline), std::move(bar_changes)};
}

}  // namespace arranger
