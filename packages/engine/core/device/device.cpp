// SPDX-License-Identifier: MIT
#include "device/device.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <future>
#include <mutex>

#include "base/thread.hpp"
#include "device/clock.hpp"
#include "device/portaudio.hpp"
#include "device/stream.hpp"

namespace arranger {
namespace {

using namespace std::chrono_literals;
using Time = std::chrono::steady_clock;
constexpr std::chrono::milliseconds look_period = 10ms, try_period = 500ms, detach_limit = 50ms, stuck_limit = 500ms,
                                    answer_limit = 3s;

}  // namespace

// What a device and its supervisor share. The supervisor makes no calls into the system's audio, so nothing blocks it.
class Device::Core {
 public:
  explicit Core(DeviceWish wish) : wish_(std::move(wish)) { state_.wanted = state_.name = null_device_name; }

  Result<void> open_clock();
  Result<void> open_stream();
  Result<void> open_lost(const std::string &reason);
  void supervise();
  void start(AudioFunction function, RestFunction rest);
  void wake() { rest_->wake(); }
  void set_released(bool released);
  void end();
  DeviceState state() const;
  DeviceStats stats() const;

 private:
  void connect(const std::shared_ptr<CallbackGate> &gate, const StreamInfo &info);
  void use_clock();
  void use_stream(std::unique_ptr<Stream> stream);
  void look();
  void lose(const std::string &reason);
  void try_again();

  DeviceWish wish_;
  const std::shared_ptr<Rest> rest_ = std::make_shared<Rest>();  // of its clocks
  // The supervisor's, once it runs; one of them calls.
  std::unique_ptr<Clock> clock_;
  std::unique_ptr<Stream> stream_;
  std::future<Result<std::unique_ptr<Stream>>> reopening_;
  Time::time_point next_try_ = Time::now();

  mutable std::mutex mutex_;  // guards what follows, held only briefly
  std::condition_variable changed_;
  bool ending_ = false, released_ = false;
  bool had_stream_ = false;  // when it was released
  std::shared_ptr<AudioCalls> calls_;
  std::shared_ptr<CallbackGate> gate_;  // of what calls
  DeviceState state_;
};

Result<void> Device::Core::open_clock() {
  auto clock = Clock::start(wish_.sample_rate, wish_.block_size, rest_);
  if (!clock) return std::unexpected(std::move(clock.error()));
  clock_ = std::move(*clock);
  connect(clock_->gate(), {null_device_name, wish_.sample_rate, wish_.block_size});
  return {};
}

Result<void> Device::Core::open_stream() {
  auto stream = Stream::open(wish_);
  if (!stream) return std::unexpected(std::move(stream.error()));
  // What plays from now on does so at this rate, so what is opened later has to.
  wish_.sample_rate = (*stream)->info().sample_rate;
  wish_.takes_own_rate = false;
  state_.wanted = (*stream)->info().name;
  use_stream(std::move(*stream));
  return {};
}

Result<void> Device::Core::open_lost(const std::string &reason) {
  if (auto opened = open_clock(); !opened) return opened;
  next_try_ = Time::now() + try_period;
  state_.wanted = wish_.name.value_or(default_device_name);
  state_.losses = 1;
  state_.reason = reason;
  return {};
}

void Device::Core::connect(const std::shared_ptr<CallbackGate> &gate, const StreamInfo &info) {
  const std::lock_guard lock(mutex_);
  gate_ = gate;
  state_.name = info.name;
  state_.sample_rate = info.sample_rate;
  state_.block_size = info.block_size;
  state_.input_channels = info.input_channels;
  state_.latency_ms = info.latency_ms;
  if (calls_ && !ending_) gate->attach(calls_);
}

void Device::Core::use_stream(std::unique_ptr<Stream> stream) {
  clock_.reset();
  stream_ = std::move(stream);
  connect(stream_->gate(), stream_->info());
}

// Where the system has no thread for it, the next look tries again.
void Device::Core::use_clock() {
  stream_.reset();
  (void)open_clock();
}

void Device::Core::supervise() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, look_period, [this] { return ending_; })) {
    lock.unlock();
    look();
    lock.lock();
  }
  lock.unlock();
  stream_.reset();
  clock_.reset();
}

// Never two callers at once: the one goes only when its call is out, and then the other comes.
void Device::Core::look() {
  bool released = false;
  {
    const std::lock_guard lock(mutex_);
    released = released_;
  }
  if (stream_ && released) {
    if (!stream_->gate()->detach(detach_limit)) return;
    stream_->close();
    use_clock();
  } else if (stream_) {
    if (const std::string reason = stream_->loss(); !reason.empty()) lose(reason);
  } else {
    if (!clock_) use_clock();
    if (!released) try_again();
  }
  changed_.notify_all();
}

void Device::Core::lose(const std::string &reason) {
  if (!stream_->gate()->detach(detach_limit)) return;  // stuck inside: the next look tries again
  use_clock();
  next_try_ = Time::now();
  const std::lock_guard lock(mutex_);
  ++state_.losses;
  state_.reason = reason;
}

// Opening may take long, so it has a thread of its own.
void Device::Core::try_again() {
  if (!reopening_.valid()) {
    if (Time::now() < next_try_) return;
    auto opening = std::make_shared<std::promise<Result<std::unique_ptr<Stream>>>>();
    std::thread thread = start_thread([opening, wish = wish_] { opening->set_value(Stream::open(wish)); });
    if (!thread.joinable()) return;
    reopening_ = opening->get_future();
    thread.detach();
  }
  if (reopening_.wait_for(0ms) != std::future_status::ready) return;
  auto stream = reopening_.get();
  next_try_ = Time::now() + try_period;
  if (!stream || (clock_ && !clock_->gate()->detach(detach_limit))) return;
  use_stream(std::move(*stream));
  const std::lock_guard lock(mutex_);
  if (state_.returns < state_.losses) ++state_.returns;
}

void Device::Core::start(AudioFunction function, RestFunction rest) {
  const std::lock_guard lock(mutex_);
  calls_ = std::make_shared<AudioCalls>(std::move(function), state_.sample_rate, std::move(rest));
  gate_->attach(calls_);
}

void Device::Core::set_released(bool released) {
  std::unique_lock lock(mutex_);
  if (released) had_stream_ = state_.name != null_device_name;
  released_ = released;
  if (!had_stream_) return;  // the clock has nothing to give back, and a lost device comes when it comes
  changed_.wait_for(lock, answer_limit, [&] { return (state_.name == null_device_name) == released; });
}

void Device::Core::end() {
  std::shared_ptr<CallbackGate> gate;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    gate = gate_;
  }
  changed_.notify_all();
  if (gate) gate->detach(100ms);
  const std::lock_guard lock(mutex_);
  calls_.reset();
}

DeviceState Device::Core::state() const {
  const std::lock_guard lock(mutex_);
  DeviceState out = state_;
  if (!gate_) return out;
  if (const std::int32_t frames = gate_->frames(); frames != 0) out.block_size = frames;  // a server may change it
  const auto inside = Time::now() - gate_->last_call();
  if (gate_->is_inside() && inside > stuck_limit)
    out.stuck_ms = std::chrono::duration<double, std::milli>(inside).count();
  return out;
}

DeviceStats Device::Core::stats() const {
  const std::lock_guard lock(mutex_);
  return calls_ ? calls_->stats() : DeviceStats{};
}

namespace {

// Until when engines need not look for a default device again.
std::atomic<Time::rep> no_default_until = 0;

bool wants_clock(const DeviceWish &wish) {
  if (wish.name) return *wish.name == null_device_name;
  return !has_audio_library() || Time::now().time_since_epoch().count() < no_default_until;
}

}  // namespace

Result<std::unique_ptr<Device>> Device::open(const DeviceWish &asked) {
  DeviceWish wish = asked;
  if (!wish.name)
    if (const char *given = std::getenv("ARRANGER_OUTPUT_DEVICE")) wish.name = given;
  std::unique_ptr<Device> device(new Device(std::make_shared<Core>(wish)));
  Core &core = *device->core_;
  if (!wants_clock(wish)) {
    auto opened = core.open_stream();
    if (!opened && wish.name) return std::unexpected(std::move(opened.error()));
    if (opened) return supervised(std::move(device));
    no_default_until = (Time::now() + 2s).time_since_epoch().count();
  }
  if (auto opened = core.open_clock(); !opened) return std::unexpected(std::move(opened.error()));
  return device;
}

Result<std::unique_ptr<Device>> Device::open_lost(const DeviceWish &wish, const std::string &reason) {
  std::unique_ptr<Device> device(new Device(std::make_shared<Core>(wish)));
  if (auto opened = device->core_->open_lost(reason); !opened) return std::unexpected(std::move(opened.error()));
  return supervised(std::move(device));
}

Result<std::unique_ptr<Device>> Device::supervised(std::unique_ptr<Device> device) {
  std::thread thread = start_thread([shared = device->core_] { shared->supervise(); });
  if (!thread.joinable()) return fail(Code::device_unavailable, "Expected a thread from the system but it gave none");
  thread.detach();
  return device;
}

Device::~Device() { core_->end(); }

void Device::start(AudioFunction function, RestFunction rest) { core_->start(std::move(function), std::move(rest)); }
void Device::wake() { core_->wake(); }
void Device::set_released(bool released) { core_->set_released(released); }
DeviceState Device::state() const { return core_->state(); }
DeviceStats Device::stats() const { return core_->stats(); }

std::vector<DeviceInfo> list_devices() {
  const auto answer = std::make_shared<std::promise<std::vector<DeviceInfo>>>();
  auto devices = answer->get_future();
  stay_loaded();
  std::thread thread = start_thread([answer] { answer->set_value(system_devices()); });
  if (!thread.joinable()) return {};
  thread.detach();
  return devices.wait_for(answer_limit) == std::future_status::ready ? devices.get() : std::vector<DeviceInfo>{};
}

}  // namespace arranger
