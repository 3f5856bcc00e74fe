// SPDX-License-Identifier: MIT
// From a resolved graph to a plan: buffers by liveness, steps in processing order, every pointer resolved.
#include <algorithm>
#include <map>

#include "base/format.hpp"
#include "graph/plan.hpp"

namespace arranger {
namespace {

std::uint64_t hash(std::string_view text, std::uint64_t seed) {  // FNV-1a
  std::uint64_t out = 0xcbf29ce484222325u ^ seed;
  for (const char c : text) out = (out ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return out;
}

// What an output port has given its readers.
struct Output {
  std::vector<float *> channels;
  std::uint32_t *hint = nullptr;
  arr_event_list *events = nullptr;
  int readers = 0;
};

}  // namespace

class Compiler {
 public:
  Compiler(ResolvedGraph graph, const PlanOptions &options) : graph_(std::move(graph)), plan_(new Plan) {
    plan_->options_ = options;
    plan_->parameters_.sample_rate = options.sample_rate;
    zeros_ = new_buffer();
    zero_hint_ = plan_->cold_arena_.take<std::uint32_t>();
    *zero_hint_ = ARR_HINT_SILENT | ARR_HINT_CONSTANT | ARR_HINT_UNCONNECTED;
    plan_->lost_ = plan_->cold_arena_.take<std::uint64_t>();
  }

  Result<std::unique_ptr<Plan>> compile() {
    outputs_.resize(graph_.nodes.size());
    inputs_.resize(graph_.nodes.size());
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (auto done = activate(i); !done) return std::unexpected(done.error());
      plan_->node_ids_.push_back(graph_.nodes[i].description->id);
      outputs_[i].resize(graph_.nodes[i].ports().size());
      inputs_[i].resize(graph_.nodes[i].ports().size());
    }
    for (const ResolvedConnection &connection : graph_.connections) {
      ++output(connection).readers;
      inputs_[std::size_t(connection.to_node)][std::size_t(connection.to_port)].push_back(&connection);
    }
    keep_outputs();
    for (const int node : graph_.order)
      if (!graph_.nodes[std::size_t(node)].is_track_source()) emit_node(std::size_t(node));
    add_track_sources();
    finish();
    return std::move(plan_);
  }

 private:
  using Sources = std::vector<const ResolvedConnection *>;

  Output &output(const ResolvedConnection &connection) {
    return outputs_[std::size_t(connection.from_node)][std::size_t(connection.from_port)];
  }

  Result<void> activate(std::size_t index) {
    ResolvedNode &node = graph_.nodes[index];
    if (node.is_track_source()) return {};
    const PlanOptions &options = plan_->options_;
    const std::uint64_t seed = hash(node.description->id, options.seed);
    auto done = node.instance->activate(options.sample_rate, options.max_frames, options.offline, seed);
    if (!done) {
      done.error().path = format("/nodes/{}", index);
      done.error().message = format("Node '{}': {}", node.description->id, done.error().message);
    }
    return done;
  }

  // --- buffers ---
  float *new_buffer() {
    const auto frames = std::size_t(plan_->options_.max_frames + 15) / 16 * 16;
    return plan_->buffer_arena_.take<float>(frames, true);
  }
  float *take_buffer() {
    if (free_.empty()) return new_buffer();
    float *out = free_.back();
    free_.pop_back();
    return out;
  }
  void release(const std::vector<float *> &channels) {
    free_.insert(free_.end(), channels.rbegin(),
                 channels.rend());  // the first is the next to be taken: still in the cache
  }
  template <class T>
  T *take(std::size_t count = 1) {
    return plan_->steps_arena_.take<T>(count);
  }
  template <class T>
  T *add_step(void (*run)(Step &, const Slice &), const void *warm) {
    T *step = take<T>();
    step->run = run;
    step->warm = warm;
    plan_->steps_.push_back(step);
    return step;
  }

  Output &audio_output(int node) {
    const auto &ports = graph_.nodes[std::size_t(node)].ports();
    const auto found =
        std::find_if(ports.begin(), ports.end(), [](auto &port) { return port.is_audio() && port.is_output(); });
    return outputs_[std::size_t(node)][std::size_t(found - ports.begin())];
  }
  // What is read after the last step has one reader more, so that no step takes its buffers.
  void keep_outputs() {
    if (graph_.master >= 0) ++audio_output(graph_.master).readers;
    for (const int node : plan_->options_.taps) ++audio_output(node).readers;
  }
  Tap tap(int node) {
    const Output &out = audio_output(node);
    return {out.channels.front(), out.channels.size() > 1 ? out.channels[1] : out.channels.front()};
  }

  // --- one node ---
  struct Tables {
    float **channels;
    std::uint32_t **hints;
    arr_event_list **events;
    std::vector<float *> scratch;  // mixed inputs: free again when the node has run
    std::vector<std::uint32_t *> audio_input_hints;
    std::vector<arr_event_list *> event_inputs, event_outputs;
    std::vector<float *> output_channels;
    std::vector<std::uint32_t *> output_hints;
  };

  void emit_node(std::size_t index) {
    const auto &ports = graph_.nodes[index].ports();
    Tables tables{};
    std::size_t channel_count = 0, event_count = 0;
    for (const Port &port : ports) {
      channel_count += std::size_t(port.channels());
      event_count += port.is_event() ? 1 : 0;
    }
    tables.channels = take<float *>(channel_count);
    tables.hints = take<std::uint32_t *>(ports.size());
    tables.events = take<arr_event_list *>(event_count);
    std::size_t channel = 0, event = 0;
    for (std::size_t p = 0; p < ports.size(); ++p) {
      const Port &port = ports[p];
      float **place = tables.channels + channel;
      if (port.is_event())
        tables.events[event++] = port.is_input() ? event_input(index, p, tables) : event_output(index, p, tables);
      else if (port.is_parameter()) parameter(index, p, place, tables);
      else if (port.is_input()) audio_input(index, p, place, tables);
      else signal_output(index, p, place, tables);
      if (port.is_event()) tables.hints[p] = take<std::uint32_t>();
      channel += std::size_t(port.channels());
    }
    emit_plugin(index, tables);
    release(tables.scratch);
    release_sources(index);
    for (Output &out : outputs_[index])
      if (out.readers == 0) release(out.channels);
  }

  void release_sources(std::size_t index) {
    for (const Sources &sources : inputs_[index])
      for (const ResolvedConnection *connection : sources)
        if (Output &out = output(*connection); --out.readers == 0) release(out.channels);
  }

  void signal_output(std::size_t index, std::size_t p, float **place, Tables &tables) {
    const Port &port = graph_.nodes[index].ports()[p];
    Output &out = outputs_[index][p];
    out.hint = take<std::uint32_t>();
    tables.hints[p] = out.hint;
    if (port.is_monitor()) {
      place[0] = take<float>();
      return;
    }
    tables.output_hints.push_back(out.hint);
    for (std::int32_t c = 0; c < port.channels(); ++c) {
      out.channels.push_back(take_buffer());
      place[c] = out.channels.back();
      tables.output_channels.push_back(place[c]);
    }
  }

  // A whole port from a whole port is the same buffer; everything else is mixed.
  void audio_input(std::size_t index, std::size_t p, float **place, Tables &tables) {
    const Port &port = graph_.nodes[index].ports()[p];
    const Sources &sources = inputs_[index][p];
    const std::int32_t channels = port.channels();
    if (sources.empty()) {
      std::fill_n(place, channels, zeros_);
      tables.hints[p] = zero_hint_;
    } else if (const ResolvedConnection &only = *sources.front();
               sources.size() == 1 && only.description->gain == 1 && only.to_channels == channels &&
               only.from_channels == channels && output(only).channels.size() == std::size_t(channels)) {
      std::copy(output(only).channels.begin(), output(only).channels.end(), place);
      tables.hints[p] = output(only).hint;
    } else {
      mix(sources, channels, place, tables.hints[p], tables.scratch);
    }
    tables.audio_input_hints.push_back(tables.hints[p]);
  }

  void mix(const Sources &sources, std::int32_t channels, float **place, std::uint32_t *&hint,
           std::vector<float *> &scratch) {
    std::vector<std::vector<MixTerm>> terms(static_cast<std::size_t>(channels));
    for (const ResolvedConnection *connection : sources) add_terms(*connection, terms);
    auto *step = add_step<MixStep>(run_mix, nullptr);
    step->channels = take<MixChannel>(terms.size());
    step->channel_count = channels;
    hint = &step->hint;
    for (std::size_t c = 0; c < terms.size(); ++c) {
      place[c] = take_buffer();
      scratch.push_back(place[c]);
      MixTerm *copy = take<MixTerm>(terms[c].size());
      std::copy(terms[c].begin(), terms[c].end(), copy);
      step->channels[c] = {place[c], copy, static_cast<std::int32_t>(terms[c].size())};
    }
    step->warm = step->channels;
  }

  // Mono goes to every channel; several channels into one are averaged.
  void add_terms(const ResolvedConnection &connection, std::vector<std::vector<MixTerm>> &terms) {
    const Output &out = output(connection);
    const auto gain = static_cast<float>(connection.description->gain);
    const auto from = [&](int channel) { return out.channels[std::size_t(connection.from_channel + channel)]; };
    if (connection.to_channels == 1) {
      for (int c = 0; c < connection.from_channels; ++c)
        terms[std::size_t(connection.to_channel)].push_back(
            {from(c), out.hint, gain / static_cast<float>(connection.from_channels)});
      return;
    }
    const bool spread = connection.from_channels == 1;
    const int count = spread ? connection.to_channels : std::min(connection.from_channels, connection.to_channels);
    for (int c = 0; c < count; ++c)
      terms[std::size_t(connection.to_channel + c)].push_back({from(spread ? 0 : c), out.hint, gain});
  }

  void parameter(std::size_t index, std::size_t p, float **place, Tables &tables) {
    const ResolvedNode &node = graph_.nodes[index];
    const Port &port = node.ports()[p];
    const double base = node.base_values[p];
    const Sources &sources = inputs_[index][p];
    const std::int32_t frames = plan_->options_.max_frames;
    ControlCell *cell;
    float **reader = place;
    if (sources.empty()) {
      cell = take<ControlCell>();
      tables.hints[p] = &cell->hint;
    } else {
      ModulationStep *step = modulation(port, sources, tables);
      cell = &step->cell;
      reader = &step->base;
      place[0] = step->out;
      tables.hints[p] = take<std::uint32_t>();
    }
    const std::uint32_t number = plan_->parameters_.add(port, base, cell, reader, frames, plan_->cold_arena_);
    plan_->params_by_name_.emplace(node.description->id + '\n' + port.id, number);
  }

  ModulationStep *modulation(const Port &port, const Sources &sources, Tables &tables) {
    auto *step = add_step<ModulationStep>(run_modulation, nullptr);
    step->min = static_cast<float>(port.min);
    step->max = static_cast<float>(port.max);
    step->out = take_buffer();
    tables.scratch.push_back(step->out);
    step->terms = take<ModulationTerm>(sources.size());
    step->count = static_cast<std::int32_t>(sources.size());
    Sources ordered = sources;  // the base first, then what is added to it
    std::stable_sort(ordered.begin(), ordered.end(),
                     [](auto *a, auto *b) { return a->description->mode < b->description->mode; });
    for (std::size_t i = 0; i < ordered.size(); ++i) {
      const Connection &description = *ordered[i]->description;
      const ControlMap map = description.map.value_or(ControlMap{0, 1});
      step->terms[i] = {output(*ordered[i]).channels[0], map.min, map.max - map.min, description.amount,
                        description.mode == ControlMode::set};
    }
    return step;
  }

  arr_event_list *event_input(std::size_t index, std::size_t p, Tables &tables) {
    auto *input = plan_->steps_arena_.take<Plan::EventInput>();
    input->storage = plan_->cold_arena_.take_raw<arr_event>(input_event_capacity, true);
    input->list.struct_size = sizeof(arr_event_list);
    input->list.stride = sizeof(arr_event);
    input->list.events = input->storage;
    tables.event_inputs.push_back(&input->list);
    event_inputs_[{index, p}] = input;

    const std::string &id = graph_.nodes[index].description->id;
    const auto target = static_cast<std::uint32_t>(plan_->event_targets_.size());
    if (plan_->event_targets_by_node_.try_emplace(id, target).second) plan_->event_targets_.push_back({{input}});

    std::vector<arr_event_list *> plugins;
    for (const ResolvedConnection *connection : inputs_[index][p])
      if (arr_event_list *events = output(*connection).events) plugins.push_back(events);
    if (plugins.empty()) return &input->list;
    auto *step = add_step<MergeStep>(run_merge, input->storage);
    step->out = &input->list;
    step->storage = input->storage;
    step->sources = take<arr_event_list *>(plugins.size());
    std::copy(plugins.begin(), plugins.end(), step->sources);
    step->count = static_cast<std::int32_t>(plugins.size());
    step->capacity = input_event_capacity;
    step->lost = plan_->lost_;
    plan_->merged_.push_back(input);
    return &input->list;
  }

  arr_event_list *event_output(std::size_t index, std::size_t p, Tables &tables) {
    auto *out = take<EventOutput>();
    out->storage = plan_->cold_arena_.take_raw<arr_event>(output_event_capacity, true);
    out->struct_size = sizeof(arr_event_list);
    out->stride = sizeof(arr_event);
    out->events = out->storage;
    out->append = append_event;
    out->lost = plan_->lost_;
    outputs_[index][p].events = out;
    tables.event_outputs.push_back(out);
    return out;
  }

  void emit_plugin(std::size_t index, Tables &tables) {
    const ResolvedNode &node = graph_.nodes[index];
    arr_plugin &plugin = node.instance->plugin();
    auto *step = add_step<PluginStep>(run_plugin, &plugin);
    step->plugin = &plugin;
    step->process = plugin.process;
    step->call.struct_size = sizeof(arr_process);
    step->call.channels = tables.channels;
    step->call.hints = tables.hints;
    step->call.events = tables.events;
    step->node = static_cast<std::int32_t>(index);
    step->check_finite = !node.instance->entry().descriptor.preserves_finite;
    const auto copy = [this](const auto &from, auto *&to, std::int32_t &count) {
      to = take<std::remove_cvref_t<decltype(*to)>>(from.size());
      std::copy(from.begin(), from.end(), to);
      count = static_cast<std::int32_t>(from.size());
    };
    copy(tables.output_channels, step->audio_outputs, step->audio_output_count);
    copy(tables.output_hints, step->output_hints, step->output_hint_count);
    copy(tables.audio_input_hints, step->audio_input_hints, step->audio_input_count);
    copy(tables.event_inputs, step->event_inputs, step->event_input_count);
    copy(tables.event_outputs, step->event_outputs, step->event_output_count);
    plan_->plugin_steps_.push_back(step);
  }

  // A track source is no step: what is scheduled for it goes straight to the inputs it is connected to.
  void add_track_sources() {
    for (const ResolvedNode &node : graph_.nodes) {
      if (!node.is_track_source()) continue;
      plan_->event_targets_by_node_[node.description->id] = static_cast<std::uint32_t>(plan_->event_targets_.size());
      plan_->event_targets_.emplace_back();
    }
    for (const ResolvedConnection &connection : graph_.connections) {
      const ResolvedNode &source = graph_.nodes[std::size_t(connection.from_node)];
      if (!source.is_track_source()) continue;
      plan_->event_targets_[plan_->event_targets_by_node_.at(source.description->id)].inputs.push_back(
          event_inputs_.at({std::size_t(connection.to_node), std::size_t(connection.to_port)}));
    }
  }

  void finish() {
    plan_->left_ = plan_->right_ = zeros_;
    if (graph_.master >= 0) {
      const Tap out = tap(graph_.master);
      plan_->left_ = out.left;
      plan_->right_ = out.right;
    }
    for (const int node : plan_->options_.taps) plan_->taps_.push_back(tap(node));
    plan_->parameters_.reserve();
    plan_->dirty_.reserve(event_inputs_.size());
    for (ResolvedNode &node : graph_.nodes) plan_->instances_.push_back(std::move(node.instance));
  }

  ResolvedGraph graph_;
  std::unique_ptr<Plan> plan_;
  std::vector<std::vector<Output>> outputs_;  // by node and port
  std::vector<std::vector<Sources>> inputs_;  // by node and port, in connection order
  std::map<std::pair<std::size_t, std::size_t>, Plan::EventInput *> event_inputs_;
  std::vector<float *> free_;
  float *zeros_ = nullptr;
  std::uint32_t *zero_hint_ = nullptr;
};

Result<std::unique_ptr<Plan>> Plan::compile(ResolvedGraph graph, const PlanOptions &options) {
  return Compiler(std::move(graph), options).compile();
}

}  // namespace arranger
