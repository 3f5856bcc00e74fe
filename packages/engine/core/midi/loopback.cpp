// SPDX-License-Identifier: MIT
#include "midi/loopback.hpp"

#include <algorithm>

#include "base/thread.hpp"

namespace arranger {
namespace {

struct Listener {
  Mutex mutex;  // held while the receiver runs
  MidiReceiver receiver;
};

struct Listeners {
  Mutex mutex;
  std::vector<std::shared_ptr<Listener>> all;
};

Listeners &listeners() {
  static Listeners *const only = new Listeners;  // outlives whoever is still open when the process ends
  return *only;
}

class LoopbackInput final : public MidiInput {
 public:
  explicit LoopbackInput(MidiReceiver receiver) {
    listener_->receiver = std::move(receiver);
    const std::lock_guard lock(listeners().mutex);
    listeners().all.push_back(listener_);
  }
  ~LoopbackInput() override {
    {
      const std::lock_guard lock(listeners().mutex);
      std::erase(listeners().all, listener_);
    }
    const std::lock_guard lock(listener_->mutex);
    listener_->receiver = {};
  }
  bool is_connected() override { return true; }
  std::uint64_t overflows() const override { return 0; }

 private:
  const std::shared_ptr<Listener> listener_ = std::make_shared<Listener>();
};

class LoopbackOutput final : public MidiOutput {
 public:
  bool is_connected() override { return true; }
  Result<void> send(std::span<const std::uint8_t> message) override {
    const auto now = std::chrono::steady_clock::now();
    std::unique_lock lock(listeners().mutex);
    const auto all = listeners().all;
    lock.unlock();
    for (const auto &listener : all) {
      const std::lock_guard receiving(listener->mutex);
      if (listener->receiver) listener->receiver(message, now);
    }
    return {};
  }
};

}  // namespace

std::unique_ptr<MidiInput> open_loopback_input(MidiReceiver receiver) {
  return std::make_unique<LoopbackInput>(std::move(receiver));
}

std::unique_ptr<MidiOutput> open_loopback_output() { return std::make_unique<LoopbackOutput>(); }

}  // namespace arranger
