// SPDX-License-Identifier: MIT
#include "control/client.hpp"

#include <utility>

#include "control/handler_state.hpp"

namespace arranger {

Client::Client(HandlerState &handler, ReplyOrder order)
    : handler_(handler), state_(std::make_shared<ClientState>(order)) {
  handler_.events.add(state_->subscriber);
}

Client::~Client() {
  state_->has_gone = true;
  state_->replies.end();
  handler_.events.remove(state_->subscriber);
  state_->subscriber->listen({});
  state_->renders.end();
}

std::string Client::handle(std::string_view request, Attachments attachments) {
  return answer(handler_, *state_, request, attachments).text();
}

void Client::ask(std::string_view request, Replies::Sink reply) {
  handler_.serve(state_, state_->replies.expect(std::move(reply)), request);
}

void Client::submit(std::string request, Replies::Sink reply, Attachments attachments) {
  std::vector<Attachment> copies;
  for (const Attachment &attachment : attachments) copies.push_back(copy_of(attachment));
  handler_.queue.add(state_, state_->replies.expect(std::move(reply)), std::move(request), std::move(copies));
}

void Client::refuse(Error error, Replies::Sink reply) {
  state_->replies.give(state_->replies.expect(std::move(reply)), refusal(std::move(error)).text());
}

std::size_t Client::held() const { return state_->replies.held(); }

void Client::limit_renders(std::size_t most) { state_->renders.limit(most); }

void Client::end_renders() { state_->renders.end(); }

void Client::listen(std::function<void(std::string)> sink) { state_->subscriber->listen(std::move(sink)); }
void Client::listen_through(std::shared_ptr<EventQueue> queue) { state_->subscriber->listen_through(std::move(queue)); }

}  // namespace arranger
