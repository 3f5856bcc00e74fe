// SPDX-License-Identifier: MIT
// From a resolved graph to a plan: buffers by liveness, steps in processing order, every pointer resolved. Part of
// compile.cpp, compile_ports.cpp, compile_gain.cpp, compile_sums.cpp and compile_lines.cpp. What it knows lies in arrays by node, port or
// connection: a graph of ten thousand nodes takes milliseconds.
#pragma once

#include <deque>
#include <map>
#include <span>
#include <string_view>
#include <tuple>

#include "graph/incoming.hpp"
#include "graph/latency.hpp"
#include "graph/plan.hpp"

namespace arranger {

inline std::uint64_t hash(std::string_view text, std::uint64_t seed) {  // FNV-1a
  std::uint64_t out = 0xcbf29ce484222325u ^ seed;
  for (const char c : text) out = (out ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return out;
}

class Compiler {
 public:
  // The graph is prepared.
  Compiler(const ResolvedGraph &graph, const PlanOptions &options);
  std::unique_ptr<Plan> compile();

 private:
  using Sources = std::span<const std::uint32_t>;  // positions of connections, in their order
  struct Line;

  // What an output port has given its readers, or a delay line has.
  struct Output {
    float **channels = nullptr;
    std::uint32_t *hint = nullptr;
    arr_event_list *events = nullptr;
    std::int32_t channel_count = 0;
    int readers = 0;
    int reader = -1;         // one of their nodes
    bool is_shared = false;  // by several that may run at once: nobody comes after all of them for certain
    Line *line = nullptr;    // that is still to be emitted before the first reader
  };

  // A delayed output. One that closes a cycle is read before its source has run.
  struct Line {
    Output out;
    Output *source;
    const Port *port;
    std::size_t number;  // among the plan's lines or event lines
    std::int64_t frames;
    bool feedback;
  };

  // An audio input of many sources, whose sum is made in parts.
  struct Sum {
    int node, port;
    std::int32_t channels;
    Sources sources;
    std::size_t added = 0;                    // of its sources, by steps so far
    std::vector<float *> out;                 // by channel
    bool *begun = nullptr;                    // the same
    std::vector<std::vector<MixTerm>> terms;  // of the next part
  };

  // What is known of the node that is emitted.
  struct Tables {
    float **channels;
    std::uint32_t **hints;
    arr_event_list **events;
    std::vector<float *> scratch;  // mixed inputs: free again when the node has run
    std::vector<std::uint32_t *> audio_input_hints;
    std::vector<arr_event_list *> event_inputs, event_outputs;
    std::vector<float *> output_channels;
    std::vector<std::uint32_t *> output_hints;
    std::vector<std::uint32_t *> value_counts;
    std::uint32_t parameter_count;
    const ControlCell *cell;  // of the last parameter; null: control connections move it
    Sources sources;          // of the node, behind those of the ports that were emitted
    void clear();
  };

  // compile.cpp
  void number_targets();
  void find_heard();
  Output &audio_output(int node);  // its first
  Tap tap(int node);
  void emit_node(std::size_t index);
  void emit_plugin(std::size_t index);
  void release_sources(std::size_t index);
  void add_track_sources();
  void add_output();
  void finish();

  // compile_gain.cpp
  bool is_plain_gain(const ResolvedNode &node) const;
  bool goes_on_from_chain(const GainStep &made) const;
  void emit_gain(std::size_t index);
  void end_chain();

  // compile_lines.cpp
  void order_sources();
  void connect();
  Line &line_for(const ResolvedConnection &connection, std::int64_t frames, bool feedback);
  Output &ready(std::uint32_t connection);
  void emit_line(Line &line);
  void emit_event_line(Line &line);
  void emit_feedback(std::size_t index);
  DelayStep *add_delay_step(void (*run)(Step &, const Slice &), const Line &line);
  void read_source(DelayStep &step, const Line &line);
  PendingQueue *queue_for(std::int64_t late);

  // compile_ports.cpp
  Sources take_sources(std::size_t p);
  void signal_output(std::size_t index, std::size_t p, float **place);
  void audio_input(std::size_t index, std::size_t p, float **place);
  void parameter(std::size_t index, std::size_t p, float **place);
  void rest_parameters(std::size_t index);
  ModulationStep *modulation(const Port &port, Sources sources);
  arr_event_list *event_input(std::size_t index, std::size_t p);
  void cut_notes(std::size_t index, std::size_t p, std::vector<arr_event_list *> &sources);
  arr_event_list *event_output(std::size_t index, std::size_t p);

  // compile_sums.cpp
  void find_sums();
  bool has_run(std::uint32_t connection) const;
  void add_to_sums(std::size_t index);
  void add_part(Sum &sum, std::size_t end);
  void sum(std::size_t index, std::size_t p, Sources sources, float **place);
  MixStep *add_mix(const std::vector<std::vector<MixTerm>> &terms);
  const Fade *fade(const std::shared_ptr<Fade> &fade, double target);
  void add_terms(std::uint32_t connection, std::vector<std::vector<MixTerm>> &terms);

  std::size_t flat(int node, int port) const { return first_port_[std::size_t(node)] + std::size_t(port); }
  Output &output(const ResolvedConnection &connection) {
    return outputs_[flat(connection.from_node, connection.from_port)];
  }
  bool is_heard(int node) const { return heard_[std::size_t(node)] != 0; }

  // As plugins may overwrite them.
  std::int32_t buffer_frames() const { return (plan_->max_frames_ + 15) / 16 * 16; }
  float *new_buffer() {
    const auto frames = std::size_t(buffer_frames());
    float *out = plan_->buffer_arena_.take<float>(frames + guard_frames, true);
    write_guard(out + frames);
    return out;
  }
  bool is_shared() const { return plan_->options_.sharing != Sharing::never; }
  // Free buffers. With several threads each node has its own: those that all have done with who must have run before it.
  std::vector<float *> &pool() { return free_[pool_]; }
  float *take_buffer() {
    std::vector<float *> &free = pool();
    if (free.empty()) return new_buffer();
    float *out = free.back();
    free.pop_back();
    return out;
  }
  void release(std::span<float *const> channels) {
    pool().insert(pool().end(), channels.rbegin(),
                  channels.rend());  // the first is the next to be taken: still in the cache
  }
  std::size_t tail_pool() const { return free_.size() - 1; }
  std::vector<std::size_t> find_emitted();
  std::size_t find_tail(const std::vector<std::size_t> &emitted) const;
  void inherit_buffers(std::size_t node);
  Sources sources_of(std::size_t node) const {
    return Sources(sources_).subspan(first_source_[node], first_source_[node + 1] - first_source_[node]);
  }
  void add_reader(Output &out, int node) const;
  void drop_reader(Output &out) {
    if (--out.readers == 0 && !out.is_shared) release({out.channels, std::size_t(out.channel_count)});
  }
  template <class T>
  T *take(std::size_t count = 1) {
    return plan_->steps_arena_.take<T>(count);
  }
  template <class T>
  T *copy(const std::vector<T> &from) {
    T *out = take<T>(from.size());
    std::copy(from.begin(), from.end(), out);
    return out;
  }
  template <class T>
  T *add_step(void (*run)(Step &, const Slice &), const void *warm) {
    T *step = take<T>();
    step->run = run;
    step->warm = warm;
    plan_->steps_.push_back(step);
    return step;
  }

  const ResolvedGraph &graph_;
  std::unique_ptr<Plan> plan_;
  const Incoming incoming_;
  std::vector<std::uint32_t> sources_;       // connections to nodes that are heard, by node, port and their order
  std::vector<std::uint32_t> first_source_;  // in there, by node
  std::vector<std::uint32_t> first_port_;    // in outputs_, by node
  std::vector<Output> outputs_;              // by node and port
  std::vector<Output *> feeds_;              // by connection: where it is read, its source's output or a delayed one
  std::vector<char> heard_;                  // by node: it reaches an output, or somebody looks at it
  std::vector<char> read_;                   // by connection: a part of a sum has it
  std::deque<Line> lines_;
  std::map<std::tuple<std::size_t, std::size_t, std::int64_t, bool>, Line *> lines_by_source_;
  std::map<std::size_t, std::vector<Line *>> feedback_;  // by the node that feeds it
  std::deque<Sum> sums_;
  std::vector<std::vector<Sum *>> sums_by_source_;                 // by node, where there are any
  std::map<std::int64_t, PendingQueue *> queues_;                  // by lateness
  std::vector<std::pair<CutStep *, const CutNotes *>> cut_steps_;  // whose output may be emitted later
  std::vector<char> looping_;                                      // by component: it is a cycle
  std::vector<std::vector<float *>> free_;                         // by node and one for the tail, or one for all
  std::size_t pool_ = 0;                                           // of the node that is being emitted
  Tables tables_;
  std::vector<GainTerm> chain_;  // of the step that gains may still be added to
  GainStep *chain_step_ = nullptr;
  const Output *chain_output_ = nullptr;
  float *zeros_ = nullptr;
  std::uint32_t *zero_hint_ = nullptr;
  ControlCell *rest_cell_ = nullptr;  // of parameters whose node does not run
  float **rest_channel_ = nullptr;
};

}  // namespace arranger
