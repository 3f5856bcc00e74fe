// SPDX-License-Identifier: MIT
// A session that is played live: the audio thread runs it, control threads send it messages.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/real_time.hpp"
#include "render/session_renderer.hpp"

namespace arranger {

// Something for the audio thread to do between two blocks. It carries all it needs, and carries back what was let go: a
// message is freed, with whatever it then holds, by a control thread.
class Message {
 public:
  virtual ~Message() = default;
  virtual void apply(SessionRenderer &renderer) noexcept = 0;  // [audio]

  std::int64_t at_frame = 0;  // steady frame; what is past means now

 private:
  friend class Player;
  Message *next_ = nullptr;  // among those that came back
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

class Player {
 public:
  explicit Player(SessionRenderer renderer);
  ~Player();
  Player(const Player &) = delete;
  Player &operator=(const Player &) = delete;

  static constexpr std::size_t capacity = 4096;
  // [control] Room for so many more messages.
  bool has_room(std::size_t count) const;
  // [control] In the order sent; one thread at a time. There must be room.
  void post(std::unique_ptr<Message> message);
  // [control] Frees what the audio thread has let go; one thread at a time.
  void collect();

  // Messages sent so far, and those whose effect position() shows. [control]; any thread.
  std::uint64_t posted() const { return posted_.load(relaxed); }
  std::uint64_t shown() const { return shown_.load(std::memory_order_acquire); }

  // [audio] Fills both channels. Wait-free.
  void process(float *left, float *right, std::int32_t frames) noexcept ARRANGER_NONBLOCKING;

  // Any thread.
  Position position() const;
  float take_peak(int channel) { return peaks_[static_cast<std::size_t>(channel)].exchange(0, relaxed); }
  std::uint64_t blocks() const { return blocks_.load(relaxed); }
  std::size_t most_messages() const { return most_messages_.load(relaxed); }
  std::uint64_t lost_events() const { return lost_events_.load(relaxed); }
  std::uint64_t faults() const { return faults_.load(relaxed); }  // nodes that failed and are muted

 private:
  static constexpr auto relaxed = std::memory_order_relaxed;
  void take_messages();
  std::int32_t until_next_message(std::int32_t frames) const;
  void give_back(Message *message);
  void publish();
  void measure(const float *left, const float *right, std::int32_t frames);

  SessionRenderer renderer_;
  std::array<Message *, capacity> ring_{};
  alignas(64) std::atomic<std::uint64_t> posted_ = 0;
  alignas(64) std::atomic<std::uint64_t> taken_ = 0;
  std::atomic<Message *> returned_ = nullptr;
  std::vector<Message *> waiting_;  // [audio] for their frame, the earliest first

  // A sequence lock: odd while it is being written.
  std::atomic<std::uint32_t> version_ = 0;
  std::atomic<bool> playing_ = false;
  std::atomic<std::int64_t> steady_frame_ = 0, song_frame_ = 0, bar_ = 0;
  std::atomic<double> beat_ = 0, bpm_ = 120, bar_beat_ = 0;
  std::atomic<std::uint64_t> shown_ = 0;
  std::atomic<float> peaks_[2] = {0, 0};
  std::atomic<std::uint64_t> blocks_ = 0, lost_events_ = 0, faults_ = 0;
  std::atomic<std::size_t> most_messages_ = 0;
};

}  // namespace arranger
