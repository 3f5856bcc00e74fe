// SPDX-License-Identifier: MIT
#include "control/server_handler.hpp"

#include <algorithm>

#include "base/format.hpp"
#include "base/nearest.hpp"
#include "control/handler_state.hpp"
#include "control/plugins.hpp"

namespace arranger {

HandlerState::HandlerState(const AudioEngineConfig &config, Face its_face) : face(std::move(its_face)), engine(config) {
  engine.when_live([this] { (void)housekeeper.wake(); });  // without a thread it plays as well, unwatched
}

void HandlerState::serve(const std::shared_ptr<ClientState> &client, std::uint64_t place, std::string_view request,
                         Attachments attachments) {
  Answer answered = answer(*this, *client, request, attachments);
  if (answered.needs_job()) jobs.add({client, place, std::move(answered)});
  else client->replies.give(place, answered.text());
}

Result<void> ServerHandler::validate(const AudioEngineConfig &config) {
  if (config.sample_rate < 8000 || config.sample_rate > 384000)
    return fail(Code::out_of_range,
                format("Expected sampleRate between 8000 and 384000 but received {}", config.sample_rate));
  if (config.block_size < 1 || config.block_size > 8192)
    return fail(Code::out_of_range, format("Expected blockSize between 1 and 8192 but received {}", config.block_size));
  if (config.threads < 0 || config.threads > most_threads)
    return fail(Code::out_of_range,
                format("Expected threads between 0 and {} but received {}", most_threads, config.threads));
  if (!config.output_device) return {};
  std::vector<std::string> known = {null_device_name, default_device_name};
  if (std::ranges::find(known, *config.output_device) != known.end()) return {};
  for (const DeviceInfo &device : list_devices()) known.push_back(device.name);
  if (std::ranges::find(known, *config.output_device) != known.end()) return {};
  return fail(Code::device_unavailable,
              format("No device '{}'{}", *config.output_device, nearest_hint(*config.output_device, known)));
}

ServerHandler::ServerHandler(const AudioEngineConfig &config, Face face) {
  AudioEngineConfig valid = config;
  valid.sample_rate = std::clamp(valid.sample_rate, 8000, 384000);
  valid.block_size = std::clamp(valid.block_size, 1, 8192);
  valid.threads = std::clamp(valid.threads, 0, most_threads);
  load_builtin_plugins();
  state_ = std::make_unique<HandlerState>(valid, std::move(face));
  own_ = connect(ReplyOrder::as_ready);
}

ServerHandler::~ServerHandler() {
  own_->end_renders();
  state_->queue.finish();
  state_->jobs.finish();
}

std::unique_ptr<Client> ServerHandler::connect(ReplyOrder order) { return std::make_unique<Client>(*state_, order); }

std::string ServerHandler::handle(std::string_view request, Attachments attachments) {
  return own_->handle(request, attachments);
}

void ServerHandler::submit(std::string request, std::function<void(std::string)> reply, Attachments attachments) {
  own_->submit(std::move(request), std::move(reply), attachments);
}

Result<std::int64_t> ServerHandler::prepare(std::string_view request) {
  return state_->prepared.add(state_->engine, request);
}

Result<void> ServerHandler::send(double number, double value) { return state_->prepared.send(number, value); }

void ServerHandler::listen(std::function<void(std::string)> sink) { own_->listen(std::move(sink)); }
void ServerHandler::listen_through(std::shared_ptr<EventQueue> queue) { own_->listen_through(std::move(queue)); }

void ServerHandler::look() { state_->housekeeper.look(); }
bool ServerHandler::run_job() { return state_->jobs.run_one(); }

Result<void> ServerHandler::share_memory(std::span<std::byte> memory) { return state_->engine.show_on(memory); }

}  // namespace arranger
