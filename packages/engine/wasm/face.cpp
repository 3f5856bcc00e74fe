// SPDX-License-Identifier: MIT
// The WebAssembly face. It carries JSON between the module's host and ServerHandler and knows nothing of what is in it. The
// host calls everything on one thread, and may call again from within between_blocks (base/host.hpp).
#include <array>
#include <cstdlib>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/host.hpp"
#include "control/server_handler.hpp"
#include "device/host_device.hpp"

namespace {

using namespace arranger;

// What the host reads before it calls again.
struct View {
  const void *data = nullptr;
  std::uint32_t size = 0;
  std::uint32_t tag = 0;  // of the request that a reply is for
};

struct Reply {
  std::uint32_t tag;
  std::string text;
};

struct Module {
  std::unique_ptr<ServerHandler> handler;
  std::unique_ptr<Client> client;
  std::shared_ptr<EventQueue> events = std::make_shared<EventQueue>([] {});
  std::deque<Reply> replies;
  std::deque<std::string> taken_events;
  std::string text;  // what the last view shows
  View view;
  std::array<std::vector<float>, 2> outputs;
  std::array<float *, 2> output_pointers;
  std::vector<std::byte> shared;

  const View *show(std::string shown, std::uint32_t tag = 0) {
    text = std::move(shown);
    view = {text.data(), static_cast<std::uint32_t>(text.size()), tag};
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

// Makes the engine, once. 0 leaves a number as the engine has it. `host_rate`, in Hz, is that of a host which plays at no
// other; 0: it has none of its own. Null, or what is wrong: the code and the message, a line each.
ARRANGER_MODULE(arranger_create)
const View *arranger_create(std::int32_t sample_rate, std::int32_t block_size, const char *device, std::size_t length,
                            std::int32_t host_rate) {
  AudioEngineConfig config{.takes_own_rate = sample_rate == 0};
  if (sample_rate != 0) config.sample_rate = sample_rate;
  else if (host_rate != 0) config.sample_rate = host_rate;
  if (block_size != 0) config.block_size = block_size;
  config.output_device = length == 0 ? std::string(null_device_name) : std::string(device, length);
  if (const auto valid = ServerHandler::validate(config); !valid)
    return module().show(std::string(info(valid.error().code).name) + "\n" + valid.error().message);
  set_host_rate(host_rate);
  Face face{.features = {"display"}};
  if (host::arranger_host_has_files()) face.features.push_back("files");
  module().handler = std::make_unique<ServerHandler>(config, std::move(face));
  module().client = module().handler->connect(ReplyOrder::as_ready);
  module().client->listen_through(module().events);
  return nullptr;
}

// Takes a request, in UTF-8. Its reply waits in take_reply at once, or when run_job has done what it left.
ARRANGER_MODULE(arranger_handle)
void arranger_handle(const char *request, std::size_t length, std::uint32_t tag) {
  module().client->ask({request, length},
                       [tag](std::string reply) { module().replies.push_back({tag, std::move(reply)}); });
}

// Does one of the jobs that requests have left; 0 when there was none.
ARRANGER_MODULE(arranger_run_job) std::int32_t arranger_run_job() { return module().handler->run_job() ? 1 : 0; }

// The next reply, or null.
ARRANGER_MODULE(arranger_take_reply) const View *arranger_take_reply() {
  if (module().replies.empty()) return nullptr;
  Reply reply = std::move(module().replies.front());
  module().replies.pop_front();
  return module().show(std::move(reply.text), reply.tag);
}

// The next push event, or null.
ARRANGER_MODULE(arranger_take_event) const View *arranger_take_event() {
  auto &events = module().taken_events;
  if (events.empty()) events = module().events->take();
  if (events.empty()) return nullptr;
  std::string event = std::move(events.front());
  events.pop_front();
  return module().show(std::move(event));
}

// Does what is due beside playback; every 10 ms or so.
ARRANGER_MODULE(arranger_look) void arranger_look() { module().handler->look(); }

// Two pointers, to the left and the right channel of the next so many frames. `late`: sound was lost since the last call.
ARRANGER_MODULE(arranger_process) float *const *arranger_process(std::int32_t frames, std::int32_t late) {
  for (const std::size_t channel : {0u, 1u}) {
    auto &output = module().outputs[channel];
    if (output.size() < static_cast<std::size_t>(frames)) output.resize(static_cast<std::size_t>(frames));
    module().output_pointers[channel] = output.data();
  }
  const auto [left, right] = module().output_pointers;
  play_on_host({.left = left, .right = right, .frames = frames}, late != 0);
  return module().output_pointers.data();
}

// What plays, for a host that has no pace of its own: Hz and frames, or zeros while nothing is live.
ARRANGER_MODULE(arranger_sample_rate) std::int32_t arranger_sample_rate() { return host_pace().sample_rate; }
ARRANGER_MODULE(arranger_block_size) std::int32_t arranger_block_size() { return host_pace().block_size; }

// Memory of so many bytes that the engine writes into without being asked, or none for 0; null also when it is too small.
ARRANGER_MODULE(arranger_share) void *arranger_share(std::size_t size) {
  std::vector<std::byte> memory(size);
  if (!module().handler->share_memory(memory) || memory.empty()) return nullptr;
  module().shared = std::move(memory);
  return module().shared.data();
}
