// SPDX-License-Identifier: MIT
// From the text of a request to the text of its reply.
#pragma once

#include <string>
#include <string_view>

#include "control/command.hpp"

namespace arranger {

struct HandlerState;

// A request that has run, or that a job has still to finish.
struct Answer {
  std::string id;  // as JSON text; empty when the request has none
  Outcome outcome;

  bool needs_job() const { return static_cast<bool>(outcome.job); }
  // Does the job where there is one.
  std::string text() const;
};

// Any thread.
Answer answer(HandlerState &handler, ClientState &client, std::string_view request);
Answer refusal(Error error);
// The error where the system gives none.
Error no_thread();

}  // namespace arranger
