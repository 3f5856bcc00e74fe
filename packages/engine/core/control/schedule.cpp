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

class ScheduleReader {
 public:
  ScheduleReader(std::string_view path, std::size_t count) : path_(path) { schedule_.events.reserve(count); }

  Result<void> add(const EventJson &source, std::size_t index) {
    const auto here = [&](std::string_view field) { return format("{}/{}/{}", path_, index, field); };
    const auto missing = [&](std::string_view field) {
      return fail(Code::invalid_request, format("Expected the field '{}' but it is missing", field), here(field));
    };
    if (!is_global(source.type) && source.node_id.empty()) return missing("node_id");
    if (source.type == EventKind::param && source.param_id.empty()) return missing("param_id");
    if (source.type == EventKind::tempo && !(source.value >= 1 && source.value <= 999))
      return fail(Code::out_of_range, format("Expected value between 1 and 999 but received {}", source.value),
                  here("value"));
    const EventNumbers numbers{source.type, source.pitch, source.velocity};
    if (source.pitch || source.velocity)
      if (auto done = check(numbers, ""); !done) {
        done.error().path = format("{}/{}", path_, index) + done.error().path;
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
  static std::int32_t intern(const std::string &name, Names &names, std::vector<std::string> &list, std::size_t &last) {
    if (last < list.size() && list[last] == name) return static_cast<std::int32_t>(last);  // most often
    const auto [place, fresh] = names.try_emplace(name, static_cast<std::int32_t>(list.size()));
    if (fresh) list.push_back(name);
    last = static_cast<std::size_t>(place->second);
    return place->second;
  }
  std::string_view path_;
  Schedule schedule_;
  Names nodes_, params_;
  std::size_t last_node_ = 0, last_param_ = 0;
};

}  // namespace

Result<Schedule> read_schedule(const std::vector<EventJson> &events, std::string_view path) {
  ScheduleReader reader(path, events.size());
  for (std::size_t i = 0; i < events.size(); ++i)
    if (auto done = reader.add(events[i], i); !done) return std::unexpected(done.error());
  return reader.take();
}

std::vector<EventJson> write_schedule(const Schedule &schedule) {
  std::vector<EventJson> out;
  out.reserve(schedule.events.size());
  for (const ScheduledEvent &event : schedule.events) {
    EventJson &to = out.emplace_back();
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
  }
  return out;
}

namespace {

struct SetSchedule : json::Request {
  std::vector<EventJson> events;
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
           {"set_graph"}}}};
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
  Result<Reply> run(Edit &edit) const {
    auto schedule = read_schedule(events, "/events");
    if (!schedule) return std::unexpected(schedule.error());
    auto change = edit.set_schedule(std::move(*schedule));
    if (!change) return std::unexpected(change.error());
    return Reply{change->events, std::move(change->warnings)};
  }
};

}  // namespace

std::span<const Command> schedule_commands() {
  static constexpr std::array commands{command<SetSchedule>("schedule")};
  return commands;
}

}  // namespace arranger
