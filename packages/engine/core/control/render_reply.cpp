// SPDX-License-Identifier: MIT
#include "control/render_reply.hpp"

#include "control/live_events.hpp"

#include "base/base64.hpp"
#include "base/file.hpp"
#include "plugin/isa.hpp"

namespace arranger {
namespace {

std::optional<AnalysisJson> json_of(std::optional<Analysis> analysis) {
  if (!analysis) return std::nullopt;
  return AnalysisJson{
      {analysis->peak_dbfs}, {analysis->rms_dbfs}, {analysis->integrated_lufs}, std::move(analysis->overview)};
}

// Where a file went: `data` or `path` of a reply.
template <class Reply>
void place(Reply &reply, const RenderedFile &file) {
  if (file.path.empty()) reply.data = base64(file.bytes);
  else reply.path = to_utf8(file.path);
}

std::vector<Warning> warnings_of(const RenderResult &result) {
  std::vector<Warning> out;
  for (const auto &[node, what] : result.faults)
    out.push_back({"plugin_failed", "", format("Node '{}' {}", node, what)});
  if (result.lost_events > 0)
    out.push_back({"busy", "", format("{} events were lost: too many in one block", result.lost_events)});
  if (result.whole.clipped_samples > 0)
    out.push_back(
        {"clipped", "", format("{} samples were beyond full scale and are clipped", result.whole.clipped_samples)});
  for (const RenderedFile &stem : result.stems)
    if (stem.clipped_samples > 0)
      out.push_back({"clipped", "",
                     format("{} samples of stem '{}' were beyond full scale and are clipped", stem.clipped_samples,
                            stem.node_id)});
  if (result.tail_was_cut)
    out.push_back({"tail_cut", "/tail_seconds", "The tail was cut after 60 s, before it was silent"});
  if (result.has_no_loudness)
    out.push_back({"no_loudness", "/normalise_lufs",
                   "Expected a loudness to normalise but the render is silent or too short; its level was left alone"});
  for (const std::string &node : result.block_dependent_nodes)
    out.push_back({"block_dependent", "", format("The sound of node '{}' depends on the block size", node)});
  return out;
}

}  // namespace

RenderReply reply_of(const RenderRequest &request, RenderResult result) {
  RenderReply reply;
  reply.format = request.file.format;
  reply.sample_rate = request.file.sample_rate;
  reply.channels = request.file.channels;
  reply.frames = result.frames;
  reply.seconds = result.seconds;
  reply.hash = result.whole.hash;
  const std::vector<std::string> levels = isa_folders();
  reply.isa = levels.empty() ? "base" : levels.front();
  reply.gain_db = result.gain_db;
  reply.warnings = warnings_of(result);
  place(reply, result.whole);
  reply.analysis = json_of(std::move(result.whole.analysis));
  if (!result.stems.empty()) reply.stems.emplace();
  for (RenderedFile &stem : result.stems) {
    StemReply &one = reply.stems->emplace_back();
    one.node_id = stem.node_id;
    one.frames = result.frames;
    one.hash = stem.hash;
    place(one, stem);
    one.analysis = json_of(std::move(stem.analysis));
  }
  return reply;
}

void ProgressReporter::operator()(RenderProgress progress) {
  const auto interval = to_->wanted("render_progress");
  const auto now = std::chrono::steady_clock::now();
  const bool ended = progress.frames == progress.total_frames;
  if (!interval || (!ended && now - last_ < *interval)) return;
  last_ = now;
  const double ratio = static_cast<double>(progress.frames) / static_cast<double>(progress.total_frames);
  to_->emit(event_text("render_progress", ProgressEvent{json::Raw{id_.empty() ? "null" : id_}, ratio, progress.frames,
                                                        progress.total_frames}));
}

}  // namespace arranger
