// SPDX-License-Identifier: MIT
#include <unordered_map>

#include "control/command.hpp"
#include "control/schedule_json.hpp"

namespace arranger {
namespace {

bool is_global(EventKind kind) { return kind == EventKind::tempo || kind == EventKind::time_signature; }

bool is_param(const EventJson &event) {
  return event.type == EventKind::param || (event.type == EventKind::control && !event.param_id.empty());
}

// Events one after the other, checked as a whole.
class ScheduleReader {
 public:
  explicit ScheduleReader(std::size_t most) { schedule_.events.reserve(most); }

  // `at` answers where a field of the event stands.
  template <class At>
  Result<void> add(const EventJson &source, At at) {
    const auto missing = [&](std::string_view field) {
      return fail(Code::invalid_request, format("Expected the field '{}' but it is missing", field), at(field));
    };
    if (!is_global(source.type) && source.node_id.empty()) return missing("node_id");
    if (source.type == EventKind::param && source.param_id.empty()) return missing("param_id");
    if (source.type == EventKind::tempo && !(source.value >= 1 && source.value <= 999))
      return fail(Code::out_of_range, format("Expected value between 1 and 999 but received {}", source.value),
                  at("value"));
    const EventNumbers numbers{source.type, source.pitch, source.velocity};
    if (source.pitch || source.velocity)
      if (auto done = check(numbers, ""); !done) {
        done.error().path = at(std::string_view(done.error().path).substr(1));
        return done;
      }
    ScheduledEvent event;
    event.beat = source.beat;
    event.value = source.value;
    if (is_param(source) || source.type == EventKind::tempo) event.ramp_beats = static_cast<float>(source.ramp_beats);
    if (!is_global(source.type)) event.node = intern(source.node_id, nodes_, schedule_.nodes, last_node_);
    if (is_param(source)) event.param = intern(source.param_id, params_, schedule_.params, last_param_);
    event.pitch = static_cast<std::int16_t>(numbers.pitch());
    event.velocity = static_cast<std::int16_t>(numbers.velocity());
    event.channel = static_cast<std::uint8_t>(source.channel);
    event.kind = source.type;
    schedule_.events.push_back(event);
    return {};
  }
  Schedule take() { return std::move(schedule_); }

 private:
  using Names = std::unordered_map<std::string, std::int32_t>;
  static std::int32_t intern(std::string_view name, Names &names, std::vector<std::string> &list, std::size_t &last) {
    if (last < list.size() && list[last] == name) return static_cast<std::int32_t>(last);  // most often
    const auto [place, fresh] = names.try_emplace(std::string(name), static_cast<std::int32_t>(list.size()));
    if (fresh) list.emplace_back(name);
    last = static_cast<std::size_t>(place->second);
    return place->second;
  }
  Schedule schedule_;
  Names nodes_, params_;
  std::size_t last_node_ = 0, last_param_ = 0;
};

Result<void> read_events(const json::Items<EventJson> &events, std::string_view path, ScheduleReader &reader) {
  return events.each(path, [&reader](const EventJson &event, const json::Path &here) {
    return reader.add(event, [&here](std::string_view field) { return json::Path{&here, field}.text(); });
  });
}

EventJson written(const Schedule &schedule, std::size_t index) {
  const ScheduledEvent &event = schedule.events[index];
  EventJson to;
  to.beat = event.beat;
  to.type = event.kind;
  if (event.node >= 0) to.node_id = schedule.nodes[std::size_t(event.node)];
  if (event.param >= 0) to.param_id = schedule.params[std::size_t(event.param)];
  to.channel = event.channel;
  if (event.kind != EventKind::tempo && event.param < 0) {
    to.pitch = event.pitch;
    to.velocity = event.velocity;
  }
  to.value = event.value;
  to.ramp_beats = static_cast<double>(event.ramp_beats);
  return to;
}

}  // namespace

Result<Schedule> read_schedule(const json::Items<EventJson> &events, std::string_view path) {
  ScheduleReader reader(events.most());
  if (auto done = read_events(events, path, reader); !done) return std::unexpected(std::move(done.error()));
  return reader.take();
}

json::Items<EventJson> write_schedule(std::shared_ptr<const Schedule> schedule) {
  const std::size_t count = schedule->events.size();
  return {count,
          [schedule = std::move(schedule)](std::size_t index, EventJson &event) { event = written(*schedule, index); }};
}

namespace {

struct SetSchedule : json::Request {
  json::Items<EventJson> events;
  std::vector<json::Columns<EventJson>> columns;
  static constexpr CommandInfo info{
      .name = "set_schedule",
      .doc =
          "Replaces the schedule. Events for nodes that the graph does not have yet are kept and listed in warnings.",
      .examples = {
          {R"({"cmd":"set_schedule","events":[{"beat":0,"type":"note_on","node_id":"track","pitch":60,"velocity":100},)"
           R"({"beat":1,"type":"note_off","node_id":"track","pitch":60}]})",
           "",
           {"set_graph"}},
          {R"({"cmd":"set_schedule","events":[{"beat":0,"type":"time_signature","pitch":3,"velocity":4},)"
           R"({"beat":6,"type":"tempo","value":90,"ramp_beats":3},{"beat":0,"type":"param","node_id":"synth",)"
           R"("param_id":"gain","value":0.5,"ramp_beats":4}]})",
           "Three beats a bar, a ritardando over one bar, a fade.",
           {"set_graph"}},
          {R"({"cmd":"set_schedule","columns":[{"type":"param","node_id":"synth","param_id":"gain",)"
           R"("beat":[0,1,2],"value":[0.2,0.5,0.1]}]})",
           "Three values of one parameter, in columns.",
           {"set_graph"}}}};
  static constexpr auto fields() {
    return std::tuple{
        json::field("events", &SetSchedule::events, {.doc = "The events, in any order."}),
        json::field(
            "columns", &SetSchedule::columns,
            {.doc = "More events, behind those: of each field one value for all, or an array with one for each; "
                    "of a field that is left out, its default. Arrays of numbers may come with the request, which "
                    "then has {\"attachment\": their number} in their place."})};
  }
  struct Reply {
    std::int64_t events = 0;
    std::vector<Warning> warnings;
    static constexpr auto fields() {
      return std::tuple{json::field("events", &Reply::events, {.doc = "How many there are."}),
                        json::field("warnings", &Reply::warnings, {.doc = "What was forgiven."})};
    }
  };
  Result<Reply> run(Edit &edit) const {
    auto schedule = read();
    if (!schedule) return std::unexpected(std::move(schedule.error()));
    std::size_t in_columns = 0;
    for (const auto &group : columns) in_columns += group.size();
    const std::size_t in_events = schedule->events.size() - in_columns;
    auto change = edit.set_schedule(std::move(*schedule));
    if (!change) return std::unexpected(std::move(change.error()));
    Reply reply{change->events, {}};
    for (EventWarning &warning : change->warnings)
      reply.warnings.push_back({std::move(warning.code), place_of(warning, in_events), std::move(warning.message)});
    return reply;
  }

 private:
  Result<Schedule> read() const {
    std::size_t most = events.most();
    for (const auto &group : columns) most += group.size();
    ScheduleReader reader(most);
    if (auto done = read_events(events, "/events", reader); !done) return std::unexpected(std::move(done.error()));
    const json::Path root;
    const json::Path list{&root, "columns"};
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const json::Path here{&list, {}, static_cast<std::int64_t>(i)};
      const auto add = [&](const EventJson &event, std::size_t row) {
        return reader.add(event, [&](std::string_view field) { return columns[i].path_of(field, row, here); });
      };
      if (auto done = columns[i].each(here, add); !done) return std::unexpected(std::move(done.error()));
    }
    return reader.take();
  }
  std::string place_of(const EventWarning &warning, std::size_t in_events) const {
    if (warning.event < in_events) return format("/events/{}/{}", warning.event, warning.field);
    std::size_t row = warning.event - in_events, group = 0;
    while (row >= columns[group].size()) row -= columns[group++].size();
    const json::Path root;
    const json::Path list{&root, "columns"};
    return columns[group].path_of(warning.field, row, json::Path{&list, {}, static_cast<std::int64_t>(group)});
  }
};

}  // namespace

std::span<const Command> schedule_commands() {
  static constexpr std::array commands{command<SetSchedule>("schedule")};
  return commands;
}

}  // namespace arranger
