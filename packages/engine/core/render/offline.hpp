// SPDX-License-Identifier: MIT
// An offline render: its own plan, instances and timeline, so that nothing else is disturbed.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "graph/graph.hpp"
#include "render/analysis.hpp"
#include "render/audio_file.hpp"
#include "transport/schedule.hpp"

namespace arranger {

// What is rendered: a snapshot that later edits do not reach.
struct RenderSource {
  std::shared_ptr<const Graph> graph;
  std::shared_ptr<const Schedule> schedule;
  double bpm = 120;
  std::int32_t block_size = 512;  // frames per call; the result does not depend on it
};

struct RenderRequest {
  AudioFileOptions file;
  std::optional<std::filesystem::path> path;  // none: the bytes are in the result
  double duration_beats = 0;                  // 0: to the last event
  double tail_seconds = 1;
  bool measure = false;
  std::int64_t memory_limit = std::int64_t{1} << 30;  // bytes, of a render without a path
};

struct RenderProgress {
  std::int64_t frames, total_frames;
};

struct RenderResult {
  std::int64_t frames = 0;
  std::vector<std::byte> bytes;
  double seconds = 0;  // it took
  std::optional<Analysis> analysis;
  std::uint64_t lost_events = 0;
  std::int64_t clipped_samples = 0;                         // beyond full scale, in an integer format
  std::vector<std::pair<std::string, std::string>> faults;  // node id, what happened
  std::vector<std::string> block_dependent_nodes;
};

// Renders to the end, on the calling thread. `cancelled` is looked at, and `progress` called, between blocks. On any error
// no file is left. Errors: cancelled, nothing_to_render, message_too_large (more than memory_limit), out_of_range (more than a
// WAV file can say), io_error, plugin_failed and those of
// resolve.
Result<RenderResult> render_offline(const RenderSource &source, const RenderRequest &request,
                                    const std::atomic<bool> &cancelled,
                                    const std::function<void(RenderProgress)> &progress);

}  // namespace arranger
