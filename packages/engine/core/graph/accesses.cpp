// SPDX-License-Identifier: MIT
#include "graph/accesses.hpp"

#include "graph/delays.hpp"

namespace arranger {
namespace {

// The value of a parameter that nothing moves is written before any step runs, as is the number of a monitor's values by
// nobody but its own plugin.
void add_plugin(const PluginStep &step, const std::vector<Port> &ports, std::vector<Access> &out) {
  std::size_t channel = 0;
  for (const Port &port : ports)
    for (std::int32_t c = 0; c < port.channels(); ++c, ++channel)
      if (port.is_input() || !port.is_monitor()) out.push_back({step.call.channels[channel], !port.is_input()});
  for (std::int32_t i = 0; i < step.event_input_count; ++i) out.push_back({step.event_inputs[i], false});
  for (std::int32_t i = 0; i < step.event_output_count; ++i) out.push_back({step.event_outputs[i], true});
}

void add_gain(const GainStep &step, std::vector<Access> &out) {
  for (std::int32_t c = 0; c < step.channel_count; ++c)
    out.insert(out.end(), {{step.in[c], false}, {step.out[c], true}});
  for (std::int32_t t = 0; t < step.count; ++t) out.push_back({*step.terms[t].values, false});
}

void add_mix(const MixStep &step, std::vector<Access> &out) {
  for (std::int32_t c = 0; c < step.channel_count; ++c) {
    const MixChannel &channel = step.channels[c];
    for (std::int32_t t = 0; t < channel.count; ++t) out.push_back({channel.terms[t].source, false});
    out.push_back({channel.out, true});
  }
}

void add_modulation(const ModulationStep &step, std::vector<Access> &out) {
  for (std::int32_t t = 0; t < step.count; ++t) out.push_back({step.terms[t].source, false});
  out.push_back({step.out, true});
}

void add_merge(const MergeStep &step, std::vector<Access> &out) {
  for (std::int32_t s = 0; s < step.count; ++s) out.push_back({step.sources[s], false});
  out.push_back({step.out, true});
}

void add_delay(const DelayStep &step, std::int32_t channels, std::vector<Access> &out) {
  out.push_back({step.line, true});
  for (std::int32_t c = 0; c < channels; ++c) {
    if (step.in) out.push_back({step.in[c], false});
    if (step.out) out.push_back({step.out[c], true});
  }
}

}  // namespace

bool add_accesses(const Step &step, const std::vector<Port> *ports, std::vector<Access> &out) {
  if (step.run == run_plugin && ports) {
    add_plugin(static_cast<const PluginStep &>(step), *ports, out);
  } else if (step.run == run_gain) {
    add_gain(static_cast<const GainStep &>(step), out);
  } else if (step.run == run_mix || step.run == run_fading_mix) {
    add_mix(static_cast<const MixStep &>(step), out);
  } else if (step.run == run_modulation) {
    add_modulation(static_cast<const ModulationStep &>(step), out);
  } else if (step.run == run_merge) {
    add_merge(static_cast<const MergeStep &>(step), out);
  } else if (step.run == run_cut) {
    const auto &cut = static_cast<const CutStep &>(step);
    out.insert(out.end(), {{cut.output, false}, {&cut.list, true}});
  } else if (step.run == run_delay || step.run == run_feedback_read || step.run == run_feedback_write) {
    const auto &delay = static_cast<const DelayStep &>(step);
    add_delay(delay, delay.line->channels(), out);
  } else if (step.run == run_event_delay) {
    const auto &delay = static_cast<const EventDelayStep &>(step);
    out.insert(out.end(), {{delay.source, false}, {&delay.list, true}, {delay.queue, true}});
  } else {
    return false;
  }
  return true;
}

}  // namespace arranger
