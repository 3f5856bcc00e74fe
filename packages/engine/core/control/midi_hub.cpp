// SPDX-License-Identifier: MIT
#include "control/midi_hub.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "control/command.hpp"
#include "control/live_events.hpp"

namespace arranger {
namespace {

std::unexpected<Error> not_open(const std::string &name, const std::vector<std::string> &open) {
  return fail(Code::device_unavailable, format("No MIDI port '{}' is open{}", name, nearest_hint(name, open)), "/name");
}

// 120 and above are MIDI's own words (all sound off, all notes off, …).
constexpr int first_mode_message = 120;

}  // namespace

MidiHub::~MidiHub() {
  const std::lock_guard lock(ports_mutex_);
  for (auto &[name, input] : inputs_) input->port.reset();
}

Result<void> MidiHub::connect(Input &input) {
  auto port = open_midi_input(
      input.name, input.is_virtual,
      [this, &input](std::span<const std::uint8_t> message, Time when) { receive(input, message, when); });
  if (!port) return std::unexpected(port.error());
  input.port = std::move(*port);
  return {};
}

// What the port holds down is let go.
void MidiHub::disconnect(Input &input) {
  if (input.port) input.lost += input.port->overflows();
  input.port.reset();
  const auto held = std::exchange(input.held, {});
  for (const auto &[key, nodes] : held)
    for (const std::string &node : nodes)
      play(input, {EventKind::note_off, {}, key.first, key.second, 0, 0}, node, std::chrono::steady_clock::now());
}

Result<void> MidiHub::open_input(const std::string &name, bool is_virtual, MidiRoute route) {
  const std::lock_guard ports(ports_mutex_);
  const auto found = inputs_.find(name);
  const bool is_new = found == inputs_.end();
  auto made = is_new ? std::make_unique<Input>() : nullptr;
  Input &input = is_new ? *made : *found->second;
  {
    const std::lock_guard lock(mutex_);
    input.route = std::move(route);
  }
  if (!is_new) return {};
  input.name = name;
  input.is_virtual = is_virtual;
  if (auto done = connect(input); !done) return done;
  inputs_.emplace(name, std::move(made));
  return {};
}

Result<void> MidiHub::open_output(const std::string &name, bool is_virtual) {
  const std::lock_guard ports(ports_mutex_);
  if (outputs_.contains(name)) return {};
  auto port = open_midi_output(name, is_virtual);
  if (!port) return std::unexpected(port.error());
  outputs_.emplace(name, Output{is_virtual, std::move(*port)});
  return {};
}

Result<void> MidiHub::close(const std::string &name, std::optional<MidiDirection> direction) {
  const std::lock_guard ports(ports_mutex_);
  const auto input = direction == MidiDirection::output ? inputs_.end() : inputs_.find(name);
  const auto output = direction == MidiDirection::input ? outputs_.end() : outputs_.find(name);
  if (input == inputs_.end() && output == outputs_.end()) {
    std::vector<std::string> open;
    for (const auto &[other, port] : inputs_) open.push_back(other);
    for (const auto &[other, port] : outputs_) open.push_back(other);
    return not_open(name, open);
  }
  if (output != outputs_.end()) outputs_.erase(output);
  if (input != inputs_.end()) {
    disconnect(*input->second);
    inputs_.erase(input);
  }
  return {};
}

Result<void> MidiHub::send(const std::string &name, std::span<const std::uint8_t> message) {
  const std::lock_guard ports(ports_mutex_);
  const auto output = outputs_.find(name);
  if (output != outputs_.end() && output->second.port) return output->second.port->send(message);
  if (output != outputs_.end()) return fail(Code::device_unavailable, format("'{}' is not there now", name), "/name");
  std::vector<std::string> open;
  for (const auto &[other, port] : outputs_) open.push_back(other);
  return not_open(name, open);
}

std::vector<OpenMidiPort> MidiHub::open_ports() {
  const std::lock_guard ports(ports_mutex_);
  const std::lock_guard lock(mutex_);
  std::vector<OpenMidiPort> out;
  for (const auto &[name, input] : inputs_)
    out.push_back({name, MidiDirection::input, input->port != nullptr, input->route,
                   input->lost + (input->port ? input->port->overflows() : 0)});
  for (const auto &[name, output] : outputs_)
    out.push_back({name, MidiDirection::output, output.port != nullptr, {}, 0});
  return out;
}

void MidiHub::learn(std::string node, std::string param) {
  const std::lock_guard lock(mutex_);
  learning_ = MidiMapping{{}, 0, 0, std::move(node), std::move(param)};
}

void MidiHub::map(MidiMapping mapping) {
  const std::lock_guard lock(mutex_);
  std::erase_if(mappings_, [&](const MidiMapping &other) {
    return other.port == mapping.port && other.channel == mapping.channel && other.controller == mapping.controller;
  });
  mappings_.push_back(std::move(mapping));
}

void MidiHub::stop_learning(const std::string &node, const std::string &param) {
  const std::lock_guard lock(mutex_);
  if (learning_ && learning_->node == node && learning_->param == param) learning_.reset();
}

bool MidiHub::unmap(const std::string &node, const std::string &param) {
  const std::lock_guard lock(mutex_);
  return std::erase_if(mappings_, [&](auto &mapping) { return mapping.node == node && mapping.param == param; }) > 0;
}

std::vector<MidiMapping> MidiHub::mappings() const {
  const std::lock_guard lock(mutex_);
  return mappings_;
}

void MidiHub::receive(Input &input, std::span<const std::uint8_t> message, Time when) {
  auto event = input.reader.read(message);
  if (!event) return;
  std::unique_lock lock(mutex_);
  const MidiRoute route = input.route;
  lock.unlock();
  const std::pair key{event->channel, event->pitch};
  if (event->kind == EventKind::note_off) {
    // Where its note went, even if the port has another route by now.
    const auto held = input.held.find(key);
    if (held == input.held.end()) return;  // a stray off ends nothing
    const std::string node = std::move(held->second.front());
    held->second.erase(held->second.begin());
    if (held->second.empty()) input.held.erase(held);
    play(input, *event, node, when);
    return;
  }
  if (route.channel && *route.channel != event->channel) return;
  if (const auto mapping = mapping_for(input, *event)) {
    if (!move_param(*mapping, event->velocity, when)) ++input.lost;
  } else if (!play(input, *event, route.node, when)) {
    ++input.lost;
  }
}

// Whom a controller moves; one that is being waited for is taken.
std::optional<MidiMapping> MidiHub::mapping_for(const Input &input, const PreviewEvent &event) {
  if (event.kind != EventKind::cc || event.pitch >= first_mode_message) return std::nullopt;
  std::unique_lock lock(mutex_);
  if (auto learned = std::exchange(learning_, std::nullopt)) {
    learned->port = input.name;
    learned->channel = event.channel;
    learned->controller = event.pitch;
    lock.unlock();
    map(*learned);
    arranger::tell(events_, "midi_learned",
                   MidiLearnedEvent{input.name, event.channel, event.pitch, learned->node, learned->param});
    return learned;
  }
  const auto found = std::ranges::find_if(mappings_, [&](const MidiMapping &mapping) {
    return mapping.port == input.name && mapping.channel == event.channel && mapping.controller == event.pitch;
  });
  return found == mappings_.end() ? std::nullopt : std::optional(*found);
}

bool MidiHub::play(Input &input, PreviewEvent event, const std::string &wanted, Time when) {
  const bool is_off = event.kind == EventKind::note_off;
  if (!is_off && !ensure_live(engine_, false)) return false;
  std::string node = wanted;
  const auto play_now = [&] {
    Edit edit(engine_, Edit::Pace::quick);
    const auto index = edit.preview_node(wanted);
    if (!index) return false;
    node = edit.model().graph->nodes[*index].id;
    event.node = node;
    return edit.preview(event) && edit.commit();
  };
  const bool played = play_now();
  if (!played && !is_off) return false;
  if (event.kind == EventKind::note_on) input.held[{event.channel, event.pitch}].push_back(node);
  OwnedEvent recorded;
  recorded.type = event.kind;
  recorded.node_id = std::move(node);
  recorded.channel = event.channel;
  recorded.pitch = event.pitch;
  recorded.velocity = event.velocity;
  recorder_.add(std::move(recorded), when);
  return played;
}

bool MidiHub::move_param(const MidiMapping &mapping, int position, Time when) {
  double value = 0;
  {
    Edit edit(engine_, Edit::Pace::quick);
    const auto meant = edit.controlled_value(mapping.node, mapping.param, position);
    if (!meant) return true;  // its node is away: the mapping waits for it
    value = *meant;
    if (!edit.set_param({mapping.node, mapping.param, value, {}, {}}) || !edit.commit()) return false;
  }
  OwnedEvent recorded;
  recorded.type = EventKind::param;
  recorded.node_id = mapping.node;
  recorded.param_id = mapping.param;
  recorded.value = value;
  recorder_.add(std::move(recorded), when);
  return true;
}

void MidiHub::tell(MidiDirection direction, const std::string &name, bool connected) const {
  const std::string event = connected ? "midi_found" : "midi_lost";
  const std::string_view which = direction == MidiDirection::input ? "input" : "output";
  arranger::tell(events_, event, MidiPortEvent{name, std::string(which)});
  log(connected ? LogLevel::info : LogLevel::warning, name,
      format("The MIDI {} {}", which, connected ? "is back" : "is gone; it is opened again when it comes back"));
}

void MidiHub::look() {
  const std::lock_guard ports(ports_mutex_);
  for (auto &[name, input] : inputs_) {
    if (input->port && input->port->is_connected()) continue;
    const bool was_there = input->port != nullptr;
    if (was_there) disconnect(*input);
    else if (!connect(*input)) continue;
    tell(MidiDirection::input, name, !was_there);
  }
  for (auto &[name, output] : outputs_) {
    if (output.port && output.port->is_connected()) continue;
    const bool was_there = output.port != nullptr;
    if (was_there) output.port.reset();
    else if (auto port = open_midi_output(name, output.is_virtual); port) output.port = std::move(*port);
    else continue;
    tell(MidiDirection::output, name, !was_there);
  }
}

}  // namespace arranger
