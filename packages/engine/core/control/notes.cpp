// SPDX-License-Identifier: MIT
// What clients play by hand: independent of the transport, it survives play, stop and seek.
#include "control/command.hpp"
#include "control/event_kinds.hpp"

namespace arranger {
namespace {

constexpr json::FieldOptions channel_options{.doc = "MIDI channel, from 0.", .min = 0, .max = 15};
constexpr json::FieldOptions node_options{.doc = "The node; none = the first track source."};

struct NoteOn : json::Request {
  std::string node_id;
  std::int32_t channel = 0, pitch = 60, velocity = 100;
  static constexpr CommandInfo info{
      .name = "note_on",
      .doc = "Begins a note now, whether or not the song plays.",
      .examples = {{R"({"cmd":"note_on","node_id":"track","channel":0,"pitch":64,"velocity":90})", "", {"set_graph"}}},
      .concurrent = true,
      .plays = true};
  static constexpr auto fields() {
    return std::tuple{json::field("node_id", &NoteOn::node_id, node_options),
                      json::field("channel", &NoteOn::channel, channel_options),
                      json::field("pitch", &NoteOn::pitch, {.doc = "Key, 60 = middle C.", .min = 0, .max = 127}),
                      json::field("velocity", &NoteOn::velocity, {.doc = "0 ends the note.", .min = 0, .max = 127})};
  }
  using Reply = Empty;
  Result<Reply> run(Edit &edit) const {
    const EventKind kind = velocity == 0 ? EventKind::note_off : EventKind::note_on;
    auto done = edit.preview({kind, node_id, channel, pitch, velocity, 0});
    if (!done) return std::unexpected(done.error());
    return Reply{};
  }
};

struct NoteOff : json::Request {
  std::string node_id;
  std::int32_t channel = 0, pitch = 60, velocity = 0;
  static constexpr CommandInfo info{
      .name = "note_off",
      .doc = "Ends the oldest note that note_on began on this node, channel and key.",
      .examples = {{R"({"cmd":"note_off","node_id":"track","pitch":64})", "", {"set_graph", "note_on"}}},
      .concurrent = true};
  static constexpr auto fields() {
    return std::tuple{json::field("node_id", &NoteOff::node_id, node_options),
                      json::field("channel", &NoteOff::channel, channel_options),
                      json::field("pitch", &NoteOff::pitch, {.doc = "Key, 60 = middle C.", .min = 0, .max = 127}),
                      json::field("velocity", &NoteOff::velocity, {.doc = "Of the release.", .min = 0, .max = 127})};
  }
  using Reply = Empty;
  Result<Reply> run(Edit &edit) const {
    auto done = edit.preview({EventKind::note_off, node_id, channel, pitch, velocity, 0});
    if (!done) return std::unexpected(done.error());
    return Reply{};
  }
};

struct AllNotesOff : json::Request {
  std::string node_id;
  static constexpr CommandInfo info{.name = "all_notes_off",
                                    .doc = "Ends every note, played by hand or by the schedule.",
                                    .examples = {{R"({"cmd":"all_notes_off"})", "", {"set_graph", "note_on"}}},
                                    .concurrent = true};
  static constexpr auto fields() {
    return std::tuple{json::field("node_id", &AllNotesOff::node_id, {.doc = "The node; none = all."})};
  }
  using Reply = Empty;
  Result<Reply> run(Edit &edit) const {
    if (auto done = edit.all_notes_off(node_id); !done) return std::unexpected(done.error());
    return Reply{};
  }
};

struct SendEvent : json::Request {
  std::string node_id;
  EventKind type = EventKind::cc;
  std::int32_t channel = 0;
  std::optional<std::int32_t> pitch, velocity;
  double value = 0;
  static constexpr CommandInfo info{
      .name = "send_event",
      .doc = "Sends one event of any kind that a schedule has, but tempo, time_signature and param, in force now.",
      .examples = {{R"({"cmd":"send_event","node_id":"track","type":"program","pitch":24})",
                    "Another sound for what is played by hand.",
                    {"set_graph"}}},
      .concurrent = true,
      .plays = true};
  static constexpr auto fields() {
    return std::tuple{
        json::field("node_id", &SendEvent::node_id, node_options),
        json::field("type", &SendEvent::type, {.doc = "As in a schedule.", .required = true}),
        json::field("channel", &SendEvent::channel, channel_options),
        json::field("pitch", &SendEvent::pitch, {.doc = "As in a schedule.", .min = 0, .max = 16383}),
        json::field("velocity", &SendEvent::velocity, {.doc = "As in a schedule.", .min = 0, .max = 16383}),
        json::field("value", &SendEvent::value, {.doc = "Of control: 0..1.", .min = -1e12, .max = 1e12})};
  }
  using Reply = Empty;
  Result<Reply> run(Edit &edit) const {
    if (type == EventKind::tempo || type == EventKind::time_signature || type == EventKind::param)
      return fail(Code::out_of_range,
                  "Expected an event that plugins take; tempo, time_signature and param belong to a schedule", "/type");
    const EventNumbers numbers{type, pitch, velocity};
    if (auto done = check(numbers, ""); !done) return std::unexpected(done.error());
    auto done = edit.preview({type, node_id, channel, numbers.pitch(), numbers.velocity(), value});
    if (!done) return std::unexpected(done.error());
    return Reply{};
  }
};

}  // namespace

std::span<const Command> notes_commands() {
  static constexpr std::array commands{command<NoteOn>("notes"), command<NoteOff>("notes"),
                                       command<AllNotesOff>("notes"), command<SendEvent>("notes")};
  return commands;
}

}  // namespace arranger
