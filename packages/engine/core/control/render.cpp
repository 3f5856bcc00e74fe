// SPDX-License-Identifier: MIT
#include "base/file.hpp"
#include "control/client_state.hpp"
#include "control/command.hpp"
#include "control/render_reply.hpp"

namespace arranger {

enum class UntilSilence { until_silence };

template <>
struct json::Words<UntilSilence> {
  static constexpr std::array<std::pair<UntilSilence, std::string_view>, 1> all{
      {{UntilSilence::until_silence, "until_silence"}}};
};

template <>
struct json::Words<SampleFormat> {
  static constexpr std::array<std::pair<SampleFormat, std::string_view>, 3> all{
      {{SampleFormat::int16, "16"}, {SampleFormat::int24, "24"}, {SampleFormat::float32, "32f"}}};
};

namespace {

// Bytes of audio that fit a message as base64, beside a megabyte of all else.
constexpr std::int64_t greatest_reply = (std::int64_t{63} << 20) / 4 * 3;

Result<SampleFormat> samples_of(AudioFormat format, std::optional<SampleFormat> asked) {
  switch (format) {
    case AudioFormat::wav:
      return asked.value_or(SampleFormat::int16);
    case AudioFormat::flac:
      return asked.value_or(SampleFormat::int24);
    case AudioFormat::raw_f32:
      if (asked.value_or(SampleFormat::float32) == SampleFormat::float32) return SampleFormat::float32;
      return fail(Code::out_of_range, "Expected a bit depth of 32f for raw_f32 but received another", "/bit_depth");
    case AudioFormat::ogg:
    case AudioFormat::mp3:
      if (!asked) return SampleFormat::int16;
      return fail(Code::out_of_range,
                  arranger::format("Expected no bit depth for {}, which has none, but received one", name_of(format)),
                  "/bit_depth");
  }
  return SampleFormat::int16;
}

struct Render : json::Request {
  std::optional<AudioFormat> format;
  double from_beat = 0;
  double duration_beats = 0;
  json::NumberOr<UntilSilence> tail_seconds = 1.0;
  std::optional<std::string> path;
  std::optional<std::int32_t> sample_rate;
  std::optional<SampleFormat> bit_depth;
  bool measure = false;
  std::vector<std::string> stems;
  std::optional<double> normalise_lufs;
  static constexpr CommandInfo info{
      .name = "render",
      .doc = "Renders graph and schedule with instances of their own; neither playback nor edits disturb it.",
      .examples = {{.request = R"({"cmd":"render","format":"wav","duration_beats":1,"tail_seconds":0})",
                    .needs = {"set_schedule"}}}};
  static constexpr auto fields() {
    return std::tuple{
        json::field(
            "format", &Render::format,
            {.doc = "Of the files. None = what the extension of the path says (.wav, .flac, .ogg, .mp3, .f32 or"
                    " .raw for raw_f32), else wav. A WAV that may pass 4 GiB is written as RF64. Ogg is Vorbis."}),
        json::field(
            "from_beat", &Render::from_beat,
            {.doc = "Where to begin, as after a seek: programs, controllers, tempo and parameters are as if played"
                    " from beat 0, and notes that began before are not heard.",
             .min = 0,
             .max = 1e7,
             .unit = "beats"}),
        json::field("duration_beats", &Render::duration_beats,
                    {.doc = "0 = to the last event.", .min = 0, .max = 1e7, .unit = "beats"}),
        json::field(
            "tail_seconds", &Render::tail_seconds,
            {.doc = "What follows. until_silence = until the output has stayed below -90 dBFS for half a second,"
                    " which is part of the file, and at most 60 s.",
             .min = 0,
             .max = 3600,
             .unit = "s"}),
        json::field("path", &Render::path, {.doc = "Where to write; none = the reply carries the file."}),
        json::field("sample_rate", &Render::sample_rate,
                    {.doc = "The graph runs at this rate; nothing is resampled. None = the engine's.",
                     .min = 8000,
                     .max = 384000,
                     .unit = "Hz"}),
        json::field("bit_depth", &Render::bit_depth,
                    {.doc = "Of wav and flac. None = 16 of wav, 24 of flac; raw_f32 is 32f, ogg and mp3 have none."}),
        json::field("measure", &Render::measure, {.doc = "Measure peak, RMS and loudness on the way."}),
        json::field("stems", &Render::stems,
                    {.doc = "Ids of nodes whose audio output is to have a file of its own, as long as the whole and"
                            " aligned with it: song.wav has song.ID.wav beside it."}),
        json::field("normalise_lufs", &Render::normalise_lufs,
                    {.doc = "Bring the integrated loudness here: the song is rendered twice, and a gain applied to all"
                            " files.",
                     .min = -70,
                     .max = 0,
                     .unit = "LUFS"})};
  }
  using Reply = RenderReply;

  Result<RenderRequest> request(const Engine &engine) const {
    if (path && path->empty())
      return fail(Code::invalid_request, "Expected path to name a file but it is empty", "/path");
    if (normalise_lufs && !LoudnessMeter::is_available())
      return fail(Code::out_of_range, "Expected no normalise_lufs: this engine cannot measure loudness",
                  "/normalise_lufs");
    RenderRequest out;
    if (path) out.path = from_utf8(*path);
    out.file.format = format.value_or((path ? format_of(*out.path) : std::nullopt).value_or(AudioFormat::wav));
    out.file.sample_rate = sample_rate.value_or(engine.config().sample_rate);
    auto samples = samples_of(out.file.format, bit_depth);
    if (!samples) return std::unexpected(samples.error());
    out.file.samples = *samples;
    out.file.memory_limit = greatest_reply;
    if (auto fits = check_format(out.file); !fits) return std::unexpected(fits.error());
    out.from_beat = from_beat;
    out.duration_beats = duration_beats;
    if (std::holds_alternative<double>(tail_seconds)) out.tail_seconds = std::get<double>(tail_seconds);
    else out.tail_seconds.reset();
    out.measure = measure;
    out.stems = stems;
    out.normalise_lufs = normalise_lufs;
    return out;
  }

  Result<std::function<Result<Reply>()>> prepare(Context &context) const {
    auto asked = request(context.engine);
    if (!asked) return std::unexpected(asked.error());
    auto source = context.engine.snapshot();
    if (!source) return std::unexpected(source.error());
    auto entry = context.client.renders.add(context.id);
    if (!entry) return fail(Code::busy, "Expected fewer renders at a time; ask again when one of them has ended");
    return [source = std::move(*source), request = std::move(*asked), entry = std::move(entry),
            progress = ProgressReporter(context.client.subscriber, context.id),
            &engine = context.engine]() -> Result<Reply> {
      if (entry->cancelled()) return fail(Code::cancelled, "The render was cancelled");
      auto result = render_watched(source, request, entry->cancelled(), progress);
      if (!result) return std::unexpected(result.error());
      engine.keep_monitors(std::move(result->monitors));
      return reply_of(request, std::move(*result));
    };
  }
};

struct Cancel : json::Request {
  json::Raw render_id;
  static constexpr CommandInfo info{
      .name = "cancel",
      .doc = "Ends a running render of this client by the id of its request; that one replies 'cancelled'.",
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
  Result<Reply> run(Context &context) const { return Reply{context.client.renders.cancel(render_id.text)}; }
};

}  // namespace

std::span<const Command> render_commands() {
  static constexpr std::array commands{command<Render>("render"), command<Cancel>("render")};
  return commands;
}

}  // namespace arranger
