// SPDX-License-Identifier: MIT
#include "judge.hpp"

#include <chrono>
#include <cstdio>
#include <thread>

#include "base/format.hpp"
#include "commands.hpp"

namespace arranger::storm {
namespace {

constexpr std::uint64_t most_wrong = 5;  // of each client that are told

// A node or a plugin that another client has just taken away.
bool is_explained(std::string_view code) { return code == "unknown_node" || code == "unknown_plugin"; }

// Asks until it is so, for at most a minute: how long the audio thread takes is the machine's affair.
template <class Question>
bool comes_true(Question question) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!question()) {
    if (std::chrono::steady_clock::now() > limit) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

std::string level_request(char side) {
  return format(R"({"cmd":"get_node_data","node_id":"mixer","port_id":"level_{}","source":"live"})", side);
}

}  // namespace

std::uint64_t Tally::sent() const {
  std::uint64_t out = ok + busy + wrong;
  for (const auto &[code, count] : refused) out += count;
  return out;
}

void Tally::add(const Tally &other) {
  ok += other.ok;
  busy += other.busy;
  for (const auto &[code, count] : other.refused) refused[code] += count;
  wrong += other.wrong;
}

void Judge::wrong(const std::string &what) {
  if (tally.wrong++ < most_wrong) std::fprintf(stderr, "%s\n", what.c_str());
}

bool Judge::send(const std::string &request) {
  const std::string reply = handler_.handle(request);
  simdjson::dom::element root;
  std::string_view status, code;
  const bool is_reply = parser_.parse(reply).get(root) == simdjson::SUCCESS &&
                        root["status"].get_string().get(status) == simdjson::SUCCESS;
  if (is_reply && status == "ok") {
    ++tally.ok;
    if (const auto value = own_value(request)) tally.own = value;
  } else if (is_reply && root["code"].get_string().get(code) == simdjson::SUCCESS && code == "busy") {
    ++tally.busy;
    return false;
  } else if (is_explained(code)) {
    ++tally.refused[std::string(code)];
  } else {
    wrong(format("{} -> {}", request, reply));
  }
  return true;
}

void Judge::insist(const std::string &request) {
  while (!send(request)) std::this_thread::yield();
}

std::optional<double> Judge::number(const std::string &request, std::string_view pointer) {
  double out = 0;
  if (parser_.parse(handler_.handle(request)).at_pointer(pointer).get_double().get(out) != simdjson::SUCCESS)
    return std::nullopt;
  return out;
}

// The model says it, and what the audio thread shows is the same.
void Judge::check_parameters(const std::vector<std::optional<double>> &own) {
  for (std::size_t k = 0; k < own.size(); ++k) {
    if (!own[k]) {
      wrong(format("client {} never set its parameter", k));
      continue;
    }
    const std::string node = format("own_{}", k);
    simdjson::dom::array nodes;
    std::optional<double> in_graph;
    const std::string reply = handler_.handle(R"({"cmd":"get_graph"})");
    if (parser_.parse(reply)["nodes"].get_array().get(nodes) == simdjson::SUCCESS)
      for (const auto each : nodes)
        if (double value = 0; each["id"].get_string().value_unsafe() == node &&
                              each["params"]["control_in"].get_double().get(value) == simdjson::SUCCESS)
          in_graph = value;
    if (in_graph != own[k])
      wrong(format("{} was set to {} but get_graph says {}", node, *own[k], in_graph.value_or(-1)));
    const std::string shown =
        format(R"({"cmd":"get_node_data","node_id":"{}","port_id":"latest","source":"live"})", node);
    if (!comes_true(
            [&] { return static_cast<float>(number(shown, "/value").value_or(-1)) == static_cast<float>(*own[k]); }))
      wrong(format("{} was set to {} but plays with {}", node, *own[k], number(shown, "/value").value_or(-1)));
  }
}

bool Judge::is_silent() {
  for (const char side : {'l', 'r'})
    if (number(level_request(side), "/value").value_or(1) > 1e-6) return false;
  return true;
}

// Each client has ended what it began, so nothing sounds when the song stops; then a note that is begun can be heard, and
// all_notes_off ends it.
void Judge::check_notes() {
  send(R"({"cmd":"stop"})");
  if (!comes_true([&] { return is_silent(); })) wrong("every note was ended but something sounds");
  send(R"({"cmd":"note_on","node_id":"track_0","pitch":60})");
  if (!comes_true([&] { return !is_silent(); })) wrong("a note was begun but nothing sounds");
  send(R"({"cmd":"all_notes_off"})");
  if (!comes_true([&] { return is_silent(); })) wrong("all_notes_off was sent but something sounds");
}

void Judge::check_stats() {
  const std::string request = R"({"cmd":"get_stats"})";
  if (number(request, "/dropped_events") != 0)
    wrong(format("{} events were dropped", number(request, "/dropped_events").value_or(-1)));
  if (number(request, "/audio_allocations").value_or(0) != 0) wrong("memory was allocated on the audio thread");
  simdjson::dom::element faults;
  if (parser_.parse(handler_.handle(request)).at_pointer("/faults/0").get(faults) == simdjson::SUCCESS)
    wrong("a node failed: " + simdjson::minify(faults));
}

}  // namespace arranger::storm
