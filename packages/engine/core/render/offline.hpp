// SPDX-License-Identifier: MIT
// An offline render: its own plan, instances and timeline, so that nothing else is disturbed.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graph/graph.hpp"
#include "graph/plan.hpp"
#include "render/analysis.hpp"
#include "render/audio_file.hpp"
#include "transport/schedule.hpp"

namespace arranger {

// What is rendered: a snapshot that later edits do not reach.
struct RenderSource {
  std::shared_ptr<const Graph> graph;
  std::shared_ptr<const Schedule> schedule;
  double bpm = 120;
  // Frames per call, and threads as of AudioEngineConfig: the result does not depend on either.
  std::int32_t block_size = 512, threads = 1;
  Sharing sharing = Sharing::when_it_saves_time;
};

struct RenderRequest {
  AudioFileOptions file;                      // of stems too
  std::optional<std::filesystem::path> path;  // none: the bytes are in the result
  double from_beat = 0;                       // begins as after a seek: what was set before is in force
  double duration_beats = 0;                  // 0: to the last event
  std::optional<double> tail_seconds = 1;     // none: until silence, as of RenderLength
  bool measure = false;
  std::vector<std::string> stems;        // ids of nodes with an audio output
  std::optional<double> normalise_lufs;  // integrated loudness; it takes a second pass over the song
};

// Both passes count, when there are two. The total is a guess, never far off, when the render goes on until silence.
struct RenderProgress {
  std::int64_t frames, total_frames;
};

struct RenderedFile {
  std::string node_id;         // of a stem
  std::filesystem::path path;  // empty without one
  std::vector<std::byte> bytes;
  std::optional<Analysis> analysis;
  std::int64_t clipped_samples = 0;  // beyond full scale, in a format that clips
  std::string hash;                  // of the samples, as of SampleHash
};

struct RenderResult {
  std::int64_t frames = 0;  // of each file
  RenderedFile whole;
  std::vector<RenderedFile> stems;  // as asked for
  double seconds = 0;               // it took
  std::optional<double> gain_db;    // with normalise_lufs: what was applied, to the stems too
  bool tail_was_cut = false;        // it went on until silence, and the limit ended it
  bool has_no_loudness = false;     // with normalise_lufs: silent or too short, left as it is
  std::uint64_t lost_events = 0;
  std::vector<std::pair<std::string, std::string>> faults;  // node id, what happened
  std::vector<std::string> block_dependent_nodes;
  MonitorValues monitors;  // at the end
};

// Renders to the end, on the calling thread, in memory that does not grow with the length (the loudness gate aside).
// `cancelled` is looked at, and `progress` called, between blocks; `begins` is shown the plan of each pass. All files appear
// at the end, whole and stems alike; on any error none is left. Errors: cancelled, nothing_to_render, message_too_large (more than the memory limit of the
// file), out_of_range (the format, or from_beat after the end), io_error, plugin_failed, those of find_stems and of resolve.
Result<RenderResult> render_offline(const RenderSource &source, const RenderRequest &request,
                                    const std::atomic<bool> &cancelled,
                                    const std::function<void(RenderProgress)> &progress,
                                    const std::function<void(const std::shared_ptr<const Plan> &)> &begins = {});

}  // namespace arranger
