// SPDX-License-Identifier: MIT
// The same again: in another instance, after a reset, beside another instance.
#include <thread>

#include "base/format.hpp"
#include "base/thread.hpp"
#include "check.hpp"
#include "compare.hpp"

namespace arranger::validate {
namespace {

constexpr int frames = 16'000;

Music heard_by(const Subject &subject) { return music(subject.ports(), frames, frames * 3 / 4, 4); }

Result<void> determinism(const Subject &subject) {
  const Music heard = heard_by(subject);
  const auto first = play(subject, heard);
  if (!first) return std::unexpected(first.error());
  for (int round = 0; round < subject.rounds(2); ++round) {
    const auto again = play(subject, heard);
    if (!again) return std::unexpected(again.error());
    if (const std::string differs = difference(*first, *again); !differs.empty())
      return broken(differs + ", in a second instance with the same seed");
  }
  return {};
}

// One frame passes first: there a plugin may send the ends of notes that the reset cut off.
Result<Output> play_after_one_frame(Rig &rig, const Subject &subject, const Music &music) {
  if (auto done = rig.play(silence(subject.ports(), 1)); !done) return done;
  return rig.play(music);
}

Result<Output> play_after_reset(const Subject &subject, const Music &heard) {
  auto used = Rig::make(subject);
  if (!used) return std::unexpected(used.error());
  Music held = music(subject.ports(), 5000, 5000, 8);
  std::erase_if(held.events, [](const arr_event &event) { return event.type == ARR_EVENT_NOTE_OFF; });
  if (auto done = used->play(held); !done) return done;
  used->reset();
  return play_after_one_frame(*used, subject, heard);
}

Result<void> reset(const Subject &subject) {
  const Music heard = heard_by(subject);
  const auto found = play_after_reset(subject, heard);
  if (!found) return std::unexpected(found.error());
  auto fresh = Rig::make(subject);
  if (!fresh) return std::unexpected(fresh.error());
  const auto expected = play_after_one_frame(*fresh, subject, heard);
  if (!expected) return std::unexpected(expected.error());
  if (const std::string differs = difference(*expected, *found); !differs.empty())
    return broken(differs + ", after sound and a reset (what is expected is what a new instance gives)");
  return {};
}

// Block by block in turn on one thread: what they share shows every time.
Result<void> in_turn(const Subject &subject, const Output &alone, const Music &heard) {
  const Music other = music(subject.ports(), frames, frames, 12);
  auto first = Rig::make(subject), second = Rig::make(subject);
  if (!first) return std::unexpected(first.error());
  if (!second) return std::unexpected(second.error());
  first->begin(heard);
  second->begin(other);
  while (!first->at_end()) {
    if (auto done = first->step(128); !done) return done;
    if (auto done = second->step(128); !done) return done;
  }
  if (const std::string differs = difference(alone, first->take()); !differs.empty())
    return broken(differs + ", when another instance runs in turn with it");
  return {};
}

// What one thread of several does: its own instances, over and over.
std::string run_often(const Subject &subject, const Output &alone, const Music &heard) {
  for (int round = 0; round < subject.rounds(4); ++round) {
    const auto output = play(subject, heard);
    if (!output) return output.error().message;
    if (const std::string differs = difference(alone, *output); !differs.empty())
      return differs + ", when other instances run on other threads";
  }
  return {};
}

Result<void> parallel(const Subject &subject) {
  const Music heard = heard_by(subject);
  const auto alone = play(subject, heard);
  if (!alone) return std::unexpected(alone.error());
  if (auto done = in_turn(subject, *alone, heard); !done) return done;
  std::string there, here;
  std::thread other = start_thread([&] { there = run_often(subject, *alone, heard); });
  here = run_often(subject, *alone, heard);
  if (other.joinable()) other.join();
  if (!here.empty() || !there.empty()) return broken(here.empty() ? there : here);
  return {};
}

constexpr auto plugin = Check::Scope::plugin;
constexpr Check checks[] = {
    {"determinism", plugin, "Two instances with the same seed give the same bits.",
     "Take random numbers from the activation's seed, and nothing from clocks, addresses or other instances.",
     needs_output, determinism},
    {"reset", plugin, "After reset an instance gives what a new one gives.",
     "Set in reset everything that process changes: voices, delay lines, phases, random numbers.", needs_output, reset,
     "determinism"},
    {"parallel", plugin, "Instances on several threads give what each gives alone.",
     "Keep what changes in the instance; what instances share is constant or atomic.", needs_output, parallel,
     "determinism"},
};

}  // namespace

std::span<const Check> repeat_checks() { return checks; }

}  // namespace arranger::validate
