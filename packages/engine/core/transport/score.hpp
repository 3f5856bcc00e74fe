// SPDX-License-Identifier: MIT
// A schedule made ready to play at one sample rate: where beats and bars lie, and every event on its frame.
#pragma once

#include "transport/schedule.hpp"
#include "transport/signature_map.hpp"
#include "transport/tempo_map.hpp"
#include "transport/timeline.hpp"

namespace arranger {

struct Score {
  TempoMap tempo;
  SignatureMap signatures;
  Timeline timeline;
  std::vector<std::int64_t> bar_changes;  // song frames where a time signature begins, ascending
};

// The tempo map of a schedule: `bpm` until the first tempo event. [control]
TempoMap tempo_map(const Schedule &schedule, double sample_rate, double bpm);
SignatureMap signature_map(const Schedule &schedule);

// Never changes once made, so that many may read it. [control]
Score make_score(std::shared_ptr<const Schedule> schedule, double sample_rate, double bpm);

}  // namespace arranger
