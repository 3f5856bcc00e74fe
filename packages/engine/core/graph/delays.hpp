// SPDX-License-Identifier: MIT
// Delay lines of a plan: for sound and control signals, and for what plugins send.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/pending.hpp"
#include "graph/steps.hpp"

namespace arranger {

// The last `frames` frames of a source's channels. [audio] unless said otherwise.
class DelayLine {
 public:
  // [control] frames >= 1.
  DelayLine(std::int32_t channels, std::int32_t frames);

  // Puts `count` frames in and takes those of `frames` ago out; any count. `silent`: all that goes in is zero. Answers
  // whether all that comes out is.
  bool exchange(const float *const *in, float *const *out, std::int32_t count, bool silent);
  // The two halves of an exchange of at most `frames` frames, for a cycle: what comes out is read before what goes in is
  // known.
  bool read(float *const *out, std::int32_t count) const { return read(out, 0, count); }
  void write(const float *const *in, std::int32_t count, bool silent) { write(in, 0, count, silent); }

  bool silent() const { return quiet_ == frames_; }
  std::int32_t channels() const { return channels_; }  // any thread
  void clear();

 private:
  bool read(float *const *out, std::int32_t at, std::int32_t count) const;
  void write(const float *const *in, std::int32_t at, std::int32_t count, bool silent);

  std::vector<float> ring_;  // channel after channel
  std::int32_t channels_, frames_;
  std::int32_t position_ = 0;  // of the oldest frame
  std::int32_t quiet_;         // frames of silence that went in last, at most frames_
};

// One line between a source's buffers and its readers'. A line that closes a cycle has two steps.
struct DelayStep : Step {
  DelayLine *line;
  const float **in;
  float **out;
  const std::uint32_t *source_hint;
  std::uint32_t hint;
};
void run_delay(Step &step, const Slice &slice);
void run_feedback_read(Step &step, const Slice &slice);
void run_feedback_write(Step &step, const Slice &slice);

// The events of a plugin, `frames` frames later. Those that point to memory of the call are lost and counted.
struct EventDelayStep : Step {
  PendingQueue *queue;
  const arr_event_list *source;
  arr_event_list list;
  arr_event *storage;
  std::int64_t frames;
  std::uint64_t *lost;
};
void run_event_delay(Step &step, const Slice &slice);

}  // namespace arranger
