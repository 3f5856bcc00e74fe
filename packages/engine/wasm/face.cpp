// SPDX-License-Identifier: MIT
// The WebAssembly face. It carries JSON between the module's host and ServerHandler and knows nothing of what is in it. The
// host calls everything on one thread, and may call again from within between_blocks (base/host.hpp).
#include <array>
#include <cstdlib>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "control/server_handler.hpp"
#include "device/host_device.hpp"

namespace {

using namespace arranger;

// Text or bytes that the host reads before it calls again.
struct View {
  const void *data = nullptr;
  std::uint32_t size = 0;
};

struct Module {
  std::unique_ptr<ServerHandler> handler;
  std::shared_ptr<EventQueue> events = std::make_shared<EventQueue>([] {});
  std::deque<std::string> waiting;  // events that were taken from the queue
  std::string text;                 // what the last view shows
  View view;
  std::array<std::vector<float>, 2> outputs;
  std::vector<std::byte> shared;

  const View *show(std::string shown) {
    text = std::move(shown);
    view = {text.data(), static_cast<std::uint32_t>(text.size())};
    return &view;
  }
};

Module &module() {
  static auto &only = *new Module;
  return only;
}

}  // namespace

#define ARRANGER_MODULE(name) extern "C" __attribute__((export_name(#name)))

// Memory for what the host passes.
ARRANGER_MODULE(arranger_allocate) void *arranger_allocate(std::size_t size) { return std::malloc(size); }
ARRANGER_MODULE(arranger_free) void arranger_free(void *memory) { std::free(memory); }

// Once. `host_rate`, in Hz, is that of a host which plays at no other; 0: it has none of its own. What is wrong with the
// numbers, or nothing.
ARRANGER_MODULE(arranger_create)
const View *arranger_create(std::int32_t sample_rate, std::int32_t block_size, std::int32_t host_rate) {
  AudioEngineConfig config{.takes_own_rate = sample_rate == 0};
  if (sample_rate != 0) config.sample_rate = sample_rate;
  else if (host_rate != 0) config.sample_rate = host_rate;
  if (block_size != 0) config.block_size = block_size;
  config.output_device = "none";
  if (const auto valid = ServerHandler::validate(config); !valid) return module().show(valid.error().message);
  set_host_rate(host_rate);
  module().handler = std::make_unique<ServerHandler>(config);
  module().handler->listen_through(module().events);
  return nullptr;
}

// The reply, in UTF-8.
ARRANGER_MODULE(arranger_handle) const View *arranger_handle(const char *request, std::size_t length) {
  return module().show(module().handler->handle({request, length}));
}

// Does what a thread would do beside playback; every 10 ms or so.
ARRANGER_MODULE(arranger_look) void arranger_look() { module().handler->look(); }

// The next push event, or null.
ARRANGER_MODULE(arranger_take_event) const View *arranger_take_event() {
  for (std::string &event : module().events->take()) module().waiting.push_back(std::move(event));
  if (module().waiting.empty()) return nullptr;
  std::string event = std::move(module().waiting.front());
  module().waiting.pop_front();
  return module().show(std::move(event));
}

// Two pointers, to the left and the right channel of the next so many frames. `late`: sound was lost since the last call.
ARRANGER_MODULE(arranger_process) float *const *arranger_process(std::int32_t frames, std::int32_t late) {
  static float *pointers[2];
  for (std::size_t channel : {0u, 1u}) {
    auto &output = module().outputs[channel];
    if (output.size() < static_cast<std::size_t>(frames)) output.resize(static_cast<std::size_t>(frames));
    pointers[channel] = output.data();
  }
  play_on_host({.left = pointers[0], .right = pointers[1], .frames = frames}, late != 0);
  return pointers;
}

// What plays, for a host that has no pace of its own: Hz and frames, or zeros while nothing is live.
ARRANGER_MODULE(arranger_sample_rate) std::int32_t arranger_sample_rate() { return host_pace().sample_rate; }
ARRANGER_MODULE(arranger_block_size) std::int32_t arranger_block_size() { return host_pace().block_size; }

// Memory of so many bytes that the engine writes into without being asked, or none for 0; null when it is too small.
ARRANGER_MODULE(arranger_share) void *arranger_share(std::size_t size) {
  std::vector<std::byte> memory(size);
  if (!module().handler->share_memory(memory)) return nullptr;
  module().shared = std::move(memory);
  return module().shared.data();
}
