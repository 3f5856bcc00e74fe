// SPDX-License-Identifier: MIT
#include "render/offline.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/format.hpp"
#include "render/session_renderer.hpp"

namespace arranger {
namespace {

std::string text(Fault fault) {
  return fault == Fault::error_status ? "reported an error and was muted" : "put out NaN or infinity and was muted";
}

void interleave(const std::vector<float> &left, const std::vector<float> &right, std::int32_t frames, float *out) {
  for (std::int32_t i = 0; i < frames; ++i) {
    out[2 * i] = left[static_cast<std::size_t>(i)];
    out[2 * i + 1] = right[static_cast<std::size_t>(i)];
  }
}

std::int64_t count_clipped(const std::vector<float> &interleaved, std::int32_t frames) {
  std::int64_t count = 0;
  for (std::int32_t i = 0; i < 2 * frames; ++i) count += std::fabs(interleaved[static_cast<std::size_t>(i)]) > 1.0f;
  return count;
}

// What cannot be written is refused before anything is.
Result<void> check_size(const RenderRequest &request, std::int64_t frames) {
  const std::int64_t sample_bytes = request.file.samples == SampleFormat::int16   ? 2
                                    : request.file.samples == SampleFormat::int24 ? 3
                                                                                  : 4;
  const std::int64_t bytes = frames * request.file.channels * sample_bytes;
  if (!request.path && bytes > request.memory_limit)
    return fail(Code::message_too_large, "Expected a path for so long a render; it does not fit a reply", "/path");
  constexpr std::int64_t greatest_wav = (std::int64_t{1} << 32) - 4096;  // its sizes are 32 bits
  if (request.file.format == AudioFormat::wav && bytes > greatest_wav)
    return fail(Code::out_of_range,
                format("Expected less than 4 GiB for WAV but this needs {} bytes; use flac or raw_f32", bytes),
                "/format");
  return {};
}

Result<SessionRenderer> prepare(const RenderSource &source, double sample_rate) {
  auto resolved = resolve(*source.graph);
  if (!resolved) return std::unexpected(resolved.error());
  PlanOptions options;
  options.sample_rate = sample_rate;
  options.offline = true;
  auto plan = Plan::compile(std::move(*resolved), options);
  if (!plan) return std::unexpected(plan.error());
  TempoMap map = tempo_map(*source.schedule, sample_rate, source.bpm);
  return SessionRenderer(std::move(*plan), *source.schedule, std::move(map), true);
}

}  // namespace

Result<RenderResult> render_offline(const RenderSource &source, const RenderRequest &request,
                                    const std::atomic<bool> &cancelled,
                                    const std::function<void(RenderProgress)> &progress) {
  const auto began = std::chrono::steady_clock::now();
  if (source.graph->nodes.empty())
    return fail(Code::nothing_to_render, "Expected a graph to render but it is empty; send set_graph first");
  const double sample_rate = request.file.sample_rate;
  const TempoMap map = tempo_map(*source.schedule, sample_rate, source.bpm);
  double beats = request.duration_beats;
  if (beats <= 0)
    for (const ScheduledEvent &event : source.schedule->events)
      beats = std::max(beats, event.beat + static_cast<double>(event.ramp_beats));
  const std::int64_t total = map.frame(beats) + std::llround(request.tail_seconds * sample_rate);
  if (total <= 0)
    return fail(Code::nothing_to_render,
                "Expected something to render but events, duration_beats and tail_seconds make no frame");

  if (auto fits = check_size(request, total); !fits) return std::unexpected(fits.error());

  auto renderer = prepare(source, sample_rate);
  if (!renderer) return std::unexpected(renderer.error());
  auto writer = AudioWriter::open(request.path, request.file);
  if (!writer) return std::unexpected(writer.error());
  std::optional<Analyser> analyser;
  if (request.measure) analyser.emplace(request.file.sample_rate, request.file.channels, total);

  const bool clips = request.file.samples != SampleFormat::float32;
  std::int64_t clipped = 0;
  // Blocks are collected into stretches worth writing, however small they are.
  const std::int32_t stretch = source.block_size * std::max(1, 4096 / source.block_size);
  std::vector<float> left(static_cast<std::size_t>(stretch)), right(left.size()), interleaved(2 * left.size());
  for (std::int64_t done = 0; done < total;) {
    if (cancelled.load(std::memory_order_relaxed)) return fail(Code::cancelled, "The render was cancelled");
    const auto count = static_cast<std::int32_t>(std::min<std::int64_t>(stretch, total - done));
    for (std::int32_t at = 0; at < count; at += source.block_size)
      renderer->render(left.data() + at, right.data() + at, std::min(source.block_size, count - at));
    interleave(left, right, count, interleaved.data());
    if (auto written = (*writer)->write(interleaved.data(), count); !written) return std::unexpected(written.error());
    if (analyser) analyser->add(interleaved.data(), count);
    if (clips) clipped += count_clipped(interleaved, count);
    done += count;
    progress({done, total});
  }
  auto bytes = (*writer)->finish();
  if (!bytes) return std::unexpected(bytes.error());

  RenderResult result;
  result.frames = total;
  result.bytes = std::move(*bytes);
  if (analyser) result.analysis = analyser->result();
  result.clipped_samples = clipped;
  result.lost_events = renderer->plan().lost_events();
  for (const NodeFault &fault : renderer->plan().faults()) result.faults.emplace_back(fault.node_id, text(fault.fault));
  result.block_dependent_nodes = renderer->plan().block_dependent_nodes();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return result;
}

}  // namespace arranger
