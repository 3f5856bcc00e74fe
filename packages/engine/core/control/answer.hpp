// SPDX-License-Identifier: MIT
// From the text of a request to the text of its reply.
#pragma once

#include <string>
#include <string_view>

#include "control/command.hpp"

namespace arranger {

struct HandlerState;

// A parser, and the text with the room behind it that a parser wants.
struct RequestParser {
  std::string text;
  simdjson::dom::parser parser;
};

// A request that has run, or that a job has still to finish.
struct Answer {
  std::string id;  // as JSON text; empty when the request has none
  Outcome outcome;

  bool needs_job() const { return static_cast<bool>(outcome.job); }
  // Does the job where there is one.
  std::string text() const;
};

// `attachments` are what the request names by {"attachment":0}. Any thread.
Answer answer(HandlerState &handler, ClientState &client, std::string_view request, Attachments attachments = {});
Answer refusal(Error error);
// The steps on the way: a request's object, which lives as long as its parser reads no other, and its command. Errors:
// message_empty, message_too_large, invalid_json, invalid_request, unknown_command.
Result<json::Element> parse_request(std::string_view request, RequestParser &parser);
Result<const Command *> command_of(const json::Element &request);
// The error where the system gives none.
Error no_thread();

}  // namespace arranger
