// SPDX-License-Identifier: MIT
// From a time of the clock to the beat that was heard then: what somebody plays to it belongs there.
#include <algorithm>
#include <chrono>

#include "engine.hpp"

namespace arranger {
namespace {

// The song frame so many frames before a moment, in a loop that has been going round.
double frame_before(const Moment &moment, double frames, const TempoMap &tempo, const LoopBeats &loop) {
  const double now = static_cast<double>(moment.position.song_frame), then = now - frames;
  if (loop.enabled) {
    const auto start = static_cast<double>(tempo.frame(loop.start)), end = static_cast<double>(tempo.frame(loop.end));
    if (end > start && now >= start && now < end && then < start) return std::max(start, then + (end - start));
  }
  return std::max(0.0, then);
}

// Between two frames the tempo moves by nothing that counts.
double beat_at(const TempoMap &tempo, double frame) {
  const auto whole = static_cast<std::int64_t>(frame);
  const double from = tempo.beat(whole);
  return from + (tempo.beat(whole + 1) - from) * (frame - static_cast<double>(whole));
}

}  // namespace

HeardBeat Engine::heard_at(std::chrono::steady_clock::time_point when) const {
  const auto playing = live();
  const Position told = position();
  if (!playing || !told.playing) return {told.beat, told.playing};
  std::unique_lock asked_lock(live_mutex_);
  const std::uint64_t asked = asked_.message;
  asked_lock.unlock();
  if (playing->player().shown() < asked) return {told.beat, true};  // it moves from there with the next block
  const Moment moment = playing->player().moment();
  if (!moment.position.playing || moment.frames == 0) return {told.beat, told.playing};
  std::unique_lock lock(mutex_);
  const auto score = playing->score;
  const LoopBeats loop = model_.loop;
  lock.unlock();
  const double rate = score->tempo.sample_rate();
  const double passed = std::chrono::duration<double>(when - moment.began).count() * rate;
  // What the last call made is heard to its end this long after it began; a late call lets no more be heard.
  const double ahead = moment.frames + playing->device().state().latency_ms / 1000 * rate;
  const double before = ahead - std::min(passed, ahead);
  return {beat_at(score->tempo, frame_before(moment, before, score->tempo, loop)), true};
}

double Engine::beat_after(double beat, double seconds) const {
  const Model now = model();
  const TempoMap tempo = tempo_map(*now.schedule, config().sample_rate, now.bpm);
  return beat_at(tempo, tempo.frames(beat) + seconds * tempo.sample_rate());
}

}  // namespace arranger
