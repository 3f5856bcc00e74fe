// SPDX-License-Identifier: MIT
// What a render replies, and what it tells on the way.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "control/command.hpp"

namespace arranger {

template <>
struct json::Words<AudioFormat> {
  static constexpr std::array<std::pair<AudioFormat, std::string_view>, 5> all{{{AudioFormat::wav, "wav"},
                                                                                {AudioFormat::raw_f32, "raw_f32"},
                                                                                {AudioFormat::flac, "flac"},
                                                                                {AudioFormat::ogg, "ogg"},
                                                                                {AudioFormat::mp3, "mp3"}}};
};

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

struct StemReply {
  std::string node_id;
  std::int64_t frames = 0;
  std::string hash;
  std::optional<std::string> data, path;
  std::optional<AnalysisJson> analysis;
  static constexpr auto fields() {
    return std::tuple{json::field("node_id", &StemReply::node_id, {.doc = "The node whose output it is."}),
                      json::field("frames", &StemReply::frames, {.doc = "As long as the whole.", .unit = "frames"}),
                      json::field("hash", &StemReply::hash, {.doc = "As of the whole."}),
                      json::field("data", &StemReply::data, {.doc = "The file as base64, when no path was given."}),
                      json::field("path", &StemReply::path, {.doc = "The file, when a path was given."}),
                      json::field("analysis", &StemReply::analysis, {.doc = "With measure: what it measures."})};
  }
};

struct RenderReply {
  AudioFormat format = AudioFormat::wav;
  std::int32_t sample_rate = 0, channels = 2;
  std::int64_t frames = 0;
  double seconds = 0;
  std::string hash, isa;
  std::optional<std::string> data, path;
  std::optional<double> gain_db;
  std::optional<AnalysisJson> analysis;
  std::optional<std::vector<StemReply>> stems;
  std::vector<Warning> warnings;
  static constexpr auto fields() {
    return std::tuple{
        json::field("format", &RenderReply::format, {.doc = "Of the file."}),
        json::field("sample_rate", &RenderReply::sample_rate, {.doc = "Of the audio.", .unit = "Hz"}),
        json::field("channels", &RenderReply::channels, {.doc = "Of the audio."}),
        json::field("frames", &RenderReply::frames, {.doc = "Its length.", .unit = "frames"}),
        json::field("seconds", &RenderReply::seconds, {.doc = "The time that the render took.", .unit = "s"}),
        json::field(
            "hash", &RenderReply::hash,
            {.doc = "64 bits in hexadecimal of the float samples, before they are rounded or compressed: equal for"
                    " renders that are equal bit for bit."}),
        json::field(
            "isa", &RenderReply::isa,
            {.doc = "Best instruction-set level that plugins are opened at: x86-64-v4, x86-64-v3 or base. It changes no"
                    " sample."}),
        json::field("data", &RenderReply::data, {.doc = "The file as base64, when no path was given."}),
        json::field("path", &RenderReply::path, {.doc = "The file, when a path was given."}),
        json::field("gain_db", &RenderReply::gain_db,
                    {.doc = "With normalise_lufs: the gain that was applied.", .unit = "dB"}),
        json::field("analysis", &RenderReply::analysis, {.doc = "With measure: what it measures."}),
        json::field("stems", &RenderReply::stems, {.doc = "With stems: one for each, in the order asked for."}),
        json::field(
            "warnings", &RenderReply::warnings,
            {.doc = "Nodes that failed and were muted, lost events, clipped samples, nodes that depend on the block"
                    " size, a tail that was cut, a loudness that could not be measured."})};
  }
};

// The file carries base64 when the request named no path. [control]
RenderReply reply_of(const RenderRequest &request, RenderResult result);

// Sends render_progress to whose render it is, at most once per interval, and at the end. Called on the thread of its render alone.
class ProgressReporter {
 public:
  ProgressReporter(std::shared_ptr<Subscriber> to, std::string id) : to_(std::move(to)), id_(std::move(id)) {}

  void operator()(RenderProgress progress);

 private:
  std::shared_ptr<Subscriber> to_;
  std::string id_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace arranger
