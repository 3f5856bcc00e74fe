// SPDX-License-Identifier: MIT
// Calls of any length, into buffers that are the plugin's only as far as the ABI says.
#include "base/format.hpp"
#include "check.hpp"
#include "compare.hpp"

namespace arranger::validate {
namespace {

constexpr int frames = 12'000;

// Runs the music in pieces of several sizes, and asks `judge` about each run.
template <class Judge>
Result<void> at_block_sizes(const Subject &subject, const Music &music, std::initializer_list<int> sizes,
                            const Judge &judge) {
  const auto run = [&](const Cuts &cuts, const std::string &how) -> Result<void> {
    auto output = play(subject, music, cuts);
    if (!output) return std::unexpected(output.error());
    if (const std::string wrong = judge(*output); !wrong.empty()) return broken(wrong + how);
    return {};
  };
  for (const int size : sizes)
    if (auto done = run({size}, format(", with blocks of {} frames", size)); !done) return done;
  for (int round = 1; round <= subject.rounds(2); ++round)
    if (auto done = run(random_cuts(static_cast<std::uint32_t>(round), 1500), ", with blocks of random length"); !done)
      return done;
  return {};
}

Result<void> block_sizes(const Subject &subject) {
  const Music heard = music(subject.ports(), frames, frames * 3 / 4);
  return at_block_sizes(subject, heard, {1, 7, 64, 511, 4096}, not_finite);
}

Result<void> compare_cuts(const Subject &subject, const Music &music) {
  const auto expected = play(subject, music, {128});
  if (!expected) return std::unexpected(expected.error());
  return at_block_sizes(subject, music, {1, 7, 64, 511, 2048}, [&](const Output &found) {
    return difference(*expected, found, subject.descriptor().block_tolerance);
  });
}

Result<void> block_invariance(const Subject &subject) {
  return compare_cuts(subject, music(subject.ports(), frames, frames * 3 / 4));
}

// The engine may give a parameter that moves in calls of any length, down to a frame each, where each value is constant.
Result<void> ramps(const Subject &subject) {
  Music moving = music(subject.ports(), frames, frames * 3 / 4);
  move_parameters(moving, subject.ports(), 5);
  return compare_cuts(subject, moving);
}

std::string needs_in_place(const Subject &subject) {
  return subject.descriptor().in_place ? "" : "it does not declare in_place";
}

Result<void> in_place(const Subject &subject) {
  const Music heard = music(subject.ports(), frames, frames * 3 / 4);
  const auto apart = play(subject, heard, {300});
  if (!apart) return std::unexpected(apart.error());
  const auto shared = play(subject, heard, {300}, {.shares_buffers = true});
  if (!shared) return std::unexpected(shared.error());
  if (const std::string differs = difference(*apart, *shared); !differs.empty())
    return broken(differs + ", with shared buffers");
  return {};
}

// One of the rules that the rig watches, in calls of many lengths.
Result<void> keeps(const Subject &subject, Rule rule) {
  Music heard = music(subject.ports(), frames, frames / 2);
  for (const bool moving : {false, true}) {
    if (moving) move_parameters(heard, subject.ports(), 9);
    for (const Cuts &cuts : {Cuts{1}, Cuts{128}, Cuts{509}, random_cuts(3, 1500)}) {
      auto rig = Rig::make(subject);
      if (!rig) return std::unexpected(rig.error());
      if (auto done = rig->play(heard, cuts); !done) return std::unexpected(done.error());
      if (!rig->broken(rule).empty()) return broken(rig->broken(rule));
    }
  }
  return {};
}

Result<void> buffers(const Subject &subject) { return keeps(subject, Rule::buffers); }
Result<void> hints(const Subject &subject) { return keeps(subject, Rule::hints); }
Result<void> events_out(const Subject &subject) { return keeps(subject, Rule::events); }

std::string needs_event_output(const Subject &subject) {
  return has_event_output(subject.ports()) ? "" : "it has no event output";
}

constexpr auto plugin = Check::Scope::plugin;
constexpr Check checks[] = {
    {"block_sizes", plugin, "Calls of 1, 7, 64, 511, 4096 and random numbers of frames work and give finite numbers.",
     "Take any number of frames from 1 to max_frames; what needs more memory per frame takes it in activate.",
     needs_output, block_sizes},
    {"block_invariance", plugin,
     "The output is the same, bit for bit or within block_tolerance, however a run is cut into calls.",
     "Keep everything that passes from frame to frame in the instance, and count frames, not calls; where that cannot "
     "be, declare block_tolerance or event_grid.",
     needs_output, block_invariance, "determinism"},
    {"ramps", plugin, "A parameter that moves gives the same output however the movement is cut into calls.",
     "Read the parameter on every frame while it moves (ARR_HINT_CONSTANT is not set), and compute from its value "
     "alone.",
     needs_parameters, ramps, "block_invariance"},
    {"buffers", plugin,
     "Every frame of every output is written, nothing beyond the next multiple of 16 frames is, and inputs are left "
     "alone.",
     "Write exactly `frames` frames of each output, in every call, and to no input.", nullptr, buffers},
    {"hints", plugin, "A port that is hinted silent holds zeros, one that is hinted constant does not move.",
     "Set ARR_HINT_SILENT only after writing zeros.", needs_output, hints},
    {"events_out", plugin,
     "Events that are sent stand in order, inside of the call, with a channel and key that exist.",
     "Send events by ascending frame, 0 to frames - 1.", needs_event_output, events_out},
    {"in_place", plugin, "With the output in the input's buffer the output is the same.",
     "Read each input frame before its output frame is written, or do not declare in_place.", needs_in_place, in_place,
     "determinism"},
};

}  // namespace

std::span<const Check> block_checks() { return checks; }

}  // namespace arranger::validate
