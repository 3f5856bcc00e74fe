// SPDX-License-Identifier: MIT
// What silence in, and sleep, promise.
#include <algorithm>

#include "base/format.hpp"
#include "check.hpp"
#include "compare.hpp"

namespace arranger::validate {
namespace {

constexpr int burst = 6000;
constexpr std::int64_t longest = 48'000 * 90;

std::string needs_a_tail(const Subject &subject) {
  if (!has_audio_input(subject.ports()) || !has_audio_output(subject.ports()))
    return "it makes sound from no sound: a generator, or an instrument (see notes_end)";
  const auto instance = subject.activate();
  if (!instance) return {};
  if ((*instance)->tail_frames() < 0) return "it declares a tail without end";
  if ((*instance)->tail_frames() <= longest) return {};
  return format("it declares a tail of {} frames, and no more than {} are listened to", (*instance)->tail_frames(),
                longest);
}

// Noise, then nothing for the declared tail and half a second.
Result<void> silence_after_tail(const Subject &subject) {
  auto rig = Rig::make(subject);
  if (!rig) return std::unexpected(rig.error());
  const std::int64_t over = burst + rig->instance().tail_frames() + rig->instance().latency_frames();
  Music heard = music(subject.ports(), static_cast<int>(over) + 24'000, burst);
  heard.events.clear();
  const auto output = rig->play(heard, {1024});
  if (!output) return std::unexpected(output.error());
  if (const std::string sound = not_silent(*output, over); !sound.empty())
    return broken(format("{}; the input ended at frame {}, the tail of {} frames at {}", sound, burst,
                         rig->instance().tail_frames(), over));
  return {};
}

// How long a plugin may ring before it falls asleep in this check.
int rest_of(const Instance &instance) {
  const std::int64_t tail = instance.tail_frames() < 0 ? 0 : instance.tail_frames();
  return static_cast<int>(std::min<std::int64_t>(tail + instance.latency_frames() + 24'000, longest / 3));
}

// Music, a long rest, music again: with a host that lets it sleep and one that calls it all the same.
Result<void> sleep(const Subject &subject) {
  auto awake = Rig::make(subject);
  if (!awake) return std::unexpected(awake.error());
  const int rest = rest_of(awake->instance());
  const Music once = music(subject.ports(), 2 * burst + rest, burst);
  Music heard = once;
  for (std::size_t i = 0; i < heard.samples.size(); ++i)
    if (!once.samples[i].empty()) std::copy_n(once.samples[i].begin(), burst, heard.samples[i].begin() + burst + rest);
  for (arr_event event : once.events) {
    event.frame += burst + rest;
    if (event.note_id != 0) event.note_id += 1000;
    heard.events.push_back(event);
  }
  const auto expected = awake->play(heard, {256});
  if (!expected) return std::unexpected(expected.error());
  const auto found = play(subject, heard, {256}, {.lets_sleep = true});
  if (!found) return std::unexpected(found.error());
  if (const std::string differs = difference(*expected, *found); !differs.empty())
    return broken(differs + ", when it is not called while it sleeps (what is expected is what it gives awake)");
  return {};
}

constexpr auto plugin = Check::Scope::plugin;
constexpr Check checks[] = {
    {"silence", plugin, "When the input is silent, the output is, after the declared tail (below -120 dBFS).",
     "Declare a longer tail in activate, or -1 for one without end; a constant offset or hiss is no tail.",
     needs_a_tail, silence_after_tail},
    {"sleep", plugin,
     "After ARR_PROCESS_SLEEP the output is exact zeros and the state unchanged until an input sounds or an event "
     "comes.",
     "Sleep only when everything has run out; a phase or counter that goes on while nothing sounds forbids it.",
     needs_output, sleep, "determinism"},
};

}  // namespace

std::span<const Check> silence_checks() { return checks; }

}  // namespace arranger::validate
