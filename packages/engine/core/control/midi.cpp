// SPDX-License-Identifier: MIT
// MIDI ports: what comes in plays nodes, moves parameters and is recorded; messages go out.
#include "control/command.hpp"
#include "control/housekeeper.hpp"
#include "control/midi_hub.hpp"

namespace arranger {

template <>
struct json::Words<MidiDirection> {
  static constexpr std::array<std::pair<MidiDirection, std::string_view>, 2> all{
      {{MidiDirection::input, "input"}, {MidiDirection::output, "output"}}};
};

namespace {

constexpr json::FieldOptions channel_options{.doc = "MIDI channel, from 0; none = all.", .min = 0, .max = 15};
constexpr std::string_view open_output = R"({"cmd":"open_midi","name":"loopback","direction":"output"})";

struct OpenPortJson {
  std::string name;
  MidiDirection direction = MidiDirection::input;
  bool connected = true;
  std::string node_id;
  std::optional<std::int32_t> channel;
  std::uint64_t lost_events = 0;
  static constexpr auto fields() {
    return std::tuple{
        json::field("name", &OpenPortJson::name, {.doc = "Of the port."}),
        json::field("direction", &OpenPortJson::direction, {.doc = "Whether it gives or takes."}),
        json::field("connected", &OpenPortJson::connected, {.doc = "False: unplugged; it is opened again when back."}),
        json::field("node_id", &OpenPortJson::node_id, {.doc = "Whom an input plays; empty = the first track source."}),
        json::field("channel", &OpenPortJson::channel, {.doc = "The only one that is heard; left out = all."}),
        json::field(
            "lost_events", &OpenPortJson::lost_events,
            {.doc = "Of an input: came while there was no node for them, or more than the engine could take."})};
  }
};

struct MappingJson {
  std::string port;
  std::int32_t channel = 0, controller = 0;
  std::string node_id, param_id;
  static constexpr auto fields() {
    return std::tuple{json::field("port", &MappingJson::port, {.doc = "The input."}),
                      json::field("channel", &MappingJson::channel, {.doc = "MIDI channel, from 0."}),
                      json::field("controller", &MappingJson::controller, {.doc = "Its number."}),
                      json::field("node_id", &MappingJson::node_id, {.doc = "The node that it moves."}),
                      json::field("param_id", &MappingJson::param_id, {.doc = "The parameter."})};
  }
};

struct ListMidi : json::Request {
  static constexpr CommandInfo info{.name = "list_midi",
                                    .doc = "The MIDI ports there are, those that are open, and what controllers move.",
                                    .examples = {{R"({"cmd":"list_midi"})"}},
                                    .concurrent = true};
  static constexpr auto fields() { return std::tuple{}; }
  struct Reply {
    std::vector<std::string> inputs, outputs;
    std::vector<OpenPortJson> open;
    std::vector<MappingJson> mappings;
    bool recording = false;
    static constexpr auto fields() {
      return std::tuple{
          json::field("inputs", &Reply::inputs,
                      {.doc = "Ports that give events; 'loopback' gives what engines of this process send to it."}),
          json::field("outputs", &Reply::outputs, {.doc = "Ports that take messages."}),
          json::field("open", &Reply::open, {.doc = "Of this engine."}),
          json::field("mappings", &Reply::mappings, {.doc = "Made by midi_learn and midi_map."}),
          json::field("recording", &Reply::recording, {.doc = "Whether record_midi runs."})};
    }
  };
  Result<Reply> run(Context &context) const {
    MidiPortNames names = midi_ports();
    Reply reply{std::move(names.inputs), std::move(names.outputs), {}, {}, context.midi.recorder().is_recording()};
    for (OpenMidiPort &port : context.midi.open_ports())
      reply.open.push_back({std::move(port.name), port.direction, port.connected, std::move(port.route.node),
                            port.route.channel, port.lost_events});
    for (MidiMapping &mapping : context.midi.mappings())
      reply.mappings.push_back({std::move(mapping.port), mapping.channel, mapping.controller, std::move(mapping.node),
                                std::move(mapping.param)});
    return reply;
  }
};

struct OpenMidi : json::Request {
  std::string name;
  MidiDirection direction = MidiDirection::input;
  std::string node_id;
  std::optional<std::int32_t> channel;
  bool is_virtual = false;
  static constexpr CommandInfo info{
      .name = "open_midi",
      .doc =
          "Plays a node by a MIDI input, or opens an output for send_midi. Several may be open; an input that is open "
          "gets another node and channel.",
      .examples = {{.request = R"({"cmd":"open_midi","name":"loopback","node_id":"track"})", .needs = {"set_graph"}},
                   {.request = R"({"cmd":"open_midi","name":"keyboard","channel":0})",
                    .doc = "Only what the keyboard sends on its first channel, to the first track source.",
                    .needs = {"set_graph"},
                    .otherwise = Code::device_unavailable},
                   {.request = open_output, .doc = "Now send_midi reaches whoever has opened the input."},
                   {.request = R"({"cmd":"open_midi","name":"to the synth","direction":"output","virtual":true})",
                    .doc = "A port that other programs see.",
                    .otherwise = Code::device_unavailable}},
      .concurrent = true};
  static constexpr auto fields() {
    return std::tuple{
        json::field("name", &OpenMidi::name, {.doc = "As list_midi gives it.", .required = true}),
        json::field("direction", &OpenMidi::direction, {.doc = "Which port of that name."}),
        json::field("node_id", &OpenMidi::node_id,
                    {.doc = "Of an input: the node it plays; none = what is the first track source at the time."}),
        json::field("channel", &OpenMidi::channel, channel_options),
        json::field("virtual", &OpenMidi::is_virtual,
                    {.doc = "Makes a port of this name, for other programs to connect to, where the system can."})};
  }
  using Reply = Empty;
  Result<Reply> run(Context &context) const {
    if (name.empty()) return fail(Code::device_unavailable, "No MIDI port has an empty name", "/name");
    const auto unwanted = [](std::string_view field) {
      return fail(Code::invalid_request, format("Expected {} for an input only", field), format("/{}", field));
    };
    const bool is_output = direction == MidiDirection::output;
    if (is_output && !node_id.empty()) return unwanted("node_id");
    if (is_output && channel) return unwanted("channel");
    if (!node_id.empty())
      if (auto node = Edit(context.engine, Edit::Pace::quick).preview_node(node_id); !node)
        return std::unexpected(node.error());
    // While a port is open somebody looks after it.
    if (name != loopback_port || is_virtual)
      if (auto done = context.housekeeper.wake(); !done) return std::unexpected(done.error());
    auto done = is_output ? context.midi.open_output(name, is_virtual)
                          : context.midi.open_input(name, is_virtual, {node_id, channel});
    if (!done) return std::unexpected(done.error());
    // A device takes time to open, and a key should sound at once.
    if (!is_output)
      if (auto live = ensure_live(context.engine, false); !live) {
        (void)context.midi.close(name, direction);
        return std::unexpected(live.error());
      }
    return Reply{};
  }
};

struct CloseMidi : json::Request {
  std::string name;
  std::optional<MidiDirection> direction;
  static constexpr CommandInfo info{.name = "close_midi",
                                    .doc = "Lets go of a MIDI port. Notes that an input holds end.",
                                    .examples = {{R"({"cmd":"close_midi","name":"loopback"})", "", {"open_midi"}}},
                                    .concurrent = true};
  static constexpr auto fields() {
    return std::tuple{json::field("name", &CloseMidi::name, {.doc = "A port that is open.", .required = true}),
                      json::field("direction", &CloseMidi::direction, {.doc = "Which of that name; none = both."})};
  }
  using Reply = Empty;
  Result<Reply> run(Context &context) const {
    if (auto done = context.midi.close(name, direction); !done) return std::unexpected(done.error());
    return Reply{};
  }
};

struct SendMidi : json::Request {
  std::string name;
  std::vector<std::int32_t> bytes;
  static constexpr CommandInfo info{
      .name = "send_midi",
      .doc = "Sends one MIDI message to an output that is open, now.",
      .examples = {{.request = R"({"cmd":"send_midi","name":"loopback","bytes":[144,60,100]})",
                    .needs = {open_output}}},
      .concurrent = true};
  static constexpr auto fields() {
    return std::tuple{json::field("name", &SendMidi::name, {.doc = "The output.", .required = true}),
                      json::field("bytes", &SendMidi::bytes,
                                  {.doc = "A whole message, its status first; system exclusive with its end.",
                                   .required = true,
                                   .min = 0,
                                   .max = 255})};
  }
  using Reply = Empty;
  Result<Reply> run(Context &context) const {
    constexpr std::size_t most_bytes = 65536;
    if (bytes.size() > most_bytes)
      return fail(Code::out_of_range, format("Expected at most {} bytes but received {}", most_bytes, bytes.size()),
                  "/bytes");
    const std::vector<std::uint8_t> message(bytes.begin(), bytes.end());
    if (!is_midi_message(message))
      return fail(Code::out_of_range, "Expected the bytes of one whole MIDI message", "/bytes");
    if (auto done = context.midi.send(name, message); !done) return std::unexpected(done.error());
    return Reply{};
  }
};

// Whether there is such a parameter now.
Result<void> check_param(Engine &engine, std::string_view node, std::string_view param) {
  auto value = Edit(engine, Edit::Pace::quick).controlled_value(node, param, 0);
  if (!value) return std::unexpected(value.error());
  return {};
}

constexpr json::FieldOptions node_options{.doc = "The node.", .required = true};
constexpr json::FieldOptions param_options{.doc = "One of its parameters.", .required = true};

struct MidiLearn : json::Request {
  std::string node_id, param_id;
  bool enabled = true;
  static constexpr CommandInfo info{
      .name = "midi_learn",
      .doc =
          "The next controller that moves on an open input moves this parameter from then on, from end to end of its "
          "range and even in its taper. The event midi_learned tells which it is.",
      .examples = {{R"({"cmd":"midi_learn","node_id":"synth","param_id":"gain"})", "", {"open_midi"}},
                   {R"({"cmd":"midi_learn","node_id":"synth","param_id":"gain","enabled":false})",
                    "No controller moved, and none is wanted any more.",
                    {"open_midi", "midi_learn"}}},
      .concurrent = true};
  static constexpr auto fields() {
    return std::tuple{json::field("node_id", &MidiLearn::node_id, node_options),
                      json::field("param_id", &MidiLearn::param_id, param_options),
                      json::field("enabled", &MidiLearn::enabled, {.doc = "False waits no longer for one."})};
  }
  using Reply = Empty;
  Result<Reply> run(Context &context) const {
    if (auto done = check_param(context.engine, node_id, param_id); !done) return std::unexpected(done.error());
    if (enabled) context.midi.learn(node_id, param_id);
    else context.midi.stop_learning(node_id, param_id);
    return Reply{};
  }
};

struct MidiMap : json::Request {
  std::string port;
  std::int32_t channel = 0, controller = 0;
  std::string node_id, param_id;
  static constexpr CommandInfo info{
      .name = "midi_map",
      .doc =
          "Has a controller move a parameter, as if it had been learned. It does nothing while the node is not there.",
      .examples = {{R"({"cmd":"midi_map","port":"loopback","controller":74,"node_id":"synth","param_id":"gain"})",
                    "",
                    {"open_midi"}}},
      .concurrent = true};
  static constexpr auto fields() {
    return std::tuple{
        json::field("port", &MidiMap::port, {.doc = "The input, open or not.", .required = true}),
        json::field("channel", &MidiMap::channel, {.doc = "MIDI channel, from 0.", .min = 0, .max = 15}),
        json::field("controller", &MidiMap::controller, {.doc = "Its number.", .required = true, .min = 0, .max = 119}),
        json::field("node_id", &MidiMap::node_id, node_options),
        json::field("param_id", &MidiMap::param_id, param_options)};
  }
  using Reply = Empty;
  Result<Reply> run(Context &context) const {
    if (auto done = check_param(context.engine, node_id, param_id); !done) return std::unexpected(done.error());
    context.midi.map({port, channel, controller, node_id, param_id});
    return Reply{};
  }
};

struct MidiUnmap : json::Request {
  std::string node_id, param_id;
  static constexpr CommandInfo info{
      .name = "midi_unmap",
      .doc = "Takes all controllers off a parameter.",
      .examples = {{R"({"cmd":"midi_unmap","node_id":"synth","param_id":"gain"})", "", {"midi_map"}}},
      .concurrent = true};
  static constexpr auto fields() {
    return std::tuple{json::field("node_id", &MidiUnmap::node_id, {.doc = "The node, there or not.", .required = true}),
                      json::field("param_id", &MidiUnmap::param_id, {.doc = "The parameter.", .required = true})};
  }
  struct Reply {
    bool removed = false;
    static constexpr auto fields() {
      return std::tuple{json::field("removed", &Reply::removed, {.doc = "Whether there was anything."})};
    }
  };
  Result<Reply> run(Context &context) const { return Reply{context.midi.unmap(node_id, param_id)}; }
};

struct RecordMidi : json::Request {
  bool enabled = true, while_stopped = false;
  static constexpr CommandInfo info{
      .name = "record_midi",
      .doc =
          "Keeps what open inputs play while the song plays, each event at the beat that was heard when it came. "
          "Switched off, it gives what was played.",
      .examples = {{R"({"cmd":"record_midi"})", "", {"open_midi"}},
                   {R"({"cmd":"record_midi","enabled":false})", "", {"open_midi", R"({"cmd":"record_midi"})"}}},
      .concurrent = true};
  static constexpr auto fields() {
    return std::tuple{
        json::field("enabled", &RecordMidi::enabled, {.doc = "False ends it."}),
        json::field("while_stopped", &RecordMidi::while_stopped,
                    {.doc = "Keeps also what comes while the song does not play, at the beat of the playhead."})};
  }
  struct Reply {
    std::vector<OwnedEvent> events;
    std::uint64_t dropped = 0;
    static constexpr auto fields() {
      return std::tuple{
          json::field(
              "events", &Reply::events,
              {.doc = "By beat, as a schedule takes them; notes that were held at the end have one. Empty while it "
                      "goes on."}),
          json::field("dropped", &Reply::dropped, {.doc = "Events beyond the first million."})};
    }
  };
  Result<Reply> run(Context &context) const {
    MidiRecorder &recorder = context.midi.recorder();
    if (enabled) {
      recorder.start(while_stopped);
      return Reply{};
    }
    MidiRecorder::Take take = recorder.stop();
    return Reply{std::move(take.events), take.dropped};
  }
};

}  // namespace

std::span<const Command> midi_commands() {
  static constexpr std::array commands{
      command<ListMidi>("midi"),  command<OpenMidi>("midi"), command<CloseMidi>("midi"), command<SendMidi>("midi"),
      command<MidiLearn>("midi"), command<MidiMap>("midi"),  command<MidiUnmap>("midi"), command<RecordMidi>("midi")};
  return commands;
}

}  // namespace arranger
