// SPDX-License-Identifier: MIT
#include "render/player.hpp"

#include <algorithm>

namespace arranger {

namespace {

// About how often the nodes that failed are counted: a fault is told within a third of a second.
constexpr std::int64_t fault_look_frames = 8192;

// Of the time in which a block plays: the other half is for the rest of the graph.
std::chrono::nanoseconds half_of(std::int32_t frames, double sample_rate) {
  return std::chrono::nanoseconds(static_cast<std::int64_t>(frames * 0.5e9 / sample_rate));
}

}  // namespace

Player::Player(SessionRenderer renderer, DisplayWriter display)
    : renderer_(std::move(renderer)), display_(std::move(display)) {
  waiting_.reserve(capacity);
  publish({renderer_.position()});
}

Player::~Player() {
  display_.rest(renderer_.position());
  collect().reset();
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

Player::Returned Player::collect() { return Returned(returned_.exchange(nullptr, std::memory_order_acquire)); }

void Player::FreeAll::operator()(Returnable *first) const {
  while (first) {
    Returnable *next = first->next_returned;
    delete first;
    first = next;
  }
}

// Only the control thread takes from the list, all at once, so this is tried again at most as often as it does.
void Player::give_back(Returnable *done) {
  done->next_returned = returned_.load(relaxed);
  while (!returned_.compare_exchange_weak(done->next_returned, done, std::memory_order_release, relaxed)) {
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
  most_waiting_.store(std::max(most_waiting_.load(relaxed), waiting_.size()), relaxed);
  taken_.store(place, std::memory_order_release);
}

std::int32_t Player::until_next_message(std::int32_t frames) const {
  if (waiting_.empty()) return frames;
  const std::int64_t left = waiting_.front()->at_frame - renderer_.position().steady_frame;
  return static_cast<std::int32_t>(std::min<std::int64_t>(std::max<std::int64_t>(left, 1), frames));
}

void Player::process(const AudioBlock &block) noexcept ARRANGER_NONBLOCKING {
  const auto began = std::chrono::steady_clock::now();
  renderer_.set_inputs(block.inputs, block.input_channels);
  renderer_.set_limit({blocks_.load(relaxed) + 1, began + half_of(block.frames, renderer_.sample_rate())});
  std::int32_t done = 0;
  do {
    if (!block.is_past) take_messages();
    const std::int32_t count = until_next_message(block.frames - done);
    renderer_.render(block.left + done, block.right + done, count);
    done += count;
  } while (done < block.frames);
  renderer_.end_block();
  while (Returnable *returned = renderer_.take_returned()) give_back(returned);
  const Levels levels = measure(block.left, block.right, block.frames);
  meter_.add(levels);
  display_.show(renderer_.position(), levels, block.left, block.right);
  rest_.store(waiting_.empty() ? renderer_.rest_frames() : 0, relaxed);
  publish({renderer_.position(), began, block.frames});
}

void Player::publish(Moment moment) {
  const Position &now = moment.position;
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
  began_.store(moment.began.time_since_epoch().count(), relaxed);
  frames_.store(moment.frames, relaxed);
  version_.store(version + 2, std::memory_order_release);
  shown_.store(taken_.load(relaxed), std::memory_order_release);
  blocks_.store(blocks_.load(relaxed) + 1, relaxed);
  threads_.store(renderer_.plan().threads(), relaxed);
  lost_events_.store(renderer_.lost_events(), relaxed);
  if (now.steady_frame - counted_faults_ < fault_look_frames) return;
  counted_faults_ = now.steady_frame;
  faults_.store(renderer_.plan().fault_count(), relaxed);
}

Moment Player::moment() const {
  using Clock = std::chrono::steady_clock;
  while (true) {
    const std::uint32_t before = version_.load(std::memory_order_acquire);
    Moment moment;
    Position &out = moment.position;
    out.playing = playing_.load(relaxed);
    out.steady_frame = steady_frame_.load(relaxed);
    out.song_frame = song_frame_.load(relaxed);
    out.beat = beat_.load(relaxed);
    out.bpm = bpm_.load(relaxed);
    out.bar = bar_.load(relaxed);
    out.bar_beat = bar_beat_.load(relaxed);
    moment.began = Clock::time_point(Clock::duration(began_.load(relaxed)));
    moment.frames = frames_.load(relaxed);
    const std::int32_t rest = rest_.load(relaxed);
    std::atomic_thread_fence(std::memory_order_acquire);
    if (before % 2 != 0 || version_.load(relaxed) != before) continue;
    if (rest > 0 && moment.frames > 0) out.steady_frame += rested(moment, Clock::now(), rest);
    return moment;
  }
}

// Whole blocks that have gone by while the device rests. It will play them before it takes what is sent now.
std::int64_t Player::rested(const Moment &moment, std::chrono::steady_clock::time_point now, std::int32_t most) const {
  const double passed = std::chrono::duration<double>(now - moment.began).count() * renderer_.sample_rate();
  const auto frames = static_cast<std::int64_t>(std::clamp(passed - moment.frames, 0.0, static_cast<double>(most)));
  return frames / moment.frames * moment.frames;
}

}  // namespace arranger
