// SPDX-License-Identifier: MIT
#include "engine.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "base/format.hpp"
#include "base/nearest.hpp"

namespace arranger {

// A device that was abandoned may still hold a player: it must not write into memory that the client takes back.
Engine::~Engine() {
  stop_live();
  (void)display_->attach({}, {}, 0);
}

Model Engine::model() const {
  const std::lock_guard lock(mutex_);
  return model_;
}

Graph Engine::graph() const {
  const Model now = model();
  Graph out = *now.graph;
  out.bpm = now.bpm;
  return out;
}

AudioEngineConfig Engine::config() const {
  const std::lock_guard lock(mutex_);
  return config_;
}

RenderSource Engine::snapshot() const {
  const Model now = model();
  return {now.graph, now.schedule, now.bpm, config().block_size};
}

std::shared_ptr<Live> Engine::live() const {
  const std::lock_guard lock(live_mutex_);
  return live_;
}

Position Engine::position() const {
  const auto playing = live();
  if (!playing) {
    std::unique_lock lock(mutex_);
    const double beat = resting_beat_;
    lock.unlock();
    return resting_position(model(), beat, false);
  }
  Position out = asked_position(*playing);
  if (out.bpm != 0) return out;
  const std::int64_t steady_frame = out.steady_frame;
  out = resting_position(model(), out.beat, out.playing);
  out.steady_frame = steady_frame;
  return out;
}

// The audio thread's position, with what was asked of it since; bpm 0 where that has put the playhead elsewhere.
Position Engine::asked_position(const Live &playing) const {
  Asked asked;
  {
    const std::lock_guard lock(live_mutex_);
    asked = asked_;
  }
  const bool is_done = playing.player().shown() >= asked.message;
  Position out = playing.player().position();
  if (is_done) return out;
  out.beat = asked.beat.value_or(out.beat);
  out.playing = asked.playing.value_or(out.playing);
  out.bpm = 0;
  return out;
}

void Engine::collect() const {
  const auto playing = live();
  const std::lock_guard lock(mutex_);
  if (playing) playing->player().collect();
}

Position Engine::resting_position(const Model &now, double beat, bool playing) const {
  const TempoMap tempo = tempo_map(*now.schedule, config().sample_rate, now.bpm);
  const BarPosition bar = signature_map(*now.schedule).at(beat);
  Position out;
  out.playing = playing;
  out.beat = beat;
  out.song_frame = tempo.frame(beat);
  out.bpm = tempo.bpm(beat);
  out.bar = bar.bar;
  out.bar_beat = bar.bar_beat;
  return out;
}

bool Engine::ask(std::function<void(SessionRenderer &)> question) const {
  const auto playing = live();
  if (!playing) return false;
  // Shared, so that an answer that comes too late still finds its place.
  struct Exchange {
    std::function<void(SessionRenderer &)> question;
    std::atomic<int> state = 0;  // 0: asked, 1: being answered, 2: answered, 3: given up
  };
  auto exchange = std::make_shared<Exchange>();
  exchange->question = std::move(question);
  {
    const std::lock_guard lock(mutex_);
    Player &player = playing->player();
    player.collect();
    if (!player.has_room(1)) return false;
    player.post(message([exchange](SessionRenderer &renderer) noexcept {
      int asked = 0;
      if (!exchange->state.compare_exchange_strong(asked, 1)) return;
      exchange->question(renderer);
      exchange->state.store(2, std::memory_order_release);
    }));
  }
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  while (exchange->state.load(std::memory_order_acquire) != 2) {
    int asked = 0;
    if (std::chrono::steady_clock::now() > limit && exchange->state.compare_exchange_strong(asked, 3)) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  return true;
}

Result<void> Engine::start_live() {
  if (live()) return {};
  auto started = Live::start(config(), model(), position().beat, display_);
  if (!started)
    return fail(started.error().code, std::move(started.error().message));  // nothing in the request is wrong
  const std::lock_guard lock(live_mutex_);
  live_ = std::move(*started);
  asked_ = {};
  return {};
}

void Engine::stop_live() {
  const auto playing = live();
  if (!playing) return;
  const double beat = position().beat;
  const std::lock_guard lock(mutex_);
  resting_beat_ = beat;
  notes_.clear();
  const std::lock_guard live_lock(live_mutex_);
  live_.reset();
}

Result<void> Engine::show_on(std::span<std::byte> memory) {
  return display_->attach(memory, position(), config().sample_rate);
}

std::vector<DeviceInfo> Engine::devices() const {
  DeviceInfo none{null_device_name, "clock", 2, 0, 0, true};
  none.default_sample_rate = config().sample_rate;
  return {none};
}

Result<void> Engine::open_device(std::string_view name, std::optional<std::int32_t> sample_rate,
                                 std::optional<std::int32_t> block_size) {
  std::vector<std::string> known;
  for (const DeviceInfo &device : devices()) known.push_back(device.name);
  if (std::ranges::find(known, name) == known.end())
    return fail(Code::device_unavailable, format("No device '{}'{}", name, nearest_hint(name, known)), "/name");
  const AudioEngineConfig before = config();
  AudioEngineConfig wanted = before;
  wanted.sample_rate = sample_rate.value_or(wanted.sample_rate);
  wanted.block_size = block_size.value_or(wanted.block_size);
  wanted.output_device = name;
  const double beat = position().beat;
  auto started = Live::start(wanted, model(), beat, display_);
  if (!started)
    return fail(started.error().code, std::move(started.error().message), sample_rate ? "/sample_rate" : "");
  stop_live();
  {
    const std::lock_guard lock(mutex_);
    config_ = wanted;
  }
  const std::lock_guard lock(live_mutex_);
  live_ = std::move(*started);
  asked_ = {};
  return {};
}

}  // namespace arranger
