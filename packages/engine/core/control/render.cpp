// SPDX-License-Identifier: MIT
#include <chrono>

#include "base/base64.hpp"
#include "base/file.hpp"
#include "control/command.hpp"
#include "control/running_renders.hpp"

namespace arranger {

template <>
struct json::Words<AudioFormat> {
  static constexpr std::array<std::pair<AudioFormat, std::string_view>, 3> all{
      {{AudioFormat::wav, "wav"}, {AudioFormat::flac, "flac"}, {AudioFormat::raw_f32, "raw_f32"}}};
};

template <>
struct json::Words<SampleFormat> {
  static constexpr std::array<std::pair<SampleFormat, std::string_view>, 3> all{
      {{SampleFormat::int16, "16"}, {SampleFormat::int24, "24"}, {SampleFormat::float32, "32f"}}};
};

namespace {

constexpr std::int64_t greatest_reply = std::int64_t{48} << 20;  // bytes of audio that still fit a message as base64

struct AnalysisJson {
  json::Nullable peak_dbfs, rms_dbfs, integrated_lufs;
  std::vector<double> overview;
  static constexpr auto fields() {
    return std::tuple{
        json::field("peak_dbfs", &AnalysisJson::peak_dbfs, {.doc = "Sample peak; null = silence.", .unit = "dB"}),
        json::field("rms_dbfs", &AnalysisJson::rms_dbfs,
                    {.doc = "Over all channels and frames; null = silence.", .unit = "dB"}),
        json::field("integrated_lufs", &AnalysisJson::integrated_lufs,
                    {.doc = "ITU-R BS.1770-4, gated; null = too quiet or too short.", .unit = "LUFS"}),
        json::field("overview", &AnalysisJson::overview, {.doc = "Peaks of 512 equal stretches."})};
  }
};

struct RenderReply {
  AudioFormat format = AudioFormat::wav;
  std::int32_t sample_rate = 0, channels = 2;
  std::int64_t frames = 0;
  double seconds = 0;
  std::optional<std::string> data, path;
  std::optional<AnalysisJson> analysis;
  std::vector<Warning> warnings;
  static constexpr auto fields() {
    return std::tuple{
        json::field("format", &RenderReply::format, {.doc = "As asked for."}),
        json::field("sample_rate", &RenderReply::sample_rate, {.doc = "Of the audio.", .unit = "Hz"}),
        json::field("channels", &RenderReply::channels, {.doc = "Of the audio."}),
        json::field("frames", &RenderReply::frames, {.doc = "Its length.", .unit = "frames"}),
        json::field("seconds", &RenderReply::seconds, {.doc = "The time that the render took.", .unit = "s"}),
        json::field("data", &RenderReply::data, {.doc = "The file as base64, when no path was given."}),
        json::field("path", &RenderReply::path, {.doc = "The file, when a path was given."}),
        json::field("analysis", &RenderReply::analysis, {.doc = "With measure: what it measures."}),
        json::field(
            "warnings", &RenderReply::warnings,
            {.doc = "Nodes that failed and were muted, lost events, clipped samples, nodes that depend on the block"
                    " size."})};
  }
};

// Sends render_progress at most once per interval, and at the end.
class ProgressReporter {
 public:
  ProgressReporter(EventHub &events, std::string id) : events_(events), id_(std::move(id)) {}

  void operator()(RenderProgress progress) {
    const auto interval = events_.wanted("render_progress");
    const auto now = std::chrono::steady_clock::now();
    const bool ended = progress.frames == progress.total_frames;
    if (!interval || (!ended && std::chrono::duration<double, std::milli>(now - last_).count() < *interval)) return;
    last_ = now;
    std::string out = "{";
    json::ObjectWriter object(out);
    object.member("event", std::string_view("render_progress"));
    object.member("id", json::Raw{id_.empty() ? "null" : id_});
    object.member("ratio", static_cast<double>(progress.frames) / static_cast<double>(progress.total_frames));
    object.member("frames", progress.frames);
    object.member("total_frames", progress.total_frames);
    events_.emit(out + '}');
  }

 private:
  EventHub &events_;
  std::string id_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

RenderReply reply_of(const RenderRequest &request, RenderResult result) {
  RenderReply reply;
  reply.format = request.file.format;
  reply.sample_rate = request.file.sample_rate;
  reply.channels = request.file.channels;
  reply.frames = result.frames;
  reply.seconds = result.seconds;
  if (request.path) reply.path = to_utf8(*request.path);
  else reply.data = base64(result.bytes);
  if (result.analysis)
    reply.analysis = AnalysisJson{{result.analysis->peak_dbfs},
                                  {result.analysis->rms_dbfs},
                                  {result.analysis->integrated_lufs},
                                  std::move(result.analysis->overview)};
  for (auto &[node, what] : result.faults)
    reply.warnings.push_back({"plugin_failed", "", format("Node '{}' {}", node, what)});
  if (result.lost_events > 0)
    reply.warnings.push_back({"busy", "", format("{} events were lost: too many in one block", result.lost_events)});
  if (result.clipped_samples > 0)
    reply.warnings.push_back(
        {"clipped", "", format("{} samples were beyond full scale and were clipped", result.clipped_samples)});
  for (const std::string &node : result.block_dependent_nodes)
    reply.warnings.push_back({"block_dependent", "", format("The sound of node '{}' depends on the block size", node)});
  return reply;
}

struct Render : json::Request {
  AudioFormat format = AudioFormat::wav;
  double duration_beats = 0;
  double tail_seconds = 1;
  std::optional<std::string> path;
  std::optional<std::int32_t> sample_rate;
  std::optional<SampleFormat> bit_depth;
  bool measure = false;
  static constexpr CommandInfo info{
      .name = "render",
      .doc = "Renders graph and schedule with instances of their own; neither playback nor edits disturb it.",
      .examples = {{.request = R"({"cmd":"render","format":"wav","duration_beats":1,"tail_seconds":0})",
                    .needs = {"set_schedule"}}}};
  static constexpr auto fields() {
    return std::tuple{
        json::field("format", &Render::format, {.doc = "Of the file."}),
        json::field("duration_beats", &Render::duration_beats,
                    {.doc = "0 = to the last event.", .min = 0, .max = 1e7, .unit = "beats"}),
        json::field("tail_seconds", &Render::tail_seconds,
                    {.doc = "What follows.", .min = 0, .max = 3600, .unit = "s"}),
        json::field("path", &Render::path, {.doc = "Where to write; none = the reply carries the file."}),
        json::field("sample_rate", &Render::sample_rate,
                    {.doc = "None = the engine's.", .min = 8000, .max = 384000, .unit = "Hz"}),
        json::field("bit_depth", &Render::bit_depth, {.doc = "None = 16 of wav, 24 of flac; raw_f32 has its own."}),
        json::field("measure", &Render::measure, {.doc = "Measure peak, RMS and loudness on the way."})};
  }
  using Reply = RenderReply;

  Result<std::function<Result<Reply>()>> prepare(Context &context) const {
    if (path && path->empty())
      return fail(Code::invalid_request, "Expected path to name a file but it is empty", "/path");
    RenderRequest request;
    request.file.format = format;
    request.file.sample_rate = sample_rate.value_or(context.engine.config().sample_rate);
    request.file.samples = format == AudioFormat::raw_f32 ? SampleFormat::float32
                           : bit_depth                    ? *bit_depth
                           : format == AudioFormat::flac  ? SampleFormat::int24
                                                          : SampleFormat::int16;
    if (path) request.path = from_utf8(*path);
    request.duration_beats = duration_beats;
    request.tail_seconds = tail_seconds;
    request.measure = measure;
    request.memory_limit = greatest_reply;
    return [source = context.engine.snapshot(), request, entry = context.renders.add(context.id),
            progress = ProgressReporter(context.events, context.id)]() -> Result<Reply> {
      auto result = render_offline(source, request, entry->cancelled(), progress);
      if (!result) return std::unexpected(result.error());
      return reply_of(request, std::move(*result));
    };
  }
};

struct Cancel : json::Request {
  json::Raw render_id;
  static constexpr CommandInfo info{
      .name = "cancel",
      .doc = "Ends a running render by the id of its request; that one replies 'cancelled'.",
      .examples = {{R"({"cmd":"cancel","render_id":"render 1"})"}},
      .concurrent = true};
  static constexpr auto fields() {
    return std::tuple{
        json::field("render_id", &Cancel::render_id, {.doc = "The id of the render request.", .required = true})};
  }
  struct Reply {
    std::int32_t cancelled = 0;
    static constexpr auto fields() {
      return std::tuple{
          json::field("cancelled", &Reply::cancelled, {.doc = "How many renders have that id; 0 = none is running."})};
    }
  };
  Result<Reply> run(Context &context) const { return Reply{context.renders.cancel(render_id.text)}; }
};

}  // namespace

std::span<const Command> render_commands() {
  static constexpr std::array commands{command<Render>("render"), command<Cancel>("render")};
  return commands;
}

}  // namespace arranger
