// SPDX-License-Identifier: MIT
#include "control/prepared.hpp"

#include "base/format.hpp"
#include "control/answer.hpp"
#include "control/command.hpp"

namespace arranger {

Result<std::int64_t> PreparedRequests::add(Engine &engine, std::string_view request) {
  if (request.size() > longest)
    return fail(Code::message_too_large,
                format("Expected at most {} bytes to prepare but received {}", longest, request.size()));
  const std::lock_guard lock(mutex_);
  if (const auto known = numbers_.find(request); known != numbers_.end()) return known->second;
  RequestParser parser;
  const auto parsed = parse_request(request, parser);
  if (!parsed) return std::unexpected(parsed.error());
  const auto command = command_of(*parsed);
  if (!command) return std::unexpected(command.error());
  if (!(*command)->prepare)
    return fail(Code::invalid_request,
                format("Expected a command that sets one value; '{}' cannot be prepared", (*command)->info->name),
                "/cmd");
  auto prepared = (*command)->prepare(engine, *parsed);
  if (!prepared) return std::unexpected(std::move(prepared.error()));
  if (all_.size() == most)
    return fail(Code::busy, format("Expected at most {} prepared requests but one more was asked for", most));
  const auto number = static_cast<std::int64_t>(all_.size());
  all_.reserve(most);
  all_.push_back(std::move(*prepared));
  numbers_.emplace(request, number);
  count_.store(all_.size(), std::memory_order_release);
  return number;
}

Result<void> PreparedRequests::send(double number, double value) {
  const std::size_t count = count_.load(std::memory_order_acquire);
  const auto index = number >= 0 && number < static_cast<double>(count) ? static_cast<std::size_t>(number) : count;
  if (static_cast<double>(index) != number || index == count)
    return fail(Code::out_of_range, format("Expected the number of a prepared request but received {}", number));
  return all_.data()[index]->send(value);
}

}  // namespace arranger
