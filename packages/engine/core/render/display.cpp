// SPDX-License-Identifier: MIT
#include "render/display.hpp"
#include "base/thread.hpp"

#include <bit>
#include <new>
#include <type_traits>
#include <utility>

#include "base/format.hpp"

namespace arranger {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;
constexpr double window_seconds = 0.025;

// Readers see plain cells.
template <class T>
constexpr bool is_plain = sizeof(std::atomic<T>) == sizeof(T) && std::atomic<T>::is_always_lock_free;
static_assert(is_plain<std::uint32_t> && is_plain<float> && is_plain<double>);
static_assert(std::is_standard_layout_v<DisplayMemory> && sizeof(DisplayMemory) <= display_scope_offset);

// The scope as the audio thread writes it; a float of its own for each frame.
std::span<std::atomic<float>> scope_of(DisplayMemory &memory, std::size_t channel) {
  const std::size_t frames = memory.scope_frames.load(relaxed);
  auto *first = reinterpret_cast<std::atomic<float> *>(reinterpret_cast<std::byte *>(&memory) + display_scope_offset);
  return {first + channel * frames, frames};
}

class Hold {
 public:
  explicit Hold(std::atomic_flag &flag) : flag_(flag) {
    while (flag_.test_and_set(std::memory_order_acquire)) yield_thread();
  }
  ~Hold() { flag_.clear(std::memory_order_release); }

 private:
  std::atomic_flag &flag_;
};

}  // namespace

const std::array<DisplayField, 15> display_fields{{
    {"attached", CellType::u32, offsetof(DisplayMemory, attached), "1 while the engine writes here."},
    {"sequence", CellType::u32, offsetof(DisplayMemory, sequence),
     "Odd while the cells up to rms_right are being written; then another number."},
    {"beat", CellType::f64, offsetof(DisplayMemory, beat), "Of the song, as get_position gives it."},
    {"song_frame", CellType::f64, offsetof(DisplayMemory, song_frame), "Of the song."},
    {"frame", CellType::f64, offsetof(DisplayMemory, frame), "Frames processed; never jumps."},
    {"bpm", CellType::f64, offsetof(DisplayMemory, bpm), "Tempo there."},
    {"sample_rate", CellType::f64, offsetof(DisplayMemory, sample_rate), "In hertz."},
    {"playing", CellType::u32, offsetof(DisplayMemory, playing), "1 while the playhead moves."},
    {"peak_left", CellType::f32, offsetof(DisplayMemory, peak), "Of the last 25 to 50 ms, whole blocks; linear."},
    {"peak_right", CellType::f32, offsetof(DisplayMemory, peak) + sizeof(float), "The same."},
    {"rms_left", CellType::f32, offsetof(DisplayMemory, rms), "Of the same stretch."},
    {"rms_right", CellType::f32, offsetof(DisplayMemory, rms) + sizeof(float), "The same."},
    {"scope_frames", CellType::u32, offsetof(DisplayMemory, scope_frames),
     "Frames that the scope holds of each channel: a power of two, or 0."},
    {"scope_begun", CellType::u32, offsetof(DisplayMemory, scope_begun),
     "Frames of the scope that may have been touched, modulo 2^32."},
    {"scope_written", CellType::u32, offsetof(DisplayMemory, scope_written),
     "Frames of the scope that are there; n is at n modulo scope_frames."},
}};

Result<void> Display::attach(std::span<std::byte> memory, const Position &resting, double sample_rate) {
  const std::size_t room = memory.size() < display_scope_offset ? 0 : memory.size() - display_scope_offset;
  if (!memory.empty() && memory.size() < display_scope_offset)
    return fail(Code::out_of_range,
                format("Expected at least {} bytes but received {}", display_scope_offset, memory.size()));
  if (reinterpret_cast<std::uintptr_t>(memory.data()) % alignof(DisplayMemory) != 0)
    return fail(Code::out_of_range, "Expected memory that is aligned to 8 bytes");
  const Hold hold(busy_);
  close();
  if (memory.empty()) return {};
  memory_ = new (memory.data()) DisplayMemory{};
  memory_->scope_frames.store(static_cast<std::uint32_t>(std::bit_floor(room / (2 * sizeof(float)))), relaxed);
  for (const std::size_t channel : {0u, 1u})
    for (std::atomic<float> &frame : scope_of(*memory_, channel)) frame.store(0, relaxed);
  write(resting, {}, sample_rate);
  memory_->attached.store(1, std::memory_order_release);
  return {};
}

void Display::close() {
  if (memory_) memory_->attached.store(0, relaxed);
  memory_ = nullptr;
}

void Display::write(const Position &now, const Levels &levels, double sample_rate) {
  DisplayMemory &to = *memory_;
  const std::uint32_t sequence = to.sequence.load(relaxed);
  to.sequence.store(sequence + 1, relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  to.beat.store(now.beat, relaxed);
  to.song_frame.store(static_cast<double>(now.song_frame), relaxed);
  to.frame.store(static_cast<double>(now.steady_frame), relaxed);
  to.bpm.store(now.bpm, relaxed);
  to.sample_rate.store(sample_rate, relaxed);
  to.playing.store(now.playing ? 1 : 0, relaxed);
  for (const std::size_t channel : {0u, 1u}) {
    to.peak[channel].store(levels.peak[channel], relaxed);
    to.rms[channel].store(static_cast<float>(levels.rms(channel)), relaxed);
  }
  to.sequence.store(sequence + 2, std::memory_order_release);
}

// Readers copy first and see afterwards, by scope_begun, which of it may have been written over meanwhile.
void Display::write_scope(const float *left, const float *right, std::int32_t frames) {
  const std::uint32_t size = memory_->scope_frames.load(relaxed);
  if (size == 0) return;
  const std::uint32_t written = memory_->scope_written.load(relaxed);
  const auto count = static_cast<std::uint32_t>(frames);
  memory_->scope_begun.store(written + count, relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  for (const std::size_t channel : {0u, 1u}) {
    const float *const samples = channel == 0 ? left : right;
    const auto scope = scope_of(*memory_, channel);
    for (std::uint32_t i = count > size ? count - size : 0; i < count; ++i)
      scope[(written + i) & (size - 1)].store(samples[i], relaxed);
  }
  memory_->scope_written.store(written + count, std::memory_order_release);
}

DisplayWriter::DisplayWriter(std::shared_ptr<Display> display, double sample_rate)
    : display_(std::move(display)), sample_rate_(sample_rate) {
  static std::atomic<std::uint64_t> count = 0;
  number_ = ++count;
}

void DisplayWriter::show(const Position &now, const Levels &block, const float *left, const float *right) {
  if (!display_) return;
  current_.add(block);
  Levels shown = last_;
  shown.add(current_);
  if (static_cast<double>(current_.frames) >= window_seconds * sample_rate_) last_ = std::exchange(current_, {});
  if (display_->busy_.test_and_set(std::memory_order_acquire)) return;
  if (display_->memory_ && number_ >= display_->writer_) {
    display_->writer_ = number_;
    display_->write_scope(left, right, static_cast<std::int32_t>(block.frames));
    display_->write(now, shown, sample_rate_);
  }
  display_->busy_.clear(std::memory_order_release);
}

void DisplayWriter::rest(Position at) {
  if (!display_) return;
  const Hold hold(display_->busy_);
  if (!display_->memory_ || number_ != display_->writer_) return;
  at.playing = false;
  display_->write(at, {}, sample_rate_);
}

}  // namespace arranger
