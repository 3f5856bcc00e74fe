// SPDX-License-Identifier: MIT
// MIDI devices. This build talks to none: the lists are empty, and every name is one that is not there.
#include "control/command.hpp"

namespace arranger {
namespace {

std::unexpected<Error> no_port(std::string_view name) {
  return fail(Code::device_unavailable, format("No MIDI port '{}'; this engine has no MIDI devices", name), "/name");
}

struct ListMidi : json::Request {
  static constexpr CommandInfo info{.name = "list_midi",
                                    .doc = "The MIDI ports that can be opened.",
                                    .examples = {{R"({"cmd":"list_midi"})"}},
                                    .concurrent = true};
  static constexpr auto fields() { return std::tuple{}; }
  struct Reply {
    std::vector<std::string> inputs, outputs;
    static constexpr auto fields() {
      return std::tuple{json::field("inputs", &Reply::inputs, {.doc = "Ports that give events."}),
                        json::field("outputs", &Reply::outputs, {.doc = "Ports that take events."})};
    }
  };
  Result<Reply> run(Context &) const { return Reply{}; }
};

struct OpenMidi : json::Request {
  std::string name, node_id;
  static constexpr CommandInfo info{.name = "open_midi",
                                    .doc = "Plays a node by a MIDI input.",
                                    .examples = {{R"({"cmd":"open_midi","name":"keyboard","node_id":"track"})",
                                                  "Where there is no such port, the answer is device_unavailable.",
                                                  {"set_graph"}}}};
  static constexpr auto fields() {
    return std::tuple{json::field("name", &OpenMidi::name, {.doc = "As list_midi gives it.", .required = true}),
                      json::field("node_id", &OpenMidi::node_id, {.doc = "The node; none = the first track source."})};
  }
  using Reply = Empty;
  Result<Reply> run(Context &) const { return no_port(name); }
};

struct CloseMidi : json::Request {
  std::string name;
  static constexpr CommandInfo info{
      .name = "close_midi",
      .doc = "Lets go of a MIDI port.",
      .examples = {{R"({"cmd":"close_midi","name":"keyboard"})", "A port that is not open is device_unavailable."}}};
  static constexpr auto fields() {
    return std::tuple{json::field("name", &CloseMidi::name, {.doc = "A port that is open.", .required = true})};
  }
  using Reply = Empty;
  Result<Reply> run(Context &) const { return no_port(name); }
};

}  // namespace

std::span<const Command> midi_commands() {
  static constexpr std::array commands{command<ListMidi>("midi"), command<OpenMidi>("midi"),
                                       command<CloseMidi>("midi")};
  return commands;
}

}  // namespace arranger
