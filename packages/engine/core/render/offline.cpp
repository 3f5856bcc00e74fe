// SPDX-License-Identifier: MIT
#include "render/offline.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/file.hpp"
#include "base/format.hpp"
#include "render/length.hpp"
#include "render/output.hpp"
#include "render/session_renderer.hpp"
#include "render/stems.hpp"

namespace arranger {
namespace {

std::string text(Fault fault) {
  return fault == Fault::error_status ? "reported an error and was muted" : "put out NaN or infinity and was muted";
}

Result<RenderLength> length_of(const RenderSource &source, const RenderRequest &request) {
  const double sample_rate = request.file.sample_rate;
  const TempoMap map = tempo_map(*source.schedule, sample_rate, source.bpm);
  double beats = request.duration_beats;
  if (beats <= 0)
    for (const ScheduledEvent &event : source.schedule->events)
      beats = std::max(beats, event.beat + static_cast<double>(event.ramp_beats));
  const std::int64_t song = map.frame(beats);
  const auto length = request.tail_seconds
                          ? RenderLength::fixed(song + std::llround(*request.tail_seconds * sample_rate))
                          : RenderLength::until_silence(song, request.file.sample_rate);
  if (length.most() > 0) return length;
  return fail(Code::nothing_to_render,
              "Expected something to render but events, duration_beats and tail_seconds make no frame");
}

// One run over the song, with instances of its own.
class Pass {
 public:
  static Result<Pass> open(const RenderSource &source, const RenderRequest &request) {
    auto resolved = resolve(*source.graph);
    if (!resolved) return std::unexpected(resolved.error());
    auto taps = find_stems(*resolved, request.stems);
    if (!taps) return std::unexpected(taps.error());
    PlanOptions options;
    options.sample_rate = request.file.sample_rate;
    options.offline = true;
    options.taps = std::move(*taps);
    auto plan = Plan::compile(std::move(*resolved), options);
    if (!plan) return std::unexpected(plan.error());
    TempoMap map = tempo_map(*source.schedule, options.sample_rate, source.bpm);
    return Pass(SessionRenderer(std::move(*plan), *source.schedule, std::move(map), true), source.block_size,
                request.stems.size());
  }

  // To the end of `length`, into the whole and as many stems as are given. Errors: cancelled, and as of RenderOutput.
  Result<void> run(RenderLength &length, std::vector<RenderOutput> &outputs, const std::atomic<bool> &cancelled,
                   const std::function<void(const RenderLength &)> &progress) {
    while (!length.ended()) {
      if (cancelled.load(std::memory_order_relaxed)) return fail(Code::cancelled, "The render was cancelled");
      const auto frames = static_cast<std::int32_t>(std::min<std::int64_t>(stretch_, length.most() - rendered_));
      render_stretch(frames);
      std::int64_t ready = outputs[0].held() + frames;
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        outputs[i].take(channels_[2 * i].data(), channels_[2 * i + 1].data(), frames);
        ready = std::min(ready, outputs[i].held());
      }
      const std::int64_t count = length.take(outputs[0].samples(), ready);
      for (RenderOutput &output : outputs)
        if (auto written = output.pass_on(count); !written) return written;
      progress(length);
    }
    return {};
  }

  const Plan &plan() const { return renderer_.plan(); }

 private:
  Pass(SessionRenderer renderer, std::int32_t block_size, std::size_t stems)
      : renderer_(std::move(renderer)),
        block_size_(block_size),
        // Blocks are collected into stretches worth writing, however small they are.
        stretch_(block_size * std::max(1, 4096 / block_size)),
        channels_(2 * (1 + stems), std::vector<float>(static_cast<std::size_t>(stretch_))) {}

  void render_stretch(std::int32_t frames) {
    std::vector<float *> at(channels_.size());
    for (std::int32_t frame = 0; frame < frames; frame += block_size_) {
      for (std::size_t i = 0; i < at.size(); ++i) at[i] = channels_[i].data() + frame;
      renderer_.render(at[0], at[1], std::min(block_size_, frames - frame), at.data() + 2);
    }
    rendered_ += frames;
  }

  SessionRenderer renderer_;
  std::int32_t block_size_, stretch_;
  std::int64_t rendered_ = 0;
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
    std::error_code error;
    const auto status = std::filesystem::status(*request.path, error);
    if (!request.stems.empty() && std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
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

void report(const Plan &plan, RenderResult &result) {
  result.lost_events = plan.lost_events();
  for (const NodeFault &fault : plan.faults()) result.faults.emplace_back(fault.node_id, text(fault.fault));
  result.block_dependent_nodes = plan.block_dependent_nodes();
}

// The first of two passes: finds the gain that brings the whole to the loudness asked for, and how long it is.
Result<void> find_gain(const RenderSource &source, const RenderRequest &request, RenderLength &length,
                       const std::atomic<bool> &cancelled, const std::function<void(RenderProgress)> &progress,
                       RenderResult &result) {
  auto pass = Pass::open(source, request);
  if (!pass) return std::unexpected(pass.error());
  std::vector<RenderOutput> meter;
  meter.emplace_back(nullptr, request.file, 0);
  meter[0].measure();
  auto done = pass->run(length, meter, cancelled,
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
                                    const std::function<void(RenderProgress)> &progress) {
  const auto began = std::chrono::steady_clock::now();
  if (source.graph->nodes.empty())
    return fail(Code::nothing_to_render, "Expected a graph to render but it is empty; send set_graph first");
  auto length = length_of(source, request);
  if (!length) return std::unexpected(length.error());
  auto pass = Pass::open(source, request);
  if (!pass) return std::unexpected(pass.error());
  auto files = open_files(request, *length);
  if (!files) return std::unexpected(files.error());

  RenderResult result;
  std::int64_t before = 0;  // frames of the pass that is over
  if (request.normalise_lufs) {
    if (auto found = find_gain(source, request, *length, cancelled, progress, result); !found)
      return std::unexpected(found.error());
    before = length->frames();
    length = RenderLength::fixed(before);
  }
  std::vector<RenderOutput> outputs;
  for (auto &writer : files->writers) {
    RenderOutput &output = outputs.emplace_back(std::move(writer), request.file, 0);
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
  report(pass->plan(), result);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return result;
}

}  // namespace arranger
