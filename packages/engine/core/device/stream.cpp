// SPDX-License-Identifier: MIT
#include "device/stream.hpp"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <future>
#include <vector>

#include "base/format.hpp"
#include "base/survive.hpp"
#include "base/thread.hpp"
#include "device/portaudio.hpp"

namespace arranger {

#if defined(ARRANGER_HAS_PORTAUDIO)
namespace {

using namespace std::chrono_literals;
constexpr std::chrono::milliseconds open_limit = 5s, first_call_limit = 2s, close_limit = 2s, look_period = 10ms,
                                    silence_limit = 500ms;

// Streams that are about to close. Who opens the next waits a moment for them, since a device may be only one's at a time;
// so does a process that ends.
struct Closing {
  std::mutex mutex;
  std::condition_variable changed;
  int count = 0;
  void add(int change) {
    const std::lock_guard lock(mutex);
    count += change;
    changed.notify_all();
  }
  void wait(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, limit, [this] { return count == 0; });
  }
};
Closing &closing() {
  static Closing &all = *new Closing;  // threads that were left behind may come to it at any time
  return all;
}
struct AtExit {
  ~AtExit() { closing().wait(500ms); }
} const at_exit;

}  // namespace

class Stream::Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(const DeviceWish &wish) : wish_(wish) {}

  void run();
  Result<void> wait_until_open();
  void end();
  bool wait_until_closed(std::chrono::milliseconds limit) {
    return closed_.wait_for(limit) == std::future_status::ready;
  }

  StreamInfo info;
  const std::shared_ptr<CallbackGate> gate = std::make_shared<CallbackGate>();
  std::atomic<bool> is_active = true;

 private:
  Result<void> open();
  Result<void> open_at(double sample_rate, const PaStreamParameters *input, const PaStreamParameters &output);
  Result<void> wait_for_first_call();
  void serve();
  void close();
  static int call(const void *input, void *output, unsigned long frames, const PaStreamCallbackTimeInfo *,
                  PaStreamCallbackFlags flags, void *session);
  void call_mono(AudioBlock block, float *output, bool late);

  const DeviceWish wish_;
  std::unique_ptr<PortAudio> audio_;
  PaStream *stream_ = nullptr;
  std::int32_t output_channels_ = 0;
  std::vector<float> left_, right_;  // of a device with one channel
  SignalStack signal_stack_;         // of the thread that calls
  std::promise<Result<void>> opening_;
  std::promise<void> closing_;
  std::future<void> closed_ = closing_.get_future();
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false, ended_ = false;
};

void Stream::Session::run() {
  auto opened = open();
  if (opened) {
    opening_.set_value({});
    serve();
    close();
  } else {
    close();  // before anybody tries again
    opening_.set_value(std::move(opened));
  }
  closing_.set_value();
  const std::lock_guard lock(mutex_);
  ended_ = true;
  if (ending_) closing().add(-1);
}

void Stream::Session::serve() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, look_period, [this] { return ending_; })) {
    lock.unlock();
    if (audio_->is_stream_active(stream_) != 1) is_active = false;
    lock.lock();
  }
}

void Stream::Session::end() {
  const std::lock_guard lock(mutex_);
  if (ending_ || ended_) return;
  ending_ = true;
  closing().add(1);
  changed_.notify_all();
}

Result<void> Stream::Session::wait_until_open() {
  auto opened = opening_.get_future();
  if (opened.wait_for(open_limit) == std::future_status::ready) return opened.get();
  return fail(Code::device_unavailable, "The system's audio did not answer within 5 seconds");
}

Result<void> Stream::Session::open() {
  closing().wait(1s);
  auto audio = PortAudio::initialise();
  if (!audio) return std::unexpected(std::move(audio.error()));
  audio_ = std::move(*audio);
  const auto found = audio_->find(wish_.name.value_or(default_device_name));
  if (!found) return std::unexpected(found.error());
  const PaDeviceInfo &device = *audio_->device_info(found->index);
  info.name = found->info.name;
  output_channels_ = std::min(2, device.maxOutputChannels);
  // Half a block of the engine's size may be late without a gap; less than the driver thinks it can do is asked of none.
  const double latency = std::max(device.defaultLowOutputLatency, 2.0 * wish_.block_size / wish_.sample_rate);
  constexpr PaSampleFormat planar = paFloat32 | paNonInterleaved;
  const PaStreamParameters output{found->index, output_channels_, planar, latency, nullptr};
  PaStreamParameters input{found->index, 0, planar, latency, nullptr};
  if (wish_.input) {
    if (device.maxInputChannels == 0) input.device = audio_->host_api_info(device.hostApi)->defaultInputDevice;
    if (input.device == paNoDevice)
      return fail(Code::device_unavailable, format("Expected an input for '{}' but there is none", info.name),
                  "/input");
    input.channelCount = info.input_channels = std::min(2, audio_->device_info(input.device)->maxInputChannels);
  }
  if (output_channels_ == 1) left_.resize(4096), right_.resize(4096);
  auto opened = open_at(wish_.sample_rate, wish_.input ? &input : nullptr, output);
  if (!opened && !stream_ && is_active && wish_.takes_own_rate && device.defaultSampleRate != wish_.sample_rate)
    opened = open_at(device.defaultSampleRate, wish_.input ? &input : nullptr, output);
  return opened;
}

Result<void> Stream::Session::open_at(double sample_rate, const PaStreamParameters *input,
                                      const PaStreamParameters &output) {
  PaStream *stream = nullptr;
  // As many frames at a time as the driver likes: another number would go through a buffer that makes it later, and on
  // JACK it would come in uneven pieces.
  PaError error = paNoError;
  const int signal = survive([&] {
    error =
        audio_->open_stream(&stream, input, &output, sample_rate, paFramesPerBufferUnspecified, paNoFlag, call, this);
    if (error == paNoError) error = audio_->start_stream(stream);
  });
  stream_ = stream;
  if (signal != 0) {
    is_active = false;
    return fail(Code::device_unavailable, format("'{}' ended while it was opened", info.name));
  }
  if (error == paInvalidSampleRate)
    return fail(Code::device_unavailable,
                format("'{}' does not run at {} Hz; its own rate is {} Hz", info.name, sample_rate,
                       audio_->device_info(output.device)->defaultSampleRate),
                "/sample_rate");
  if (error != paNoError)
    return fail(Code::device_unavailable, format("'{}' could not be opened: {}", info.name, audio_->error_text(error)));
  const PaStreamInfo &opened = *audio_->stream_info(stream_);
  info.sample_rate = static_cast<std::int32_t>(std::lround(opened.sampleRate));
  info.latency_ms = opened.outputLatency * 1000;
  return wait_for_first_call();
}

Result<void> Stream::Session::wait_for_first_call() {
  const auto limit = std::chrono::steady_clock::now() + first_call_limit;
  while (gate->frames() == 0) {
    if (std::chrono::steady_clock::now() > limit) {
      is_active = false;
      return fail(Code::device_unavailable, format("'{}' was opened but asks for no sound", info.name));
    }
    std::this_thread::sleep_for(1ms);
  }
  info.block_size = gate->frames();
  // Not every driver knows: what is asked for now is heard a block later at the earliest.
  info.latency_ms = std::max(info.latency_ms, 1000.0 * info.block_size / info.sample_rate);
  return {};
}

// To stop, abort or close a dead stream can take minutes and end in an abort: it is left as it is, with its library.
void Stream::Session::close() {
  if (is_active && stream_)
    is_active = survive([this] {
                  audio_->abort_stream(stream_);
                  audio_->close_stream(stream_);
                }) == 0;
  if (is_active) {
    audio_.reset();
  } else {
    new std::shared_ptr(shared_from_this());  // it may still call
    (void)audio_.release();
  }
}

int Stream::Session::call(const void *input, void *output, unsigned long frames, const PaStreamCallbackTimeInfo *,
                          PaStreamCallbackFlags flags, void *session) {
  auto &self = *static_cast<Session *>(session);
  if (self.gate->frames() == 0) self.signal_stack_.use();  // the first call, in which silence is played
  auto *const *outputs = static_cast<float *const *>(output);
  const bool late = (flags & paOutputUnderflow) != 0;
  AudioBlock block{.inputs = static_cast<const float *const *>(input),
                   .input_channels = input ? self.info.input_channels : 0,
                   .left = outputs[0],
                   .right = outputs[0],
                   .frames = static_cast<std::int32_t>(frames)};
  if (self.output_channels_ == 1) {
    self.call_mono(block, outputs[0], late);
  } else {
    block.right = outputs[1];
    self.gate->call(block, late);
  }
  return paContinue;
}

// One channel has the average of both.
void Stream::Session::call_mono(AudioBlock block, float *output, bool late) {
  const std::int32_t frames = block.frames;
  const float *inputs[2] = {};
  for (std::int32_t i = 0; i < block.input_channels; ++i) inputs[i] = block.inputs[i];
  block.inputs = inputs;
  for (std::int32_t done = 0; done < frames; done += block.frames, late = false) {
    block.frames = std::min(frames - done, static_cast<std::int32_t>(left_.size()));
    block.left = left_.data();
    block.right = right_.data();
    gate->call(block, late);
    for (std::int32_t i = 0; i < block.frames; ++i)
      output[done + i] = 0.5f * (left_[std::size_t(i)] + right_[std::size_t(i)]);
    for (const float *&channel : inputs) channel = channel ? channel + block.frames : nullptr;
  }
}

Result<std::unique_ptr<Stream>> Stream::open(const DeviceWish &wish) {
  auto session = std::make_shared<Session>(wish);
  stay_loaded();
  std::thread thread = start_thread([session] { session->run(); });
  if (!thread.joinable()) return fail(Code::device_unavailable, "Expected a thread from the system but it gave none");
  thread.detach();
  std::unique_ptr<Stream> stream(new Stream(session));
  if (auto opened = session->wait_until_open(); !opened) return std::unexpected(std::move(opened.error()));
  return stream;
}

Stream::~Stream() {
  session_->gate->detach(std::chrono::milliseconds(100));
  session_->end();
}

void Stream::close() {
  session_->gate->detach(std::chrono::milliseconds(100));
  session_->end();
  session_->wait_until_closed(close_limit);
}

const StreamInfo &Stream::info() const { return session_->info; }
const std::shared_ptr<CallbackGate> &Stream::gate() const { return session_->gate; }

// PortAudio itself says little: a server that hangs is found by its silence.
std::string Stream::loss() const {
  if (!session_->is_active) return "The system ended it";
  const CallbackGate &gate = *session_->gate;
  const auto block = std::chrono::duration<double>(double(info().block_size) / info().sample_rate);
  const auto limit = std::max<std::chrono::duration<double>>(silence_limit, 10 * block);
  if (gate.is_inside() || CallbackGate::Clock::now() - gate.last_call() < limit) return {};
  session_->is_active = false;
  return "It asked for no sound for too long";
}

#else

class Stream::Session {};

Result<std::unique_ptr<Stream>> Stream::open(const DeviceWish &) {
  return fail(Code::device_unavailable, "This build of the engine opens no devices");
}

#endif

}  // namespace arranger
