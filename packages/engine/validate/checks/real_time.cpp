// SPDX-License-Identifier: MIT
// Nothing that may block on the audio thread.
#include "check.hpp"
#include "compare.hpp"
#include "plugin/guard.hpp"
#include "trap.hpp"

namespace arranger::validate {
namespace {

std::string needs_trap(const Subject &) {
  return trap_works() ? "" : "calls are watched on Linux with glibc only, and not under a sanitizer";
}

Result<void> real_time(const Subject &subject) {
  constexpr int frames = 24'000;
  auto rig = Rig::make(subject);
  if (!rig) return std::unexpected(rig.error());
  Music heard = music(subject.ports(), frames, frames / 2);
  set_trap();
  for (const bool moving : {false, true}) {
    if (moving) move_parameters(heard, subject.ports(), 3);
    if (auto done = rig->play(heard, random_cuts(6, 900)); !done) return std::unexpected(done.error());
    if (const std::string call = trapped(subject.path()); !call.empty()) return broken(call + ", in process");
    rig->reset();
    if (const std::string call = trapped(subject.path()); !call.empty()) return broken(call + ", in reset");
  }
  return {};
}

constexpr Check checks[] = {
    {"real_time", Check::Scope::plugin,
     "process and reset allocate nothing, take no lock, call no system function that may wait, and throw nothing.",
     "Take memory in activate; hand work that may wait to a thread of your own by a lock-free queue.", needs_trap,
     real_time},
};

}  // namespace

std::span<const Check> real_time_checks() { return checks; }

}  // namespace arranger::validate
