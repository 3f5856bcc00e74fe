// SPDX-License-Identifier: MIT
// Instances come and go, at every sample rate.
#include <chrono>

#include "base/format.hpp"
#include "check.hpp"
#include "compare.hpp"
#include "process_facts.hpp"

namespace arranger::validate {
namespace {

using Clock = std::chrono::steady_clock;

// Whether an instance lives only as long as nothing of its own goes wrong; what it leaves behind is counted elsewhere.
Result<void> one_life(const Subject &subject, std::uint64_t seed) {
  const auto instance = subject.activate({.seed = seed});
  if (!instance) return std::unexpected(instance.error());
  return {};
}

// A thousand times, or for three seconds where an instance takes long to make.
Result<void> create_destroy_1000(const Subject &subject) {
  constexpr int warm = 50;
  constexpr std::int64_t slack = 3 << 20;
  const auto deadline = Clock::now() + std::chrono::seconds(3);
  std::optional<ProcessFacts> before;
  int count = 0;
  for (; count < subject.rounds(1000) && (count < 20 || Clock::now() < deadline); ++count) {
    if (count == warm) before = process_facts();
    if (auto done = one_life(subject, static_cast<std::uint64_t>(count)); !done) return done;
  }
  const auto after = process_facts();
  if (!before || !after) return {};
  const std::string times = format("after {} instances were created and destroyed", count - warm);
  if (after->resident_bytes - before->resident_bytes > slack)
    return broken(
        format("the process has grown by {} KiB {}", (after->resident_bytes - before->resident_bytes) / 1024, times));
  if (after->open_files > before->open_files)
    return broken(format("{} files more are open {}", after->open_files - before->open_files, times));
  if (after->threads > before->threads)
    return broken(format("{} threads more are running {}", after->threads - before->threads, times));
  return {};
}

// A rate may be refused with a reason, but not the usual ones.
Result<void> sample_rates(const Subject &subject) {
  for (const double rate : {8'000.0, 11'025.0, 22'050.0, 32'000.0, 44'100.0, 48'000.0, 88'200.0, 96'000.0, 176'400.0,
                            192'000.0, 384'000.0}) {
    const std::string at = format(", at {} Hz", rate);
    auto rig = Rig::make(subject, {.activation = {.sample_rate = rate}});
    if (!rig) {
      const bool usual = rate >= 44'100 && rate <= 96'000;
      const bool silent = rig.error().message.ends_with("no reason was given");
      if (usual || silent) return broken(rig.error().message + at);
      continue;
    }
    const auto output = rig->play(music(subject.ports(), 4000, 3000));
    if (!output) return broken(output.error().message + at);
    if (const std::string bad = not_finite(*output); !bad.empty()) return broken(bad + at);
  }
  return {};
}

constexpr auto plugin = Check::Scope::plugin;
constexpr Check checks[] = {
    {"create_destroy_1000", plugin,
     "An instance can be created, activated and destroyed 1000 times, and leaves no memory, file or thread behind.",
     "Give back in destroy what create took, and in deactivate what activate took.", nullptr, create_destroy_1000},
    {"sample_rates", plugin,
     "It runs at 8 kHz to 384 kHz, or says in activate why it cannot; 44.1 kHz to 96 kHz must run.",
     "Compute lengths and coefficients from the sample rate in activate; report_error before a rate is refused.",
     needs_output, sample_rates},
};

}  // namespace

std::span<const Check> life_checks() { return checks; }

}  // namespace arranger::validate
