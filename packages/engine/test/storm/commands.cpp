// SPDX-License-Identifier: MIT
#include "commands.hpp"

#include <cstdlib>
#include <utility>

#include "base/format.hpp"
#include "graphs.hpp"

namespace arranger::storm {
namespace {

constexpr int lowest_key = 48, keys = 24;

std::string with_node(std::string_view command, std::string_view node, std::string_view more = "") {
  return format(R"({"cmd":"{}","node_id":"{}"{}})", command, node, more);
}

}  // namespace

Client::Client(unsigned seed, int number, int clients, Files files)
    : random_(seed * 1000 + static_cast<unsigned>(number)),
      number_(number),
      clients_(clients),
      files_(std::move(files)) {}

// By weight; cheap ones are frequent.
const std::vector<Client::Kind> &Client::kinds() {
  static const std::vector<Kind> all{
      {160, true, &Client::note_on},     {180, true, &Client::note_off},     {60, true, &Client::send_event},
      {130, true, &Client::set_own},     {120, true, &Client::set_effect},   {80, true, &Client::look},
      {40, true, &Client::look_closely}, {70, true, &Client::transport},     {10, true, &Client::set_bpm},
      {25, true, &Client::set_schedule}, {30, true, &Client::batch},         {10, true, &Client::subscribe},
      {25, false, &Client::set_graph},   {15, false, &Client::set_config},   {8, false, &Client::unload_node},
      {15, false, &Client::reset_node},  {5, false, &Client::all_notes_off}, {4, false, &Client::library},
      {1, false, &Client::render}};
  return all;
}

std::string Client::pick(bool settled) {
  int total = 0;
  for (const Kind &kind : kinds()) total += settled && !kind.settled ? 0 : kind.weight;
  int at = below(total);
  for (const Kind &kind : kinds()) {
    if (settled && !kind.settled) continue;
    at -= kind.weight;
    if (at < 0) return (this->*kind.make)();
  }
  return R"({"cmd":"ping"})";
}

std::string Client::next() { return pick(false); }
std::string Client::next_settled() { return pick(true); }

std::string Client::mine(std::string_view kind) const { return format("{}_{}", kind, number_); }
std::string Client::any(std::string_view kind) { return format("{}_{}", kind, below(clients_)); }

std::string Client::note_on() {
  keys_.push_back(lowest_key + below(keys));
  return with_node("note_on", mine("track"), format(R"(,"pitch":{},"velocity":{})", keys_.back(), 1 + below(127)));
}

// One that no longer sounds, or never did, is no error.
std::string Client::note_off() {
  int key = lowest_key + below(keys);
  if (!keys_.empty()) {
    std::swap(keys_[std::size_t(below(static_cast<int>(keys_.size())))], keys_.back());
    key = keys_.back();
    keys_.pop_back();
  }
  return with_node("note_off", mine("track"), format(R"(,"pitch":{})", key));
}

std::vector<std::string> Client::last_notes() {
  std::vector<std::string> out;
  while (!keys_.empty()) out.push_back(note_off());
  return out;
}

std::string Client::send_event() {
  const std::string pitch = below(2) ? R"("cc","pitch":1,"velocity":)" : R"("bend","pitch":)";
  return with_node("send_event", any("track"), format(R"(,"type":{}{})", pitch, below(128)));
}

// A fraction that a float has exactly.
std::string Client::set_own() {
  return with_node("set_param", mine("own"),
                   format(R"(,"param_id":"control_in","value":{})", ++own_values_ / double(1 << 20)));
}

std::string Client::set_effect() {
  const Effect &effect = effects[below(effect_count)];
  std::string more = format(R"(,"param_id":"{}","value":{})", effect.param, between(effect.min, effect.max));
  if (below(4) == 0) more += format(R"(,"ramp_ms":{})", below(100));
  if (below(4) == 0) more += format(R"(,"at_beat":{})", between(0, 8));
  return with_node("set_param", any(effect.name), more);
}

std::string Client::set_config() {
  if (below(2))
    return with_node("set_node_config", any("limiter"), format(R"(,"config":{"lookahead_ms":{}})", below(9)));
  const Effect &effect = effects[below(effect_count)];
  return with_node("set_node_config", any(effect.name),
                   format(R"(,"config":{"{}":{}})", effect.param, between(effect.min, effect.max)));
}

std::string Client::look() {
  static const char *const commands[] = {"get_position", "ping", "get_stats", "get_position"};
  return format(R"({"cmd":"{}"})", commands[below(4)]);
}

std::string Client::look_closely() {
  switch (below(8)) {
    case 0:
      return R"({"cmd":"get_state"})";
    case 1:
      return R"({"cmd":"get_graph"})";
    case 2:
      return R"({"cmd":"list_libraries"})";
    case 3:
      return with_node("resolve", mine("voice"), R"(,"param_id":"gain")");
    case 4:
      return with_node("get_node_data", any("scope"), R"(,"port_id":"scope","source":"live")");
    case 5:
      return with_node("get_node_data", any("own"), R"(,"port_id":"history","source":"live")");
    default:
      return R"({"cmd":"get_node_data","node_id":"mixer","port_id":"level_l","source":"live"})";
  }
}

std::string Client::transport() {
  switch (below(10)) {
    case 0:
      return R"({"cmd":"stop"})";
    case 1:
      return R"({"cmd":"play","reset":true})";
    case 2:
    case 3:
      return format(R"({"cmd":"set_loop","enabled":{},"start":{},"end":{}})", below(3) > 0, between(0, 1),
                    between(1.01, 4));
    case 4:
    case 5:
    case 6:
      return format(R"({"cmd":"seek","beat":{}})", between(0, 8));
    default:
      return R"({"cmd":"play"})";
  }
}

std::string Client::set_bpm() { return format(R"({"cmd":"set_bpm","bpm":{}})", between(60, 240)); }

std::string Client::set_graph() {
  return format(R"({"cmd":"set_graph",{}})", graph_members(clients_, files_, &random_, below(4) == 0));
}

std::string Client::unload_node() { return with_node("unload_node", any(effects[below(effect_count)].name)); }
std::string Client::reset_node() {
  return with_node("reset_node", any(below(2) ? "voice" : effects[below(effect_count)].name));
}

// Notes, controllers, automation and tempo over eight beats.
std::string Client::set_schedule() {
  std::string events = format(R"({"type":"tempo","beat":0,"value":{}})", between(60, 240));
  for (int i = below(40); i > 0; --i) {
    const double beat = between(0, 8);
    const std::string track = any("track");
    const int key = lowest_key + below(keys);
    events += format(R"(,{"type":"note_on","beat":{},"node_id":"{}","pitch":{},"velocity":80})", beat, track, key);
    events +=
        format(R"(,{"type":"note_off","beat":{},"node_id":"{}","pitch":{}})", beat + between(0.01, 2), track, key);
    if (i % 4 == 0)
      events += format(R"(,{"type":"cc","beat":{},"node_id":"{}","pitch":1,"velocity":{}})", beat, track, below(128));
    if (i % 8 == 0)
      events += format(R"(,{"type":"param","beat":{},"node_id":"{}","param_id":"gain","value":{},"ramp_beats":1})",
                       beat, any("voice"), between(0, 0.1));
  }
  return format(R"({"cmd":"set_schedule","events":[{}]})", events);
}

std::string Client::batch() {
  std::string commands;
  for (int i = 1 + below(4); i > 0; --i) {
    static constexpr std::string (Client::*parts[])() = {&Client::note_on, &Client::transport, &Client::send_event,
                                                         &Client::set_bpm};
    commands += (commands.empty() ? "" : ",") + (this->*parts[below(4)])();
  }
  return format(R"({"cmd":"batch","commands":[{}]{}})", commands, below(8) ? "" : R"(,"at_frame":1)");
}

std::string Client::all_notes_off() { return R"({"cmd":"all_notes_off"})"; }

std::string Client::library() {
  if (below(2)) return R"({"cmd":"unload_plugin","library_id":"test_gain"})";
  return format(R"({"cmd":"load_plugin","path":"{}","probe":{}})", files_.library, below(8) == 0);
}

std::string Client::subscribe() {
  static const char *const events[] = {R"("meters")", R"("position","stats")", R"("plugin_fault","xrun")", ""};
  return format(R"({"cmd":"subscribe","events":[{}],"interval_ms":{}})", events[below(4)], 1 + below(20));
}

std::string Client::render() { return R"({"cmd":"render","format":"raw_f32","duration_beats":0.1,"tail_seconds":0})"; }

std::optional<double> own_value(std::string_view request) {
  static constexpr std::string_view begin = R"({"cmd":"set_param","node_id":"own_)", name = R"("value":)";
  if (!request.starts_with(begin)) return std::nullopt;
  return std::strtod(request.data() + request.find(name) + name.size(), nullptr);
}

std::string calm_graph(int clients, const Files &files) {
  return format(R"({"cmd":"set_graph",{}})", graph_members(clients, files, nullptr, false));
}

std::vector<std::string> prelude(int clients, const Files &files) {
  std::vector<std::string> out;
  if (!files.sample.empty()) {
    out.emplace_back(R"({"cmd":"set_graph","nodes":[{"id":"mixer","type":"builtin.noise"}]})");
    out.push_back(format(R"({"cmd":"render","duration_beats":0.5,"tail_seconds":0,"path":"{}"})", files.sample));
  }
  out.push_back(format(R"({"cmd":"load_plugin","path":"{}"})", files.library));
  out.push_back(calm_graph(clients, files));
  out.emplace_back(R"({"cmd":"play"})");
  return out;
}

}  // namespace arranger::storm
