// SPDX-License-Identifier: MIT
#include "render/player.hpp"

#include <algorithm>
#include <cmath>

namespace arranger {

Player::Player(SessionRenderer renderer) : renderer_(std::move(renderer)) {
  waiting_.reserve(capacity);
  publish();
}

Player::~Player() {
  collect();
  for (Message *message : waiting_) delete message;
  for (std::uint64_t i = taken_; i < posted_; ++i) delete ring_[i % capacity];
}

bool Player::has_room(std::size_t count) const {
  return posted_.load(relaxed) - taken_.load(std::memory_order_acquire) + count <= capacity;
}

void Player::post(std::unique_ptr<Message> message) {
  const std::uint64_t place = posted_.load(relaxed);
  ring_[place % capacity] = message.release();
  posted_.store(place + 1, std::memory_order_release);
}

void Player::collect() {
  for (Message *message = returned_.exchange(nullptr, std::memory_order_acquire); message;) {
    Message *next = message->next_;
    delete message;
    message = next;
  }
}

// Only the control thread takes from the list, all at once, so this is tried again at most as often as it does.
void Player::give_back(Message *message) {
  message->next_ = returned_.load(relaxed);
  while (!returned_.compare_exchange_weak(message->next_, message, std::memory_order_release, relaxed)) {
  }
}

void Player::take_messages() {
  const std::int64_t now = renderer_.position().steady_frame;
  const auto due = [now](const Message *message) { return message->at_frame <= now; };
  std::size_t ready = 0;
  while (ready < waiting_.size() && due(waiting_[ready])) {
    waiting_[ready]->apply(renderer_);
    give_back(waiting_[ready++]);
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(ready));

  const std::uint64_t end = posted_.load(std::memory_order_acquire);
  std::uint64_t place = taken_.load(relaxed);
  most_messages_.store(std::max(most_messages_.load(relaxed), static_cast<std::size_t>(end - place)), relaxed);
  for (; place < end; ++place) {
    Message *message = ring_[place % capacity];
    if (due(message) || waiting_.size() == waiting_.capacity()) {
      message->apply(renderer_);
      give_back(message);
    } else {
      const auto at = std::ranges::upper_bound(waiting_, message->at_frame, {}, &Message::at_frame);
      waiting_.insert(at, message);
    }
  }
  taken_.store(place, std::memory_order_release);
}

std::int32_t Player::until_next_message(std::int32_t frames) const {
  if (waiting_.empty()) return frames;
  const std::int64_t left = waiting_.front()->at_frame - renderer_.position().steady_frame;
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(left, 1, frames));
}

void Player::process(float *left, float *right, std::int32_t frames) noexcept ARRANGER_NONBLOCKING {
  const RealTimeScope scope;
  for (std::int32_t done = 0; done < frames;) {
    take_messages();
    const std::int32_t count = until_next_message(frames - done);
    renderer_.render(left + done, right + done, count);
    done += count;
  }
  measure(left, right, frames);
  publish();
}

void Player::measure(const float *left, const float *right, std::int32_t frames) {
  for (const auto &[samples, peak] : {std::pair(left, &peaks_[0]), std::pair(right, &peaks_[1])}) {
    float most = peak->load(relaxed);
    for (std::int32_t i = 0; i < frames; ++i) most = std::max(most, std::fabs(samples[i]));
    peak->store(most, relaxed);
  }
}

void Player::publish() {
  const Position now = renderer_.position();
  const std::uint32_t version = version_.load(relaxed);
  version_.store(version + 1, relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  playing_.store(now.playing, relaxed);
  steady_frame_.store(now.steady_frame, relaxed);
  song_frame_.store(now.song_frame, relaxed);
  beat_.store(now.beat, relaxed);
  bpm_.store(now.bpm, relaxed);
  bar_.store(now.bar, relaxed);
  bar_beat_.store(now.bar_beat, relaxed);
  version_.store(version + 2, std::memory_order_release);
  shown_.store(taken_.load(relaxed), std::memory_order_release);
  blocks_.store(blocks_.load(relaxed) + 1, relaxed);
  lost_events_.store(renderer_.lost_events(), relaxed);
  if (blocks_.load(relaxed) % 64 == 0) faults_.store(renderer_.plan().fault_count(), relaxed);
}

Position Player::position() const {
  while (true) {
    const std::uint32_t before = version_.load(std::memory_order_acquire);
    Position out;
    out.playing = playing_.load(relaxed);
    out.steady_frame = steady_frame_.load(relaxed);
    out.song_frame = song_frame_.load(relaxed);
    out.beat = beat_.load(relaxed);
    out.bpm = bpm_.load(relaxed);
    out.bar = bar_.load(relaxed);
    out.bar_beat = bar_beat_.load(relaxed);
    std::atomic_thread_fence(std::memory_order_acquire);
    if (before % 2 == 0 && version_.load(relaxed) == before) return out;
  }
}

}  // namespace arranger
