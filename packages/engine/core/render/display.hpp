// SPDX-License-Identifier: MIT
// What is being played, in memory that a client shares: written by the audio thread block by block, read by any thread of the
// client, as often as its screen is drawn, without asking the engine.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/error.hpp"
#include "render/meter.hpp"
#include "render/session_renderer.hpp"

namespace arranger {

// What the memory begins with; the scope's left channel and its right one, floats, stand behind it. Zero while nobody
// writes. Readers find every cell by `display_fields`.
struct DisplayMemory {
  std::atomic<std::uint32_t> attached;  // 1: the engine writes here
  std::atomic<std::uint32_t> sequence;  // odd while what follows, up to `rms`, is being written
  std::atomic<double> beat, song_frame, frame, bpm, sample_rate;
  std::atomic<std::uint32_t> playing;
  std::array<std::atomic<float>, 2> peak, rms;
  // Frames of the scope: a power of two; those begun and those written, ever, modulo 2^32. Frame n is at n modulo the first.
  std::atomic<std::uint32_t> scope_frames, scope_begun, scope_written;
};

enum class CellType { u32, f32, f64 };
struct DisplayField {
  std::string_view name;
  CellType type;
  std::size_t offset;  // bytes
  std::string_view doc;
};
extern const std::array<DisplayField, 15> display_fields;
// Where the scope begins, in bytes.
inline constexpr std::size_t display_scope_offset = 128;

class Display {
 public:
  // [control] This memory and no other is written from now on: what was given before is free when it returns. An empty
  // span: none. It shows where the playhead rests until something plays. Error: out_of_range when it is too small for the
  // cells or not aligned to 8 bytes.
  Result<void> attach(std::span<std::byte> memory, const Position &resting, double sample_rate);

 private:
  friend class DisplayWriter;
  void close();
  void write(const Position &now, const Levels &levels, double sample_rate);
  void write_scope(const float *left, const float *right, std::int32_t frames);

  // Held for the time of a write. The audio thread passes a block over rather than wait for it.
  std::atomic_flag busy_ = ATOMIC_FLAG_INIT;
  DisplayMemory *memory_ = nullptr;
  std::uint64_t writer_ = 0;  // the newest that has written
};

// A player's hand on the display of its engine. Players follow each other: the one that was made last and has begun is
// shown.
class DisplayWriter {
 public:
  DisplayWriter() = default;
  DisplayWriter(std::shared_ptr<Display> display, double sample_rate);
  DisplayWriter(DisplayWriter &&) = default;

  // [audio] Wait-free.
  void show(const Position &now, const Levels &block, const float *left, const float *right);
  // [control] The audio has ended: nothing plays, at this place.
  void rest(Position at);

 private:
  std::shared_ptr<Display> display_;
  double sample_rate_ = 0;
  std::uint64_t number_ = 0;
  // Levels of the last whole window and the one in progress: 25 ms each, so that 60 reads a second miss no peak.
  Levels last_, current_;
};

}  // namespace arranger
