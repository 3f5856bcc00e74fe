// SPDX-License-Identifier: MIT
// One who speaks with the engine: what it has asked for is its own, and ends with it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "control/attachments.hpp"
#include "control/event_queue.hpp"
#include "control/replies.hpp"

namespace arranger {

struct ClientState;
struct HandlerState;

class Client {
 public:
  Client(HandlerState &handler, ReplyOrder order);
  // Its renders are cancelled and what they have half written is removed, its subscriptions end, and no reply is given any
  // more, except one that is on its way at this moment. Waits for nothing. Before its handler.
  ~Client();
  Client(const Client &) = delete;
  Client &operator=(const Client &) = delete;

  // Answers a request; never throws and never fails otherwise than by a reply. Any thread.
  std::string handle(std::string_view request, Attachments attachments = {});

  // Runs the request on this thread, but a render, once it has its snapshot, on one of the engine's. `reply` is called on
  // either, in the order that the client has chosen; it owns what it uses. Any thread.
  void ask(std::string_view request, Replies::Sink reply);
  // The same on the engine's thread, with a copy of the attachments. Any thread.
  void submit(std::string request, Replies::Sink reply, Attachments attachments = {});
  // Answers a request that cannot even be read, in its place among the others. Any thread.
  void refuse(Error error, Replies::Sink reply);
  // Bytes of replies that wait for one before them. Any thread.
  std::size_t held() const;
  // How many renders it may have under way, each with up to 64 MiB of reply; one more is told that the engine is busy.
  void limit_renders(std::size_t most);
  // Ends its renders, and those that still come: they reply that they were cancelled. Any thread.
  void end_renders();

  // Where push events go, one JSON text at a time, from any thread; an empty function ends them. Any thread.
  void listen(std::function<void(std::string)> sink);
  // The same for a reader that may be slow: what it has not taken yet waits in the queue.
  void listen_through(std::shared_ptr<EventQueue> queue);

 private:
  HandlerState &handler_;
  std::shared_ptr<ClientState> state_;
};

}  // namespace arranger
