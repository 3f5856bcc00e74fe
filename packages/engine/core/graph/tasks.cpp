// SPDX-License-Identifier: MIT
#include "graph/tasks.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

#include "base/task_queue.hpp"
#include "graph/accesses.hpp"
#include "graph/delays.hpp"

namespace arranger {
namespace {

using Numbers = std::vector<std::uint32_t>;

// About so many tasks keep all threads busy; more only cost.
constexpr std::size_t enough_tasks = 64;

void sort_out(Numbers &numbers) {
  std::ranges::sort(numbers);
  numbers.erase(std::ranges::unique(numbers).begin(), numbers.end());
}

// Who used what last, so far in the plan's order. Numbers are those of units, which only grow.
class LastUses {
 public:
  explicit LastUses(std::size_t most) : places_(std::bit_ceil(2 * most + 2)) {}

  // Adds to `needs` what a unit has to wait for before it uses this.
  void use(const Access &access, std::uint32_t unit, Numbers &needs) {
    Use &use = find(access.what);
    if (use.writer != nobody && use.writer != unit) needs.push_back(use.writer);
    if (!access.writes) {
      if (use.readers.empty() || use.readers.back() != unit) use.readers.push_back(unit);
      return;
    }
    for (const std::uint32_t reader : use.readers)
      if (reader != unit) needs.push_back(reader);
    use.readers.clear();
    use.writer = unit;
  }

 private:
  static constexpr std::uint32_t nobody = UINT32_MAX;
  struct Use {
    const void *what = nullptr;
    std::uint32_t writer = nobody;
    Numbers readers;  // since it was written
  };

  Use &find(const void *what) {
    const auto number = reinterpret_cast<std::uintptr_t>(what);
    std::size_t at = (number >> 3) * 0x9e3779b97f4a7c15u >> 20;
    for (;; ++at) {
      Use &use = places_[at & (places_.size() - 1)];
      if (!use.what) use.what = what;
      if (use.what == what) return use;
    }
  }

  std::vector<Use> places_;
};

// Steps that follow each other, and the parts before them that they wait for.
struct Part {
  std::uint32_t first, end;
  Numbers needs;
};

bool is_part_of_sum(const Step &step) {
  return (step.run == run_mix || step.run == run_fading_mix) && !static_cast<const MixStep &>(step).is_last;
}

// A unit is what the compiler emits for one node: the call of its plugin with what goes before, and the lines that it feeds. A
// part of a sum, which comes when its sources have run, is one by itself.
void add_units(std::vector<Part> &out, std::span<Step *const> steps, std::size_t first, std::size_t end) {
  bool is_whole = true;
  for (auto i = static_cast<std::uint32_t>(first); i < end; ++i) {
    if (is_whole && steps[i]->run != run_feedback_write) {
      out.push_back({i, i, {}});
      is_whole = false;
    }
    out.back().end = i + 1;
    is_whole = is_whole || steps[i]->run == run_plugin || steps[i]->run == run_gain || is_part_of_sum(*steps[i]);
  }
}

// False: the step is of a kind that is not known.
bool add_accesses_of(const Step &step, std::span<const std::shared_ptr<Instance>> instances, std::vector<Access> &out) {
  if (step.run != run_plugin) return add_accesses(step, nullptr, out);
  return add_accesses(step, &instances[static_cast<std::size_t>(static_cast<const PluginStep &>(step).node)]->ports(),
                      out);
}

void find_needs(std::vector<Part> &units, std::span<Step *const> steps,
                std::span<const std::shared_ptr<Instance>> instances) {
  std::vector<Access> accesses;
  std::vector<std::size_t> ends;  // among the accesses, by unit
  std::vector<char> is_barrier(units.size());
  for (std::size_t u = 0; u < units.size(); ++u) {
    for (std::uint32_t i = units[u].first; i < units[u].end; ++i)
      if (!add_accesses_of(*steps[i], instances, accesses)) is_barrier[u] = 1;
    ends.push_back(accesses.size());
  }
  LastUses uses(accesses.size());
  std::uint32_t barrier = 0;
  for (std::uint32_t u = 0, a = 0; u < units.size(); ++u) {
    Numbers &needs = units[u].needs;
    for (; a < ends[u]; ++a) uses.use(accesses[a], u, needs);
    if (is_barrier[u]) {
      needs.resize(u - barrier);
      std::iota(needs.begin(), needs.end(), barrier);
    }
    if (u > barrier && is_barrier[barrier]) needs.push_back(barrier);
    if (is_barrier[u]) barrier = u;
    sort_out(needs);
  }
}

// One part for each group; groups are numbered in order, and have parts that follow each other.
std::vector<Part> join(const std::vector<Part> &parts, const Numbers &group) {
  std::vector<Part> out;
  for (std::size_t p = 0; p < parts.size(); ++p) {
    if (group[p] == out.size()) out.push_back({parts[p].first, parts[p].end, {}});
    Part &joined = out.back();
    joined.end = parts[p].end;
    for (const std::uint32_t need : parts[p].needs)
      if (group[need] != group[p]) joined.needs.push_back(group[need]);
  }
  for (Part &part : out) sort_out(part.needs);
  return out;
}

// A tail comes first, but its steps are the last.
bool follows(const std::vector<Part> &parts, std::size_t part) { return parts[part].first == parts[part - 1].end; }

std::vector<Numbers> readers_of(const std::vector<Part> &parts) {
  std::vector<Numbers> out(parts.size());
  for (std::uint32_t p = 0; p < parts.size(); ++p)
    for (const std::uint32_t need : parts[p].needs) out[need].push_back(p);
  return out;
}

// What is waited for by its successor alone, which waits for nothing else, is one with it.
std::vector<Part> join_chains(const std::vector<Part> &parts) {
  const auto readers = readers_of(parts);
  Numbers group(parts.size());
  for (std::uint32_t p = 1; p < parts.size(); ++p) {
    const bool goes_on = follows(parts, p) && parts[p].needs == Numbers{p - 1} && readers[p - 1] == Numbers{p};
    group[p] = group[p - 1] + (goes_on ? 0 : 1);
  }
  return join(parts, group);
}

// Parts that follow each other, wait for the same and are waited for by the same are put into bundles.
std::vector<Part> join_siblings(const std::vector<Part> &parts) {
  const auto readers = readers_of(parts);
  const std::size_t bundle = (parts.size() + enough_tasks - 1) / enough_tasks;
  Numbers group(parts.size());
  for (std::uint32_t p = 0, next = 0; p < parts.size();) {
    std::uint32_t end = p + 1;
    while (end < parts.size() && follows(parts, end) && parts[end].needs == parts[p].needs &&
           readers[end] == readers[p])
      ++end;
    for (std::uint32_t i = p; i < end; ++i) group[i] = next + static_cast<std::uint32_t>((i - p) / bundle);
    next = group[end - 1] + 1;
    p = end;
  }
  return join(parts, group);
}

std::vector<Part> join_pairs(const std::vector<Part> &parts) {
  Numbers group(parts.size());
  bool is_second = false;
  for (std::size_t p = 1; p < parts.size(); ++p) {
    is_second = !is_second && follows(parts, p);
    group[p] = group[p - 1] + (is_second ? 0 : 1);
  }
  return join(parts, group);
}

// What the steps from `tail` on write is written by no other, and the output is among it.
bool writes_its_own(std::span<Step *const> steps, std::span<const std::shared_ptr<Instance>> instances,
                    std::size_t tail, const float *output) {
  const auto written = [&](std::span<Step *const> some) {
    std::vector<const void *> out;
    std::vector<Access> accesses;
    for (const Step *step : some) add_accesses_of(*step, instances, accesses);
    for (const Access &access : accesses)
      if (access.writes) out.push_back(access.what);
    std::ranges::sort(out);
    return out;
  };
  const auto own = written(steps.subspan(tail));
  std::vector<const void *> both;
  std::ranges::set_intersection(written(steps.first(tail)), own, std::back_inserter(both));
  return both.empty() && std::ranges::binary_search(own, static_cast<const void *>(output));
}

}  // namespace

// Nothing that events come to or from: what one slice is given must not wait for the next.
std::size_t TaskGraph::find_tail(std::span<Step *const> steps, std::span<const std::shared_ptr<Instance>> instances,
                                 const float *output) {
  std::vector<Part> parts;
  for (std::uint32_t i = 0; i < steps.size(); ++i) parts.push_back({i, i + 1, {}});
  find_needs(parts, steps, instances);
  const auto may_wait = [&](const Step &step) {
    if (step.run == run_mix || step.run == run_delay || step.run == run_gain) return true;
    if (step.run != run_plugin) return false;
    const auto &plugin = static_cast<const PluginStep &>(step);
    return plugin.event_input_count == 0 && plugin.event_output_count == 0;
  };
  auto tail = static_cast<std::uint32_t>(steps.size());
  while (tail > 1 && may_wait(*steps[tail - 1]) && parts[tail - 1].needs == Numbers{tail - 2}) --tail;
  return tail > 1 && writes_its_own(steps, instances, tail, output) ? tail : steps.size();
}

std::unique_ptr<TaskGraph> TaskGraph::make(std::span<Step *const> steps,
                                           std::span<const std::shared_ptr<Instance>> instances, Sharing sharing,
                                           std::size_t tail) {
  std::vector<Part> parts;
  add_units(parts, steps, tail, steps.size());
  add_units(parts, steps, 0, tail);
  find_needs(parts, steps, instances);
  parts = join_siblings(join_chains(parts));
  while (parts.size() > TaskQueue::capacity) parts = join_pairs(parts);
  if (parts.size() < 2) return nullptr;
  std::unique_ptr<TaskGraph> out(new TaskGraph);
  const auto readers = readers_of(parts);
  out->is_fixed_ = out->is_worth_it_ = sharing == Sharing::always;
  out->pending_ = std::make_unique<std::atomic<std::uint32_t>[]>(parts.size());
  out->nanoseconds_.resize(parts.size());
  out->begins_.resize(parts.size());
  for (std::uint32_t p = 0; p < parts.size(); ++p) {
    out->tasks_.push_back({parts[p].first, parts[p].end, static_cast<std::uint32_t>(parts[p].needs.size()),
                           static_cast<std::uint32_t>(out->successors_.size()),
                           static_cast<std::uint32_t>(readers[p].size())});
    out->successors_.insert(out->successors_.end(), readers[p].begin(), readers[p].end());
    if (parts[p].needs.empty()) out->roots_.push_back(p);
    out->begin(p);
  }
  return out;
}

void TaskGraph::measured(std::uint32_t task, std::uint64_t nanoseconds) {
  double &known = nanoseconds_[task];
  const auto now = static_cast<double>(nanoseconds);
  known = known == 0 ? now : known + (now - known) / 4;
}

// The longest way through the tasks bounds what many threads can do; handing a task over takes about as long as said here.
void TaskGraph::choose(std::int32_t threads) {
  constexpr double ns_per_task = 150, ns_per_slice = 1500, saves_enough = 5000, saves_too_little = 2000;
  double work = 0, longest = 0;
  std::ranges::fill(begins_, 0);
  for (std::uint32_t t = 0; t < tasks_.size(); ++t) {
    const double ends = begins_[t] + nanoseconds_[t] + ns_per_task;
    for (const std::uint32_t after : successors(tasks_[t])) begins_[after] = std::max(begins_[after], ends);
    longest = std::max(longest, ends);
    work += nanoseconds_[t];
  }
  const double shared = (work + ns_per_task * static_cast<double>(tasks_.size())) / threads;
  const double saved = work - std::max(longest, shared) - ns_per_slice;
  is_worth_it_ = is_fixed_ || saved > (is_worth_it_ ? saves_too_little : saves_enough);
}

}  // namespace arranger
