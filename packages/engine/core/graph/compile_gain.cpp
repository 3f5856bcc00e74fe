// SPDX-License-Identifier: MIT
// Plugins that are gains need no call: a chain of them is one step.
#include "graph/compiler.hpp"

namespace arranger {

bool Compiler::is_plain_gain(const ResolvedNode &node) const {
  const Instance &instance = *node.instance;
  if (looping_[static_cast<std::size_t>(node.component)] != 0)
    return false;  // what grows beyond all bounds is told of a plugin
  return instance.entry().descriptor.is_gain && !instance.isolated() && instance.loss() == Instance::Loss::none &&
         instance.latency_frames() == 0 && is_gain_shape(instance.ports()) && tables_.output_channels.size() <= 2;
}

// What the last step puts out, and nobody else reads, may stay unwritten.
bool Compiler::goes_on_from_chain(const GainStep &made) const {
  if (chain_.empty() || plan_->steps_.back() != chain_step_) return false;
  return made.in_hint == chain_step_->out_hint && made.channel_count == chain_step_->channel_count &&
         chain_output_->readers == 1 && !chain_output_->is_shared;
}

void Compiler::emit_gain(std::size_t index) {
  const Tables &tables = tables_;
  GainStep made{};
  GainTerm term{tables.cell, nullptr, static_cast<std::int32_t>(index)};
  std::size_t output = 0;
  float *const *channel = tables.channels;
  made.channel_count = static_cast<std::int32_t>(tables.output_channels.size());
  for (std::size_t p = 0; const Port &port : graph_.nodes[index].ports()) {
    if (port.is_parameter()) term.values = channel;
    else if (port.is_input()) std::copy_n(channel, port.channels(), made.in);
    else output = p;
    channel += port.channels();
    ++p;
  }
  std::ranges::copy(tables.output_channels, made.out);
  made.in_hint = tables.audio_input_hints[0];
  made.out_hint = tables.output_hints[0];
  if (goes_on_from_chain(made)) {
    std::ranges::copy(made.out, chain_step_->out);
    chain_step_->out_hint = made.out_hint;
  } else {
    end_chain();
    chain_step_ = add_step<GainStep>(run_gain, nullptr);
    made.run = chain_step_->run;
    *chain_step_ = made;
  }
  chain_.push_back(term);
  chain_output_ = &outputs_[first_port_[index] + output];
  if (plan_->gains_by_node_.empty()) plan_->gains_by_node_.resize(graph_.nodes.size());
  plan_->gains_by_node_[index] = chain_step_;
}

void Compiler::end_chain() {
  if (chain_.empty()) return;
  chain_step_->terms = copy(chain_);
  chain_step_->count = static_cast<std::int32_t>(chain_.size());
  chain_.clear();
}

}  // namespace arranger
