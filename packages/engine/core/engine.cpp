// SPDX-License-Identifier: MIT
#include "engine.hpp"
#include "base/thread.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>

#include "base/format.hpp"

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

Result<Graph> Engine::graph_with_states() const {
  Graph out = graph();
  for (std::size_t i = 0; i < out.nodes.size(); ++i) {
    const auto instance = live_instance(out.nodes[i].id);
    if (!instance) continue;
    auto state = instance->save_state();
    if (!state) return fail(state.error().code, std::move(state.error().message), format("/nodes/{}", i));
    out.nodes[i].state = state->empty() ? nullptr : std::make_shared<const std::string>(std::move(*state));
  }
  return out;
}

Result<RenderSource> Engine::snapshot() const {
  const Model now = model();
  auto graph = graph_with_states();
  if (!graph) return fail(graph.error().code, std::move(graph.error().message));
  return RenderSource{std::make_shared<const Graph>(std::move(*graph)),
                      now.schedule,
                      now.bpm,
                      config().block_size,
                      config().threads,
                      config().sharing};
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
  if (!playing) return;
  // These end after the lock: plugins are destroyed with them.
  Player::Returned returned;
  std::shared_ptr<const Plan> crossing;
  std::shared_ptr<const ResolvedGraph> crossed;
  const std::lock_guard lock(mutex_);
  returned = playing->player().collect();
  crossing = playing->running.crossing;
  crossed = playing->running.crossed;
  playing->running.forget_crossing(playing->player().position().steady_frame);
}

void Engine::let_go() const {
  const auto leaves = [&] {
    const auto playing = live();
    const std::lock_guard lock(mutex_);
    return playing && playing->running.crossing != nullptr;
  };
  const auto limit = std::chrono::steady_clock::now() + std::chrono::milliseconds(250);
  for (collect(); leaves() && std::chrono::steady_clock::now() < limit; collect())
    sleep_for(std::chrono::milliseconds(1));
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
  Player::Returned returned;
  {
    const std::lock_guard lock(mutex_);
    Player &player = playing->player();
    returned = player.collect();
    if (!player.has_room(1)) return false;
    playing->send(message([exchange](SessionRenderer &renderer) noexcept {
      int asked = 0;
      if (!exchange->state.compare_exchange_strong(asked, 1)) return;
      exchange->question(renderer);
      exchange->state.store(2, std::memory_order_release);
    }));
  }
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  while (exchange->state.load(std::memory_order_acquire) != 2) {
    const bool hopeless = std::chrono::steady_clock::now() > limit || playing->device().state().stuck_ms > 0;
    int asked = 0;
    if (hopeless && exchange->state.compare_exchange_strong(asked, 3)) return false;
    sleep_for(std::chrono::microseconds(200));
  }
  return true;
}

Result<void> Engine::start_live() {
  if (live()) return {};
  const AudioEngineConfig wanted = config();
  auto device = Device::open(wish_of(wanted));
  if (!device) return fail(device.error().code, std::move(device.error().message));  // nothing in the request is wrong
  return play_on(std::move(*device), wanted);
}

Result<void> Engine::play_on(std::unique_ptr<Device> device, AudioEngineConfig config, const Reuse &reuse) {
  config.sample_rate = device->state().sample_rate;
  Model now = model();
  if (!reuse) {  // what is stuck is not asked for its state: it may hold the lock that it would need
    auto graph = graph_with_states();
    if (!graph) return std::unexpected(std::move(graph.error()));
    graph->bpm.reset();
    now.graph = std::make_shared<Graph>(std::move(*graph));
  }
  auto started = Live::start(std::move(device), config, now, position().beat, display_, reuse);
  if (!started) return fail(started.error().code, std::move(started.error().message));
  stop_live();
  {
    const std::lock_guard lock(mutex_);
    config_ = std::move(config);
    const std::lock_guard live_lock(live_mutex_);
    live_ = std::move(*started);
    asked_ = {};
  }
  if (when_live_) when_live_();
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
  std::vector<DeviceInfo> out = list_devices();
  const bool is_default = std::ranges::find(out, true, &DeviceInfo::is_default) == out.end();
  out.push_back({null_device_name, "clock", 2, 0, double(config().sample_rate), is_default});
  return out;
}

Result<DeviceState> Engine::open_device(const DeviceRequest &request) {
  AudioEngineConfig wanted = config();
  wanted.output_device = request.name;
  wanted.takes_own_rate = wanted.takes_own_rate && !request.sample_rate;
  wanted.sample_rate = request.sample_rate.value_or(wanted.sample_rate);
  wanted.block_size = request.block_size.value_or(wanted.block_size);
  wanted.input = request.input;
  // Some drivers give a device to one only, so who has it gives it back first.
  const auto playing = live();
  const bool is_same =
      playing && (request.name == default_device_name || request.name == playing->device().state().wanted);
  if (is_same) playing->device().set_released(true);
  Result<void> done;
  auto device = Device::open(wish_of(wanted));
  if (device) done = play_on(std::move(*device), wanted);
  else done = std::unexpected(std::move(device.error()));
  if (done) return live()->device().state();
  if (is_same) playing->device().set_released(false);
  return std::unexpected(std::move(done.error()));
}

}  // namespace arranger
