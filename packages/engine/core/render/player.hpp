// SPDX-License-Identifier: MIT
// A session that is played live: the audio thread runs it, control threads send it messages.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/real_time.hpp"
#include "device/device.hpp"
#include "render/display.hpp"
#include "render/meter.hpp"
#include "render/session_renderer.hpp"

namespace arranger {

// Something for the audio thread to do between two blocks. It carries all it needs, and carries back what was let go: a
// message is freed, with whatever it then holds, by a control thread.
class Message : public Returnable {
 public:
  virtual void apply(SessionRenderer &renderer) noexcept = 0;  // [audio]

  std::int64_t at_frame = 0;  // steady frame; what is past means now
};

template <class Apply>
class MessageOf final : public Message {
 public:
  explicit MessageOf(Apply apply) : apply_(std::move(apply)) {}
  void apply(SessionRenderer &renderer) noexcept override { apply_(renderer); }

 private:
  Apply apply_;
};

template <class Apply>
std::unique_ptr<Message> message(Apply apply) {
  return std::make_unique<MessageOf<Apply>>(std::move(apply));
}

// A position, and the call of the audio function that came to it: its frames lie before the position and began at that time.
struct Moment {
  Position position;
  std::chrono::steady_clock::time_point began{};
  std::int32_t frames = 0;
};

class Player {
 public:
  explicit Player(SessionRenderer renderer, DisplayWriter display = {});
  ~Player();
  Player(const Player &) = delete;
  Player &operator=(const Player &) = delete;

  static constexpr std::size_t capacity = 4096;
  // [control] Room for so many more messages.
  bool has_room(std::size_t count) const;
  // [control] In the order sent; one thread at a time. There must be room.
  void post(std::unique_ptr<Message> message);
  // [control] Frees what the audio thread has let go; one thread at a time.
  // What it has let go. Freed by whoever holds no lock: that runs code of plugins, and unloads libraries.
  struct FreeAll {
    void operator()(Returnable *first) const;
  };
  using Returned = std::unique_ptr<Returnable, FreeAll>;
  [[nodiscard]] Returned collect();

  // Messages sent so far, and those whose effect position() shows. [control]; any thread.
  std::uint64_t posted() const { return posted_.load(relaxed); }
  std::uint64_t shown() const { return shown_.load(std::memory_order_acquire); }

  // [audio] Fills both channels. Without frames it only takes the messages that came. Wait-free.
  void process(const AudioBlock &block) noexcept ARRANGER_NONBLOCKING;

  // [audio], between blocks. For how many frames they do nothing unless a message comes.
  std::int32_t rest() const {
    return posted_.load(std::memory_order_acquire) == taken_.load(relaxed) ? rest_.load(relaxed) : 0;
  }

  // Any thread.
  Position position() const { return moment().position; }
  Moment moment() const;
  std::uint64_t blocks() const { return blocks_.load(relaxed); }
  std::int32_t threads() const { return threads_.load(relaxed); }  // that ran the last slice
  std::size_t most_messages() const { return most_messages_.load(relaxed); }
  std::size_t most_waiting() const { return most_waiting_.load(relaxed); }  // for their frame
  std::uint64_t lost_events() const { return lost_events_.load(relaxed); }
  // What runs. While no message can be freed, and only when a call is stuck inside. [control]
  const Plan &plan_inside() const { return renderer_.plan(); }
  std::uint64_t faults() const { return faults_.load(relaxed); }  // nodes that failed and are muted
  // How loud it was since the last call, in whole blocks. One thread at a time, not [audio].
  Levels take_levels() { return meter_.take(); }

 private:
  static constexpr auto relaxed = std::memory_order_relaxed;
  void take_messages();
  std::int32_t until_next_message(std::int32_t frames) const;
  void give_back(Returnable *done);
  void publish(Moment now);
  std::int64_t rested(const Moment &moment, std::chrono::steady_clock::time_point now, std::int32_t most) const;

  SessionRenderer renderer_;
  std::array<Message *, capacity> ring_{};
  alignas(64) std::atomic<std::uint64_t> posted_ = 0;
  alignas(64) std::atomic<std::uint64_t> taken_ = 0;
  std::atomic<Returnable *> returned_ = nullptr;
  std::vector<Message *> waiting_;      // [audio] for their frame, the earliest first
  std::atomic<std::int32_t> rest_ = 0;  // after the last block, whatever has come since

  // A sequence lock: odd while it is being written.
  std::atomic<std::uint32_t> version_ = 0;
  std::atomic<bool> playing_ = false;
  std::atomic<std::int64_t> steady_frame_ = 0, song_frame_ = 0, bar_ = 0;
  std::atomic<std::chrono::steady_clock::rep> began_ = 0;
  std::atomic<std::int32_t> frames_ = 0;
  std::atomic<double> beat_ = 0, bpm_ = 120, bar_beat_ = 0;
  std::atomic<std::uint64_t> shown_ = 0;
  std::atomic<std::uint64_t> blocks_ = 0, lost_events_ = 0, faults_ = 0;
  std::atomic<std::int32_t> threads_ = 1;
  std::atomic<std::size_t> most_messages_ = 0, most_waiting_ = 0;
  Meter meter_;
  DisplayWriter display_;
  std::int64_t counted_faults_ = 0;  // [audio] the steady frame of the last look
};

}  // namespace arranger
