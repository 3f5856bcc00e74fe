// SPDX-License-Identifier: MIT
#include "graph/plan.hpp"

#include "base/prefetch.hpp"

namespace arranger {

std::int64_t Plan::event_target(std::string_view node) const {
  const auto found = event_targets_by_node_.find(std::string(node));
  return found == event_targets_by_node_.end() ? -1 : static_cast<std::int64_t>(found->second);
}

std::int64_t Plan::param_target(std::string_view node, std::string_view param) const {
  const auto found = params_by_name_.find(std::string(node) + '\n' + std::string(param));
  return found == params_by_name_.end() ? -1 : static_cast<std::int64_t>(found->second);
}

TargetMap Plan::map_to(const Plan &other) const {
  TargetMap out{std::vector<std::int64_t>(event_targets_.size(), -1), {}};
  for (const auto &[node, target] : event_targets_by_node_) out.events[target] = other.event_target(node);
  out.params.resize(params_by_name_.size(), -1);
  for (const auto &[name, number] : params_by_name_)
    if (const auto there = other.params_by_name_.find(name); there != other.params_by_name_.end())
      out.params[number] = static_cast<std::int64_t>(there->second);
  return out;
}

void Plan::begin(const Slice &slice) {
  for (EventInput *input : dirty_) input->list.count = 0;
  dirty_.clear();
  for (EventInput *input : merged_) input->list.count = 0;
  parameters_.begin(slice.steady_frame);
}

void Plan::deliver(std::uint32_t event_target, const arr_event &event) {
  for (EventInput *input : event_targets_[event_target].inputs) {
    arr_event_list &list = input->list;
    if (list.count == input_event_capacity) {
      ++*lost_;
      continue;
    }
    if (list.count == 0) dirty_.push_back(input);
    input->storage[list.count++] = event;
  }
}

void Plan::run(const Slice &slice) {
  parameters_.finish(slice.frames);
  Step *const *const steps = steps_.data();
  const std::size_t count = steps_.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (i + 4 < count) prefetch(steps[i + 4]->warm);
    steps[i]->run(*steps[i], slice);
  }
}

std::vector<NodeFault> Plan::faults() const {
  std::vector<NodeFault> out;
  for (const PluginStep *step : plugin_steps_)
    if (step->fault != Fault::none) out.push_back({node_ids_[static_cast<std::size_t>(step->node)], step->fault});
  return out;
}

std::vector<std::string> Plan::block_dependent_nodes() const {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < instances_.size(); ++i)
    if (instances_[i] && instances_[i]->entry().descriptor.block_tolerance > 0) out.push_back(node_ids_[i]);
  return out;
}

}  // namespace arranger
