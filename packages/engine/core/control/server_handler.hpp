// SPDX-License-Identifier: MIT
// Everything a face needs: one JSON request in, one JSON reply out.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "control/event_queue.hpp"
#include "engine.hpp"

namespace arranger {

class ServerHandler {
 public:
  // A configuration out of range is replaced by the nearest valid one; check with `validate` first.
  explicit ServerHandler(const AudioEngineConfig &config = {.takes_own_rate = true});
  // Cancels renders under way and waits for them; replies that are due are still given.
  ~ServerHandler();
  ServerHandler(const ServerHandler &) = delete;
  ServerHandler &operator=(const ServerHandler &) = delete;

  static Result<void> validate(const AudioEngineConfig &config);

  // Answers a request; never throws and never fails otherwise than by a reply. Any thread.
  std::string handle(std::string_view request);

  // The same on another thread; `reply` is called there. Requests run in the order given, except that a render, once it has
  // its snapshot, runs beside the others. Any thread.
  void submit(std::string request, std::function<void(std::string)> reply);

  // Where push events go, one JSON text at a time, from any thread; an empty function ends them. Any thread.
  void listen(std::function<void(std::string)> sink);
  // The same for a reader that may be slow: what it has not taken yet waits in the queue.
  void listen_through(std::shared_ptr<EventQueue> queue);

  // What a thread of the engine does beside playback, for a face in whose world there is only one: every 10 ms.
  void look();

  // Memory that the engine writes into without being asked; `describe` says what is where in it. It must stay until other
  // memory, or none (an empty span), was given, or the handler is gone. Any thread. Error: out_of_range.
  Result<void> share_memory(std::span<std::byte> memory);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace arranger
