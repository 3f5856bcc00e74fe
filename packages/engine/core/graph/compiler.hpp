// SPDX-License-Identifier: MIT
// From a resolved graph to a plan: buffers by liveness, steps in processing order, every pointer resolved. Part of
// compile.cpp, compile_ports.cpp and compile_lines.cpp.
#pragma once

#include <deque>
#include <map>
#include <string_view>
#include <tuple>

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
  Compiler(ResolvedGraph graph, const PlanOptions &options);
  std::unique_ptr<Plan> compile();

 private:
  using Sources = std::vector<const ResolvedConnection *>;
  struct Line;

  // What an output port has given its readers, or a delay line has.
  struct Output {
    std::vector<float *> channels;
    std::uint32_t *hint = nullptr;
    arr_event_list *events = nullptr;
    int readers = 0;
    Line *line = nullptr;  // that is still to be emitted before the first reader
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
  };

  // compile.cpp
  void number_targets();
  Output &audio_output(int node);  // its first
  Tap tap(int node);
  void emit_node(std::size_t index);
  void emit_plugin(std::size_t index, Tables &tables);
  void release_sources(std::size_t index);
  void add_track_sources();
  void add_output();
  void finish();

  // compile_lines.cpp
  void connect();
  Line &line_for(const ResolvedConnection &connection, std::int64_t frames, bool feedback);
  Output &ready(const ResolvedConnection &connection);
  void emit_line(Line &line);
  void emit_event_line(Line &line);
  void emit_feedback(std::size_t index);
  DelayStep *add_delay_step(void (*run)(Step &, const Slice &), const Line &line);
  void read_source(DelayStep &step, const Line &line);
  PendingQueue *queue_for(std::int64_t late);

  // compile_ports.cpp
  void signal_output(std::size_t index, std::size_t p, float **place, Tables &tables);
  void audio_input(std::size_t index, std::size_t p, float **place, Tables &tables);
  void mix(const Sources &sources, std::int32_t channels, float **place, std::uint32_t *&hint,
           std::vector<float *> &scratch);
  MixStep *add_mix(const std::vector<std::vector<MixTerm>> &terms);
  const Fade *fade(const std::shared_ptr<Fade> &fade, double target);
  void add_terms(const ResolvedConnection &connection, std::vector<std::vector<MixTerm>> &terms);
  void parameter(std::size_t index, std::size_t p, float **place, Tables &tables);
  ModulationStep *modulation(const Port &port, const Sources &sources, Tables &tables);
  arr_event_list *event_input(std::size_t index, std::size_t p, Tables &tables);
  void cut_notes(std::size_t index, std::size_t p, std::vector<arr_event_list *> &sources);
  arr_event_list *event_output(std::size_t index, std::size_t p, Tables &tables);

  Output &output(const ResolvedConnection &connection) {
    return outputs_[std::size_t(connection.from_node)][std::size_t(connection.from_port)];
  }
  // Where a connection is read: its source's output or a delayed one.
  Output &feed(const ResolvedConnection &connection) {
    return *feeds_[static_cast<std::size_t>(&connection - graph_.connections.data())];
  }

  // As plugins may overwrite them.
  std::int32_t buffer_frames() const { return (plan_->max_frames_ + 15) / 16 * 16; }
  float *new_buffer() {
    const auto frames = std::size_t(buffer_frames());
    float *out = plan_->buffer_arena_.take<float>(frames + guard_frames, true);
    write_guard(out + frames);
    return out;
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

  ResolvedGraph graph_;
  std::unique_ptr<Plan> plan_;
  std::vector<std::vector<Output>> outputs_;  // by node and port
  std::vector<std::vector<Sources>> inputs_;  // by node and port, in connection order
  std::vector<Output *> feeds_;               // by connection
  std::deque<Line> lines_;
  std::map<std::tuple<std::size_t, std::size_t, std::int64_t, bool>, Line *> lines_by_source_;
  std::map<std::size_t, std::vector<Line *>> feedback_;  // by the node that feeds it
  std::map<std::int64_t, PendingQueue *> queues_;        // by lateness
  std::map<std::pair<std::size_t, std::size_t>, Plan::EventInput *> event_inputs_;
  std::vector<std::uint32_t> first_parameter_;                     // its number, by node
  std::vector<std::pair<CutStep *, const CutNotes *>> cut_steps_;  // whose output may be emitted later
  std::vector<char> looping_;                                      // by component: it is a cycle
  std::vector<float *> free_;
  float *zeros_ = nullptr;
  std::uint32_t *zero_hint_ = nullptr;
};

}  // namespace arranger
