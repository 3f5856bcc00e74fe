// SPDX-License-Identifier: MIT
// Everything a face needs: one JSON request in, one JSON reply out.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "control/client.hpp"
#include "control/event_queue.hpp"
#include "control/face.hpp"
#include "engine.hpp"

namespace arranger {

class ServerHandler {
 public:
  // A configuration out of range is replaced by the nearest valid one; check with `validate` first.
  explicit ServerHandler(const AudioEngineConfig &config = {.takes_own_rate = true}, Face face = {});
  // Cancels renders under way and waits for them; replies that are due are still given. After all clients.
  ~ServerHandler();
  ServerHandler(const ServerHandler &) = delete;
  ServerHandler &operator=(const ServerHandler &) = delete;

  static Result<void> validate(const AudioEngineConfig &config);

  // One more who speaks with the engine. Any thread.
  std::unique_ptr<Client> connect(ReplyOrder order = ReplyOrder::as_sent);

  // What follows is for a face with one client, which is always there and takes its replies as they are ready.

  // Answers a request; never throws and never fails otherwise than by a reply. Any thread.
  std::string handle(std::string_view request, Attachments attachments = {});

  // The same on another thread; `reply` is called there. Requests run in the order given, except that a render, once it has
  // its snapshot, runs beside the others. Any thread.
  void submit(std::string request, std::function<void(std::string)> reply, Attachments attachments = {});

  // A number for a request that is sent often and lacks its `value`, and such a request with its value: the same as `handle`,
  // many times as fast. The number is good for as long as the handler is; the error of a node that is gone comes with `send`,
  // and ends with a new node of that name. Errors: those of the request. Any thread.
  Result<std::int64_t> prepare(std::string_view request);
  Result<void> send(double number, double value);

  // Where push events go, one JSON text at a time, from any thread; an empty function ends them. Any thread.
  void listen(std::function<void(std::string)> sink);
  // The same for a reader that may be slow: what it has not taken yet waits in the queue.
  void listen_through(std::shared_ptr<EventQueue> queue);

  // What threads of the engine do elsewhere, for a face in whose world there is only one. What is due beside playback, every
  // 10 ms; and one of the jobs that requests have left, if there is any. [control]
  void look();
  bool run_job();

  // Memory that the engine writes into without being asked; `describe` says what is where in it. It must stay until other
  // memory, or none (an empty span), was given, or the handler is gone. Any thread. Error: out_of_range.
  Result<void> share_memory(std::span<std::byte> memory);

 private:
  std::unique_ptr<HandlerState> state_;
  std::unique_ptr<Client> own_;
};

}  // namespace arranger
