// SPDX-License-Identifier: MIT
#include "render/offline.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/file.hpp"
#include "base/format.hpp"
#include "base/survive.hpp"
#include "base/thread.hpp"
#include "graph/faults.hpp"
#include "plugin/isolated_plugin.hpp"
#include "render/length.hpp"
#include "render/output.hpp"
#include "render/session_renderer.hpp"
#include "render/stems.hpp"

namespace arranger {
namespace {

// From `from_beat` to the end of the song, and the tail.
Result<RenderLength> length_of(const RenderSource &source, const RenderRequest &request, const TempoMap &tempo) {
  double end = request.from_beat + request.duration_beats;
  if (request.duration_beats <= 0) {
    end = 0;
    for (const ScheduledEvent &event : source.schedule->events)
      end = std::max(end, event.beat + static_cast<double>(event.ramp_beats));
    if (request.from_beat > 0 && request.from_beat >= end)
      return fail(Code::out_of_range,
                  format("Expected from_beat before the last event at beat {} but received {}", end, request.from_beat),
                  "/from_beat");
  }
  const std::int64_t song = tempo.frame(end) - tempo.frame(request.from_beat);
  const auto length = request.tail_seconds
                          ? RenderLength::fixed(song + std::llround(*request.tail_seconds * tempo.sample_rate()))
                          : RenderLength::until_silence(song, request.file.sample_rate);
  if (length.most() > 0) return length;
  return fail(Code::nothing_to_render,
              "Expected something to render but events, duration_beats and tail_seconds make no frame");
}

// What the graph gives the parameters that the schedule moves, by position in Timeline::params.
std::vector<double> base_values(const ResolvedGraph &graph, const Schedule &schedule, const Timeline &timeline) {
  std::vector<double> out;
  for (const ScheduledParam &param : timeline.params) {
    const std::string &id = schedule.nodes[std::size_t(param.node)];
    const std::int64_t place = graph.find(id);
    const ResolvedNode *const node = place < 0 ? nullptr : &graph.nodes[std::size_t(place)];
    const int port = node ? find_parameter(node->ports(), schedule.params[std::size_t(param.param)]) : -1;
    out.push_back(port < 0 ? 0 : node->base_values[port]);
  }
  return out;
}

// One run over the song, with instances of its own.
class Pass {
 public:
  static Result<Pass> open(const RenderSource &source, const RenderRequest &request,
                           const std::shared_ptr<const Score> &score,
                           const std::function<void(const std::shared_ptr<const Plan> &)> &begins) {
    auto resolved = resolve(*source.graph);
    if (!resolved) return std::unexpected(resolved.error());
    auto taps = find_stems(*resolved, request.stems);
    if (!taps) return std::unexpected(taps.error());
    PlanOptions options;
    options.sample_rate = request.file.sample_rate;
    options.offline = true;
    if (threads_for(source.threads) > 1) options.sharing = source.sharing;
    options.taps = std::move(*taps);
    const std::vector<double> bases = base_values(*resolved, *source.schedule, score->timeline);
    auto compiled = Plan::compile(std::move(*resolved), options);
    if (!compiled) return std::unexpected(compiled.error());
    const std::shared_ptr<Plan> plan = std::move(*compiled);
    if (begins) begins(plan);
    auto course = std::make_unique<Course>();
    course->bases = bases;
    course->score = score;
    course->binding = bind(*plan, *source.schedule, score->timeline);
    const Jump start = make_jump(*score, *plan, course->binding, score->tempo.frame(request.from_beat),
                                 [&](std::uint32_t param) { return bases[param]; });
    std::vector<Isolated> isolated;
    for (const Node &node : source.graph->nodes)
      if (node.isolated) isolated.emplace_back(node.id, plan->instance(node.id));
    SessionRenderer renderer(plan, std::move(course), true);
    if (threads_for(source.threads) > 1)
      renderer.share_with(std::make_unique<Executor>(source.threads, Executor::Use::offline));
    if (start.frame > 0) renderer.seek(start);
    Pass pass(std::move(renderer), source.block_size, request.stems);
    pass.isolated_ = std::move(isolated);
    return pass;
  }

  // To the end of `length`, into the whole and as many stems as are given. Errors: cancelled, and as of RenderOutput.
  Result<void> run(RenderLength &length, std::vector<RenderOutput> &outputs, const std::atomic<bool> &cancelled,
                   const std::function<void(const RenderLength &)> &progress) {
    while (!length.ended()) {
      if (cancelled.load(std::memory_order_relaxed)) return fail(Code::cancelled, "The render was cancelled");
      const auto frames =
          static_cast<std::int32_t>(std::min<std::int64_t>(stretch_, latency_ + length.most() - rendered_));
      render_stretch(frames);
      if (auto alive = check_isolated(); !alive) return alive;
      std::int64_t ready = outputs[0].held() + frames;
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        outputs[i].take(channels_[2 * i].data(), channels_[2 * i + 1].data(), frames);
        ready = std::min(ready, outputs[i].held());
      }
      const std::int64_t count = length.take(outputs[0].samples(), ready);
      for (RenderOutput &output : outputs)
        if (auto written = output.pass_on(count); !written) return written;
      progress(length);
      yield_thread();
    }
    return {};
  }

  const SessionRenderer &renderer() const { return renderer_; }
  // Frames by which the whole, or a stem from 1 on, comes late.
  std::int64_t latency(std::size_t output) const { return latencies_[output]; }

 private:
  using Isolated = std::pair<std::string, std::shared_ptr<Instance>>;  // and its node

  Pass(SessionRenderer renderer, std::int32_t block_size, const std::vector<std::string> &stems)
      : renderer_(std::move(renderer)),
        block_size_(block_size),
        // Blocks are collected into stretches worth writing, however small they are.
        stretch_(block_size * std::max(1, 4096 / block_size)),
        channels_(2 * (1 + stems.size()), std::vector<float>(static_cast<std::size_t>(stretch_))) {
    latencies_.push_back(renderer_.plan().latency_frames());
    for (const std::string &stem : stems) latencies_.push_back(renderer_.plan().latency_of(stem));
    latency_ = std::ranges::max(latencies_);
  }

  void render_stretch(std::int32_t frames) {
    std::vector<float *> at(channels_.size());
    for (std::int32_t frame = 0; frame < frames; frame += block_size_) {
      for (std::size_t i = 0; i < at.size(); ++i) at[i] = channels_[i].data() + frame;
      renderer_.render(at[0], at[1], std::min(block_size_, frames - frame), at.data() + 2);
    }
    renderer_.end_block();
    rendered_ += frames;
  }

  // A render in which a node has failed is none.
  Result<void> check_isolated() const {
    for (const auto &[node, instance] : isolated_)
      if (const auto failure = instance->isolated()->failure())
        return fail(failure->code, format("Node '{}': {}", node, failure->message));
    return {};
  }

  SessionRenderer renderer_;
  std::vector<Isolated> isolated_;
  std::int32_t block_size_, stretch_;
  std::int64_t rendered_ = 0, latency_ = 0;
  std::vector<std::int64_t> latencies_;       // of the whole, then of stems
  std::vector<std::vector<float>> channels_;  // two of the whole, then two a stem
};

// The files of a render, all open, none visible yet.
struct Files {
  std::vector<std::optional<std::filesystem::path>> paths;  // the whole, then stems
  std::vector<std::unique_ptr<AudioWriter>> writers;
};

Result<Files> open_files(const RenderRequest &request, const RenderLength &length) {
  Files files;
  files.paths.push_back(request.path);
  if (request.path) {
    if (!request.stems.empty() && kind_of_file(*request.path) == FileKind::other)
      return fail(Code::io_error,
                  format("Expected a file, with room for stems beside it, but '{}' is none", to_utf8(*request.path)),
                  "/path");
    for (auto &path : stem_paths(*request.path, request.stems)) files.paths.emplace_back(std::move(path));
  } else {
    files.paths.resize(1 + request.stems.size());
  }
  AudioFileOptions options = request.file;
  options.most_frames = length.most();
  options.memory_limit /= static_cast<std::int64_t>(files.paths.size());
  if (!request.path && bytes_of(options, length.least()).value_or(0) > options.memory_limit)
    return fail(Code::message_too_large, "Expected a path for so long a render; it does not fit a reply", "/path");
  for (const auto &path : files.paths) {
    auto writer = AudioWriter::open(path, options);
    if (!writer) return std::unexpected(writer.error());
    files.writers.push_back(std::move(*writer));
  }
  return files;
}

// Closes all, then gives all their names: what can fail for want of space has failed before the first name.
Result<std::vector<RenderedFile>> publish(std::vector<RenderOutput> &outputs, const RenderRequest &request,
                                          const Files &files) {
  for (RenderOutput &output : outputs)
    if (auto closed = output.close(); !closed) return std::unexpected(closed.error());
  std::vector<RenderedFile> out(outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    auto bytes = outputs[i].publish();
    if (!bytes) return std::unexpected(bytes.error());
    if (i > 0) out[i].node_id = request.stems[i - 1];
    if (files.paths[i]) out[i].path = *files.paths[i];
    out[i].bytes = std::move(*bytes);
    out[i].analysis = outputs[i].analysis();
    out[i].clipped_samples = outputs[i].clipped_samples();
    out[i].hash = outputs[i].hash();
  }
  return out;
}

void report(const SessionRenderer &renderer, RenderResult &result) {
  const Plan &plan = renderer.plan();
  result.lost_events = renderer.lost_events();
  for (const NodeFault &fault : plan.faults())
    result.faults.emplace_back(fault.node_id, fault_text(fault.fault, fault.how) + " and was muted");
  result.block_dependent_nodes = plan.block_dependent_nodes();
  result.monitors = plan.monitor_values();
}

// The first of two passes: finds the gain that brings the whole to the loudness asked for, and how long it is.
Result<void> find_gain(Pass &pass, const RenderRequest &request, RenderLength &length,
                       const std::atomic<bool> &cancelled, const std::function<void(RenderProgress)> &progress,
                       RenderResult &result) {
  std::vector<RenderOutput> meter;
  meter.emplace_back(nullptr, request.file, pass.latency(0));
  meter[0].measure();
  auto done = pass.run(length, meter, cancelled,
                       [&](const RenderLength &so_far) { progress({so_far.frames(), 2 * so_far.expected()}); });
  if (!done) return done;
  const auto loudness = meter[0].analysis()->integrated_lufs;
  result.has_no_loudness = !loudness;
  result.gain_db = loudness ? *request.normalise_lufs - *loudness : 0;
  result.tail_was_cut = length.cut();
  return {};
}

}  // namespace

Result<RenderResult> render_offline(const RenderSource &source, const RenderRequest &request,
                                    const std::atomic<bool> &cancelled,
                                    const std::function<void(RenderProgress)> &progress,
                                    const std::function<void(const std::shared_ptr<const Plan> &)> &begins) {
  SignalStack stack;  // for plugins that use up the other one
  stack.use();
  const BusyProcessor its_own;
  const auto began = std::chrono::steady_clock::now();
  if (source.graph->nodes.empty())
    return fail(Code::nothing_to_render, "Expected a graph to render but it is empty; send set_graph first");
  const auto score = std::make_shared<const Score>(make_score(source.schedule, request.file.sample_rate, source.bpm));
  auto length = length_of(source, request, score->tempo);
  if (!length) return std::unexpected(length.error());
  auto opened = Pass::open(source, request, score, begins);
  if (!opened) return std::unexpected(opened.error());
  std::optional<Pass> pass(std::move(*opened));
  auto files = open_files(request, *length);
  if (!files) return std::unexpected(files.error());

  RenderResult result;
  std::int64_t before = 0;  // frames of the pass that is over
  if (request.normalise_lufs) {
    if (auto found = find_gain(*pass, request, *length, cancelled, progress, result); !found)
      return std::unexpected(found.error());
    pass.reset();  // two sets of instances would take twice the memory
    auto again = Pass::open(source, request, score, begins);
    if (!again) return std::unexpected(again.error());
    pass.emplace(std::move(*again));
    before = length->frames();
    length = RenderLength::fixed(before);
  }
  std::vector<RenderOutput> outputs;
  for (auto &writer : files->writers) {
    RenderOutput &output = outputs.emplace_back(std::move(writer), request.file, pass->latency(outputs.size()));
    output.set_gain(static_cast<float>(std::pow(10, result.gain_db.value_or(0) / 20)));
    if (request.measure) output.measure();
  }
  auto done = pass->run(*length, outputs, cancelled, [&](const RenderLength &so_far) {
    progress({before + so_far.frames(), before + so_far.expected()});
  });
  if (!done) return std::unexpected(done.error());
  auto published = publish(outputs, request, *files);
  if (!published) return std::unexpected(published.error());

  result.frames = length->frames();
  result.tail_was_cut |= length->cut();
  result.whole = std::move(published->front());
  result.stems.assign(std::make_move_iterator(published->begin() + 1), std::make_move_iterator(published->end()));
  report(pass->renderer(), result);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return result;
}

}  // namespace arranger
