// SPDX-License-Identifier: MIT
// Compiled with exceptions: what a plain C++ plugin throws in process is caught here. That costs nothing until it throws.
#include "graph/run_steps.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "base/catching.hpp"
#include "base/prefetch.hpp"
#include "base/survive.hpp"

namespace arranger {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;

struct Run {
  std::span<Step *const> steps;
  std::atomic<std::uint32_t> &at;
  const Slice &slice;
  bool is_measured;
  Interruption &how;
  Fault fault;
};

// A large graph does not fit the near caches. What a step reads, its own record and the beginning of its plugin, is asked for
// while others run; the record itself is read here, so it is asked for still earlier, by the processor: records follow each
// other.
constexpr std::size_t ahead = 4;
constexpr std::size_t line_bytes = 64, plugin_lines = 8;

void fetch_ahead(const Step &step) {
  const char *const plugin = static_cast<const char *>(step.warm);
  const std::size_t lines = step.run == run_plugin ? plugin_lines : 1;
  for (std::size_t line = 0; line < lines; ++line) prefetch(plugin + line * line_bytes);
}

void run_all(const Run &run) {
  Step *const *const steps = run.steps.data();
  const std::size_t count = run.steps.size();
  for (std::size_t i = run.at.load(relaxed); i < count; ++i) {
    if (i + ahead < count) fetch_ahead(*steps[i + ahead]);
    run.at.store(static_cast<std::uint32_t>(i), relaxed);
    steps[i]->run(*steps[i], run.slice);
  }
}

// The clock is read in user space: no system call.
void run_measured(const Run &run) {
  using Clock = std::chrono::steady_clock;
  auto before = Clock::now();
  for (std::size_t i = run.at.load(relaxed); i < run.steps.size(); ++i) {
    Step *const step = run.steps[i];
    run.at.store(static_cast<std::uint32_t>(i), relaxed);
    step->run(*step, run.slice);
    const auto now = Clock::now();
    const auto took =
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now - before).count());
    if (step->run == run_plugin) static_cast<PluginStep *>(step)->nanoseconds += took;
    else if (step->run == run_gain) static_cast<GainStep *>(step)->nanoseconds += took;
    before = now;
  }
}

// `thrown`: the words of an exception, null where what was thrown is none.
void say(Interruption &how, const char *thrown) {
  const char *const what = thrown ? thrown : "what is no exception";
  std::strncpy(how.what, what, sizeof how.what - 1);
  how.what[sizeof how.what - 1] = 0;
}

void run_and_catch(void *argument) noexcept {
  Run &run = *static_cast<Run *>(argument);
  catching([&run] { run.is_measured ? run_measured(run) : run_all(run); },
           [&run](const char *what) {
             say(run.how, what);
             run.fault = Fault::threw;
           });
}

struct TakingOver {
  Renewal &renewal;
  Instance &now;
  Interruption &how;
  Fault fault;
};

void take_over_and_catch(void *argument) noexcept {
  auto &work = *static_cast<TakingOver *>(argument);
  catching([&work] { work.renewal.take_over(work.now); },
           [&work](const char *what) {
             say(work.how, what);
             work.fault = Fault::threw;
           });
}

// The engine's own faults, and what others have in hand, such as V8's, are not the plugin's.
bool is_in_plugin(const void *argument) {
  const Run &run = *static_cast<const Run *>(argument);
  const std::size_t at = run.at.load(relaxed);
  return at < run.steps.size() && run.steps[at]->run == run_plugin;
}

}  // namespace

Fault run_steps(std::span<Step *const> steps, std::atomic<std::uint32_t> &at, const Slice &slice, bool is_measured,
                Interruption &how) noexcept {
  Run run{steps, at, slice, is_measured, how, Fault::none};
  how.signal = survive(run_and_catch, &run, is_in_plugin);
  if (how.signal == 0) return run.fault;
  say(how, "");
  return Fault::crashed;
}

Fault take_over(Renewal &renewal, Instance &now, Interruption &how) noexcept {
  TakingOver work{renewal, now, how, Fault::none};
  how.signal = survive(take_over_and_catch, &work);
  if (how.signal == 0) return work.fault;
  say(how, "");
  return Fault::crashed;
}

}  // namespace arranger
