// SPDX-License-Identifier: MIT
// From one plan to the next while it plays: all look-ups beforehand, so that the audio thread only copies.
#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_set>

#include "graph/fade.hpp"
#include "graph/faults.hpp"
#include "graph/plan.hpp"
#include "graph/run_steps.hpp"

namespace arranger {
namespace {

// Numbers by node and port.
template <class Place>
std::map<std::pair<std::size_t, std::size_t>, std::int64_t> numbers(const std::vector<Place> &places) {
  std::map<std::pair<std::size_t, std::size_t>, std::int64_t> out;
  for (std::size_t i = 0; i < places.size(); ++i)
    out.emplace(std::pair{places[i].node, places[i].port}, static_cast<std::int64_t>(i));
  return out;
}

}  // namespace

bool same_scale(const Port &a, const Port &b) {
  return a.min == b.min && a.max == b.max && a.unit == b.unit && a.taper == b.taper && a.hint == b.hint;
}

// An instance that is in both plans goes on as itself. One that the old plan does not have may take the place of another.
Plan::Successors Plan::successors_of(const Plan &old) const {
  Successors out;
  for (std::size_t i = 0; i < instances_.size(); ++i)
    if (instances_[i]) out.insert_or_assign(instances_[i].get(), Successor{i, true});
  const std::unordered_set<const Instance *> known = [&] {
    std::unordered_set<const Instance *> all;
    for (const auto &instance : old.instances_) all.insert(instance.get());
    return all;
  }();
  for (std::size_t i = 0; i < renewals_.size(); ++i)
    if (renewals_[i] && !known.contains(instances_[i].get()))
      out.insert_or_assign(renewals_[i]->before(), Successor{i, false});
  return out;
}

// Parameters and event inputs of the same instance, or of its successor by their ids.
void Plan::pair_numbers(Adoption &adoption, const Successors &successors) const {
  const Plan &old = *adoption.old;
  const auto port_now = [&](const Instance &before, const Successor &successor, std::size_t port) -> std::int64_t {
    if (successor.is_same) return static_cast<std::int64_t>(port);
    const Port &described = before.ports()[port];
    const auto &ports = instances_[successor.node]->ports();
    const int now = find_port(ports, described.id);
    if (now < 0) return -1;
    const Port &there = ports[static_cast<std::size_t>(now)];
    const bool fits = there.is_parameter() == described.is_parameter() && there.is_event() == described.is_event() &&
                      (there.is_event() || same_scale(there, described));
    return fits ? now : -1;
  };
  const auto pair = [&](const std::vector<Place> &places, const std::vector<Place> &old_places) {
    const auto known = numbers(places);
    std::vector<std::int64_t> out;
    for (const Place &place : old_places) {
      const Instance *before = old.instances_[place.node].get();
      const auto successor = successors.find(before);
      const std::int64_t port = successor == successors.end() ? -1 : port_now(*before, successor->second, place.port);
      const auto number = port < 0 ? known.end() : known.find({successor->second.node, static_cast<std::size_t>(port)});
      out.push_back(number == known.end() ? -1 : number->second);
    }
    return out;
  };
  adoption.params_by_old = pair(param_places_, old.param_places_);
  adoption.inputs_by_old = pair(input_places_, old.input_places_);
  for (std::size_t i = 0; i < adoption.params_by_old.size(); ++i)
    if (const std::int64_t number = adoption.params_by_old[i]; number >= 0)
      adoption.params.emplace_back(static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(i));
}

void Plan::prepare_adoption(const Plan &old) {
  Adoption &adoption = adoptions_.emplace_back();
  adoption.old = &old;
  const Successors successors = successors_of(old);
  for (std::size_t i = 0; i < old.instances_.size(); ++i) {
    const auto found = successors.find(old.instances_[i].get());
    if (found == successors.end() || !old.instances_[i]) continue;
    const auto &[node, is_same] = found->second;
    if (is_same) adoption.steps.emplace_back(steps_by_node_[node], old.steps_by_node_[i]);
    else if (renewals_[node]->takes_over())
      adoption.take_overs.push_back(
          {renewals_[node].get(), instances_[node].get(), steps_by_node_[node], old.steps_by_node_[i]});
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
    const auto &renewal = renewals_[output.place.node];
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
