// SPDX-License-Identifier: MIT
// From one plan to the next while it plays: all look-ups beforehand, so that the audio thread only copies.
#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include "graph/fade.hpp"
#include "graph/faults.hpp"
#include "graph/plan.hpp"
#include "graph/run_steps.hpp"

namespace arranger {
bool same_scale(const Port &a, const Port &b) {
  return a.min == b.min && a.max == b.max && a.unit == b.unit && a.taper == b.taper && a.hint == b.hint;
}

// An instance that is in both plans goes on as itself, most often at the same place. One that the old plan does not have may
// take the place of another.
Plan::Successors Plan::successors_of(const Plan &old) const {
  const std::size_t both = std::min(instances_.size(), old.instances_.size());
  const auto stays = [&](std::size_t i) { return i < both && instances_[i] == old.instances_[i]; };
  Successors out(old.instances_.size());
  std::unordered_map<const Instance *, std::int32_t> moved, before;
  for (std::size_t i = 0; i < instances_.size(); ++i)
    if (instances_[i] && !stays(i)) moved.emplace(instances_[i].get(), static_cast<std::int32_t>(i));
  for (std::size_t i = 0; i < old.instances_.size(); ++i) {
    if (!old.instances_[i]) continue;
    if (stays(i)) out[i] = {static_cast<std::int32_t>(i), true};
    else if (const auto found = moved.find(old.instances_[i].get()); found != moved.end())
      out[i] = {found->second, true};
    if (!renewals_.empty()) before.emplace(old.instances_[i].get(), static_cast<std::int32_t>(i));
  }
  for (std::size_t i = 0; i < renewals_.size(); ++i) {
    if (!renewals_[i] || before.contains(instances_[i].get())) continue;
    if (const auto found = before.find(renewals_[i]->before()); found != before.end())
      out[static_cast<std::size_t>(found->second)] = {static_cast<std::int32_t>(i), false};
  }
  return out;
}

// A port of an instance of the old plan, in this one: the same, or of its successor by its id; -1: there is none.
std::int64_t Plan::port_now(const Instance &before, const Successor &successor, std::size_t port) const {
  if (successor.is_same) return static_cast<std::int64_t>(port);
  const Port &described = before.ports()[port];
  const auto &ports = instances_[static_cast<std::size_t>(successor.node)]->ports();
  const int now = find_port(ports, described.id);
  if (now < 0) return -1;
  const Port &there = ports[static_cast<std::size_t>(now)];
  const bool fits = there.is_parameter() == described.is_parameter() && there.is_event() == described.is_event() &&
                    (there.is_event() || same_scale(there, described));
  return fits ? now : -1;
}

// Parameters and event inputs of the same instance, or of its successor by their ids.
void Plan::pair_numbers(Adoption &adoption, const Successors &successors) const {
  const Plan &old = *adoption.old;
  adoption.params_by_old.assign(old.param_places_.size(), -1);
  adoption.inputs_by_old.assign(old.input_places_.size(), -1);
  adoption.params.reserve(old.param_places_.size());
  for (std::size_t i = 0; i < old.param_places_.size(); ++i) {
    const auto [node, port] = old.param_places_[i];
    const Successor &successor = successors[node];
    if (successor.node < 0) continue;
    const auto place = static_cast<std::size_t>(successor.node);
    std::int64_t number = -1;
    if (successor.is_same) number = first_parameter_[place] + (i - old.first_parameter_[node]);
    else if (const std::int64_t now = port_now(*old.instances_[node], successor, port); now >= 0)
      number = param_number(place, static_cast<std::size_t>(now));
    adoption.params_by_old[i] = number;
    if (number >= 0) adoption.params.emplace_back(static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(i));
  }
  for (std::size_t i = 0; i < old.input_places_.size(); ++i) {
    const auto [node, port] = old.input_places_[i];
    const Successor &successor = successors[node];
    if (successor.node < 0) continue;
    if (const std::int64_t now = port_now(*old.instances_[node], successor, port); now >= 0)
      adoption.inputs_by_old[i] = input_number(static_cast<std::size_t>(successor.node), static_cast<std::size_t>(now));
  }
}

void Plan::prepare_adoption(const Plan &old) {
  Adoption &adoption = adoptions_.emplace_back();
  adoption.old = &old;
  const Successors successors = successors_of(old);
  adoption.steps.reserve(old.plugin_steps_.size());
  for (std::size_t i = 0; i < successors.size(); ++i) {
    if (successors[i].node < 0) continue;
    const auto node = static_cast<std::size_t>(successors[i].node);
    PluginStep *const step = steps_by_node_[node];
    const PluginStep *const before = old.steps_by_node_[i];
    if (step && before && successors[i].is_same) adoption.steps.emplace_back(step, before);
    else if (step && before && renewals_[node]->takes_over())
      adoption.take_overs.push_back({renewals_[node].get(), instances_[node].get(), step, before});
    else if (step && !before && successors[i].is_same) adoption.woken.push_back(instances_[node].get());
  }
  pair_numbers(adoption, successors);
  share_lines(old);
  share_note_ids(old);
  if (old.queues_.empty() || adopted_queue_) return;
  queues_.insert(queues_.begin(), std::make_unique<PendingQueue>(queue_capacity));  // before what is given from now on
  adopted_queue_ = queues_.front().get();
}

// A line is what went into it last, so it goes on as it is; also when the order of the nodes has changed and it is now
// read before it is written, or no longer.
void Plan::share_lines(const Plan &old) {
  std::map<LinePlace, std::shared_ptr<DelayLine>> lines;
  std::map<LinePlace, std::shared_ptr<PendingQueue>> event_lines;
  for (const PlannedLine &line : old.lines_) lines.emplace(line.place, line.line);
  for (const PlannedEventLine &line : old.event_lines_) event_lines.emplace(line.place, line.queue);
  std::vector<PlannedLine *> left;
  const auto share = [&](PlannedLine &line, bool feedback) {
    LinePlace place = line.place;
    place.feedback = feedback;
    auto found = lines.extract(place);
    if (!found) return false;
    line.line = std::move(found.mapped());
    for (DelayStep *step : line.steps) {
      step->line = line.line.get();
      step->warm = step->line;
    }
    return true;
  };
  for (PlannedLine &line : lines_)
    if (!share(line, line.place.feedback)) left.push_back(&line);
  for (PlannedLine *line : left) share(*line, !line->place.feedback);
  for (PlannedEventLine &line : event_lines_)
    if (const auto found = event_lines.find(line.place); found != event_lines.end()) {
      line.queue = found->second;
      line.step->queue = line.queue.get();
    }
}

void Plan::share_note_ids(const Plan &old) {
  std::map<std::pair<const Instance *, std::size_t>, std::shared_ptr<NoteIds>> known;
  for (const PlannedNoteIds &output : old.note_ids_)
    known.emplace(std::pair{old.instances_[output.place.node].get(), output.place.port}, output.ids);
  const auto share = [&](PlannedNoteIds &output, const Instance *source) {
    auto found = known.extract({source, output.place.port});
    if (!found) return;
    output.ids = std::move(found.mapped());
    output.output->ids = output.ids.get();
  };
  // First who takes over: what it took over from has nothing to say any more.
  for (PlannedNoteIds &output : note_ids_) {
    const Renewal *renewal = renewals_.empty() ? nullptr : renewals_[output.place.node].get();
    if (renewal && renewal->takes_over()) share(output, renewal->before());
  }
  for (PlannedNoteIds &output : note_ids_) share(output, instances_[output.place.node].get());
}

void Plan::adopt(const Plan &old) {
  steady_frame_ = old.steady_frame_;
  std::int64_t settles_at = steady_frame_ + 1;  // what a crossing does but once it does in its first slice
  std::int64_t wait = fade_wait_;               // what an earlier edit still waits for is waited for
  for (const auto &[fade, target] : fades_) wait = std::max(wait, fade->start() - steady_frame_);
  for (const auto &[fade, target] : fades_) {
    fade->aim(target, steady_frame_, wait, std::llround(fade_seconds * options_.sample_rate));
    settles_at = std::max(settles_at, fade->end());
  }
  settles_at_.store(settles_at, std::memory_order_relaxed);
  const auto found = std::ranges::find(adoptions_, &old, &Adoption::old);
  if (found == adoptions_.end()) return;
  const Adoption &adoption = *found;
  for (const auto &[step, before] : adoption.steps) {
    step->asleep = before->asleep;
    step->fault = before->fault;
    step->failure = before->failure;
  }
  for (Instance *instance : adoption.woken) instance->reset();
  for (const TakeOver &over : adoption.take_overs) {
    if (over.before->fault != Fault::none) continue;  // nobody knows what it has become
    Interruption how;
    over.step->fault = take_over(*over.renewal, *over.now, how);
    over.step->asleep = over.before->asleep;
    if (over.step->fault == Fault::none) continue;
    over.step->failure = next_failure();
    over.now->interrupted(how);
  }
  for (const auto &[number, before] : adoption.params)
    parameters_.adopt(number, old.parameters_, before, steady_frame_);
  for (const auto &queue : old.queues_) adopt_queue(*queue, adoption);
}

void Plan::end_fades() {
  for (const auto &[fade, target] : fades_) fade->aim(target, steady_frame_, 0, 0);
  settles_at_.store(steady_frame_, std::memory_order_relaxed);
}

// What waits keeps its frame, also where the way to its receiver has another length now.
void Plan::adopt_queue(const PendingQueue &old, const Adoption &adoption) {
  for (std::uint32_t i = 0; i < old.size(); ++i) {
    Pending pending = old[i];
    const auto &numbers = pending.kind == Pending::Kind::event ? adoption.inputs_by_old : adoption.params_by_old;
    const std::int64_t target = numbers[pending.target];
    if (target < 0) continue;
    pending.target = static_cast<std::uint32_t>(target);
    if (!adopted_queue_->push(pending)) ++*lost_;
  }
}

}  // namespace arranger
