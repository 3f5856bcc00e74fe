// SPDX-License-Identifier: MIT
#include <unordered_map>

#include "control/command.hpp"

namespace arranger {

template <>
struct json::Words<EventKind> {
  static constexpr std::array<std::pair<EventKind, std::string_view>, 11> all{
      {{EventKind::note_on, "note_on"},
       {EventKind::note_off, "note_off"},
       {EventKind::program, "program"},
       {EventKind::volume, "volume"},
       {EventKind::bend, "bend"},
       {EventKind::control, "control"},
       {EventKind::cc, "cc"},
       {EventKind::pressure, "pressure"},
       {EventKind::poly_pressure, "poly_pressure"},
       {EventKind::tempo, "tempo"},
       {EventKind::param, "param"}}};
};

namespace {

struct EventJson : json::Request {
  double beat = 0;
  EventKind type = EventKind::note_on;
  std::string node_id;
  std::int32_t channel = 0;
  std::optional<std::int32_t> pitch;
  std::optional<std::int32_t> velocity;
  double value = 0;
  std::string param_id;
  double ramp_beats = 0;
  static constexpr auto fields() {
    return std::tuple{
        json::field("beat", &EventJson::beat,
                    {.doc = "When; below 0 = set-up, before anything else.", .min = -1e9, .max = 1e9, .unit = "beats"}),
        json::field("type", &EventJson::type, {.doc = "What happens.", .required = true}),
        json::field("node_id", &EventJson::node_id, {.doc = "To whom; not for tempo."}),
        json::field("channel", &EventJson::channel, {.doc = "MIDI channel, from 0.", .min = 0, .max = 15}),
        json::field("pitch", &EventJson::pitch,
                    {.doc = "Key, 60 unless given; program; cc number; volume; bend as 14 bits, or its low 7.",
                     .min = 0,
                     .max = 16383}),
        json::field(
            "velocity", &EventJson::velocity,
            {.doc = "0..127, 100 unless given for a note; cc value; pressure; bank 0..16383; bend's high 7 bits.",
             .min = 0,
             .max = 16383}),
        json::field("value", &EventJson::value, {.doc = "Of control and param: plain units. Of tempo: BPM."}),
        json::field("param_id", &EventJson::param_id, {.doc = "Of param, and of control where it moves a parameter."}),
        json::field("ramp_beats", &EventJson::ramp_beats,
                    {.doc = "Of param: length of the line to the value.", .min = 0, .max = 1e6, .unit = "beats"})};
  }
};

// The greatest values that an event's type allows.
struct Limits {
  std::int32_t pitch, velocity;
};
Limits limits(EventKind kind) {
  switch (kind) {
    case EventKind::bend:
      return {16383, 127};
    case EventKind::program:
      return {127, 16383};
    default:
      return {127, 127};
  }
}

std::int32_t pitch_unless_given(EventKind kind) {
  const bool has_key = kind == EventKind::note_on || kind == EventKind::note_off || kind == EventKind::poly_pressure;
  return has_key ? 60 : 0;
}

// Old clients send channel pressure in `pitch`.
std::int32_t velocity_unless_given(const EventJson &source) {
  if (source.type == EventKind::pressure) return source.pitch.value_or(0);
  return source.type == EventKind::note_on ? 100 : 0;
}

class ScheduleBuilder {
 public:
  Result<void> add(const EventJson &source, std::size_t index) {
    const auto error = [&](Code code, std::string_view field, std::string message) {
      return fail(code, std::move(message), format("/events/{}/{}", index, field));
    };
    const bool is_tempo = source.type == EventKind::tempo;
    const bool is_param =
        source.type == EventKind::param || (source.type == EventKind::control && !source.param_id.empty());
    const Limits most = limits(source.type);
    if (!is_tempo && source.node_id.empty())
      return error(Code::invalid_request, "node_id", "Expected the field 'node_id' but it is missing");
    if (source.type == EventKind::param && source.param_id.empty())
      return error(Code::invalid_request, "param_id", "Expected the field 'param_id' but it is missing");
    if (is_tempo && !(source.value >= 1 && source.value <= 999))
      return error(Code::out_of_range, "value",
                   format("Expected value between 1 and 999 but received {}", source.value));
    if (source.pitch && *source.pitch > most.pitch)
      return error(Code::out_of_range, "pitch",
                   format("Expected pitch between 0 and {} but received {}", most.pitch, *source.pitch));
    if (source.velocity && *source.velocity > most.velocity)
      return error(Code::out_of_range, "velocity",
                   format("Expected velocity between 0 and {} but received {}", most.velocity, *source.velocity));
    ScheduledEvent event;
    event.beat = source.beat;
    event.value = source.value;
    event.ramp_beats = is_param ? static_cast<float>(source.ramp_beats) : 0;
    if (!is_tempo) event.node = intern(source.node_id, nodes_, schedule_.nodes);
    if (is_param) event.param = intern(source.param_id, params_, schedule_.params);
    event.pitch = static_cast<std::int16_t>(source.pitch.value_or(pitch_unless_given(source.type)));
    event.velocity = static_cast<std::int16_t>(source.velocity.value_or(velocity_unless_given(source)));
    event.channel = static_cast<std::uint8_t>(source.channel);
    event.kind = source.type;
    schedule_.events.push_back(event);
    return {};
  }
  Schedule take() { return std::move(schedule_); }
  void reserve(std::size_t count) { schedule_.events.reserve(count); }

 private:
  using Names = std::unordered_map<std::string, std::int32_t>;
  static std::int32_t intern(const std::string &name, Names &names, std::vector<std::string> &list) {
    const auto [place, fresh] = names.try_emplace(name, static_cast<std::int32_t>(list.size()));
    if (fresh) list.push_back(name);
    return place->second;
  }
  Schedule schedule_;
  Names nodes_, params_;
};

struct SetSchedule : json::Request {
  std::vector<EventJson> events;
  static constexpr CommandInfo info{
      .name = "set_schedule",
      .doc =
          "Replaces the schedule. Events for nodes that the graph does not have yet are kept and listed in warnings.",
      .examples = {
          {.request =
               R"({"cmd":"set_schedule","events":[{"beat":0,"type":"note_on","node_id":"track","pitch":60,"velocity":100},)"
               R"({"beat":1,"type":"note_off","node_id":"track","pitch":60}]})",
           .needs = {"set_graph"}}}};
  static constexpr auto fields() {
    return std::tuple{json::field("events", &SetSchedule::events, {.doc = "The events, in any order."})};
  }
  struct Reply {
    std::int64_t events = 0;
    std::vector<Warning> warnings;
    static constexpr auto fields() {
      return std::tuple{json::field("events", &Reply::events, {.doc = "How many there are."}),
                        json::field("warnings", &Reply::warnings, {.doc = "What was forgiven."})};
    }
  };
  Result<Reply> run(Context &context) const {
    ScheduleBuilder builder;
    builder.reserve(events.size());
    for (std::size_t i = 0; i < events.size(); ++i)
      if (auto done = builder.add(events[i], i); !done) return std::unexpected(done.error());
    ScheduleChange change = context.engine.set_schedule(builder.take());
    return Reply{change.events, std::move(change.warnings)};
  }
};

}  // namespace

std::span<const Command> schedule_commands() {
  static constexpr std::array commands{command<SetSchedule>("schedule")};
  return commands;
}

}  // namespace arranger
