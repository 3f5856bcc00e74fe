// SPDX-License-Identifier: MIT
#include <algorithm>
#include <unordered_map>

#include "base/version.hpp"
#include "control/command.hpp"
#include "control/descriptors.hpp"
#include "control/features.hpp"
#include "control/live_events.hpp"

namespace arranger {
namespace {

// A list of texts that is JSON already.
struct FeatureList {
  std::shared_ptr<const std::string> json;
};

}  // namespace

template <>
void json::write(std::string &out, const FeatureList &list) {
  out += *list.json;
}
template <>
void json::schema_members<FeatureList>(std::string &out, ObjectWriter &object, const FieldOptions &options, Side side,
                                       bool nullable) {
  schema_members<std::vector<std::string>>(out, object, options, side, nullable);
}

namespace {

struct Ping : json::Request {
  static constexpr CommandInfo info{.name = "ping",
                                    .doc = "Answers at once, whatever else is going on.",
                                    .examples = {{R"({"cmd":"ping"})"}},
                                    .concurrent = true};
  static constexpr auto fields() { return std::tuple{}; }
  struct Reply {
    std::string_view version;
    FeatureList features;
    static constexpr auto fields() {
      return std::tuple{
          json::field("version", &Reply::version, {.doc = "Of the engine."}),
          json::field(
              "features", &Reply::features,
              {.doc = "What is there, in short words: node types, formats of renders, commands, devices, and what"
                      " the platform and the way to the engine give."})};
    }
  };
  Result<Reply> run(Context &context) const { return Reply{engine_version, {context.features.json()}}; }
};

struct ExampleReply {
  std::string_view doc;
  json::Raw request;
  std::vector<json::Raw> needs;
  std::vector<std::string_view> files;
  std::optional<std::string_view> otherwise;
  static constexpr auto fields() {
    return std::tuple{
        json::field("doc", &ExampleReply::doc, {.doc = "What it shows, or empty."}),
        json::field("request", &ExampleReply::request, {.doc = "A whole request."}),
        json::field("needs", &ExampleReply::needs,
                    {.doc = "Requests that come before it on a fresh engine, in order."}),
        json::field("files", &ExampleReply::files, {.doc = "Files that it needs in the engine's working directory."}),
        json::field("otherwise", &ExampleReply::otherwise,
                    {.doc = "The error code on a machine that lacks a device which it names."})};
  }
};

struct CommandReply {
  std::string_view noun, doc;
  json::Raw request, reply;
  std::vector<ExampleReply> examples;
  bool concurrent = false;
  static constexpr auto fields() {
    return std::tuple{
        json::field("noun", &CommandReply::noun, {.doc = "What it is about."}),
        json::field("doc", &CommandReply::doc, {.doc = "What it does."}),
        json::field("concurrent", &CommandReply::concurrent, {.doc = "Never waits for other commands."}),
        json::field("request", &CommandReply::request, {.doc = "JSON Schema of its fields beside cmd and id."}),
        json::field("reply", &CommandReply::reply, {.doc = "JSON Schema of what stands beside status and id."}),
        json::field("examples", &CommandReply::examples, {.doc = "Requests with what they need."})};
  }
};

struct ErrorReply {
  std::string_view code, cause, remedy;
  static constexpr auto fields() {
    return std::tuple{json::field("code", &ErrorReply::code, {.doc = "As in replies."}),
                      json::field("cause", &ErrorReply::cause, {.doc = "When it comes."}),
                      json::field("remedy", &ErrorReply::remedy, {.doc = "What to do."})};
  }
};

json::Raw schema_text(void (*write)(std::string &)) {
  std::string out;
  write(out);
  return {std::move(out)};
}

template <class T>
json::Raw schema_of() {
  return schema_text([](std::string &out) { json::write_schema<T>(out, json::Side::reply); });
}

// What must be sent before an example, whole requests in order and each once: a command stands for its first example.
void add_needs(std::vector<json::Raw> &out, const Example &example) {
  for (const std::string_view need : example.needs) {
    if (need.empty()) return;
    const Command *command = find_command(need);
    if (command) add_needs(out, command->info->examples[0]);
    const std::string_view request = command ? command->info->examples[0].request : need;
    if (std::ranges::find(out, request, &json::Raw::text) == out.end()) out.push_back({std::string(request)});
  }
}

std::vector<ExampleReply> examples(const CommandInfo &command) {
  std::vector<ExampleReply> out;
  for (const Example &example : command.examples) {
    if (example.request.empty()) break;
    ExampleReply &reply = out.emplace_back(ExampleReply{example.doc, {std::string(example.request)}, {}, {}, {}});
    add_needs(reply.needs, example);
    for (const std::string_view file : example.files)
      if (!file.empty()) reply.files.push_back(file);
    if (example.otherwise) reply.otherwise = arranger::info(*example.otherwise).name;
  }
  return out;
}

json::Map<CommandReply> commands() {
  json::Map<CommandReply> out;
  for (const Command &command : command_table())
    out.emplace_back(
        command.info->name,
        CommandReply{command.noun, command.info->doc, schema_text(command.request_schema),
                     schema_text(command.reply_schema), examples(*command.info), command.info->concurrent});
  return out;
}

std::vector<ErrorReply> errors() {
  std::vector<ErrorReply> out;
  for (int code = 0; code <= static_cast<int>(Code::message_too_large); ++code) {
    const CodeInfo &entry = info(static_cast<Code>(code));
    out.push_back({entry.name, entry.cause, entry.remedy});
  }
  return out;
}

struct MemoryFieldReply {
  std::string_view type, doc;
  std::size_t offset = 0;
  static constexpr auto fields() {
    return std::tuple{
        json::field("type", &MemoryFieldReply::type, {.doc = "u32, f32 or f64, as the machine stores it."}),
        json::field("offset", &MemoryFieldReply::offset, {.doc = "Where it begins.", .unit = "bytes"}),
        json::field("doc", &MemoryFieldReply::doc, {.doc = "What it holds."})};
  }
};

struct DisplayReply {
  std::size_t scope_offset = display_scope_offset;
  json::Map<MemoryFieldReply> cells;
  static constexpr auto fields() {
    return std::tuple{
        json::field("scope_offset", &DisplayReply::scope_offset,
                    {.doc = "Where the scope begins: f32, all of left, then all of right.", .unit = "bytes"}),
        json::field("cells", &DisplayReply::cells, {.doc = "By name, in the order of their offsets."})};
  }
};

DisplayReply display_layout() {
  DisplayReply out;
  for (const DisplayField &cell : display_fields) {
    constexpr std::string_view words[] = {"u32", "f32", "f64"};
    out.cells.emplace_back(cell.name, MemoryFieldReply{words[static_cast<int>(cell.type)], cell.doc, cell.offset});
  }
  return out;
}

struct Describe : json::Request {
  static constexpr CommandInfo info{
      .name = "describe",
      .doc = "JSON Schemas of all commands, replies, events, error codes and descriptors.",
      .examples = {{R"({"cmd":"describe"})"}},
      .concurrent = true};
  static constexpr auto fields() { return std::tuple{}; }
  struct Reply {
    std::string_view version;
    json::Map<CommandReply> commands;
    json::Map<json::Raw> events;
    DisplayReply display;
    std::vector<ErrorReply> errors;
    json::Raw error_reply, descriptor;
    std::vector<std::string> type_aliases;
    static constexpr auto fields() {
      return std::tuple{
          json::field("version", &Reply::version, {.doc = "Of the engine."}),
          json::field("commands", &Reply::commands, {.doc = "By name, in the order of their nouns."}),
          json::field("events", &Reply::events, {.doc = "By name: JSON Schema of what stands beside event."}),
          json::field(
              "display", &Reply::display,
              {.doc = "The cells of memory that a client shares with the engine, which shows there what plays."}),
          json::field("errors", &Reply::errors, {.doc = "The catalogue of codes."}),
          json::field("error_reply", &Reply::error_reply,
                      {.doc = "JSON Schema of what stands beside status and id in an error's reply."}),
          json::field("descriptor", &Reply::descriptor, {.doc = "JSON Schema of a plugin's descriptor."}),
          json::field("type_aliases", &Reply::type_aliases, {.doc = "Short names of node types."})};
    }
  };
  Result<Reply> run(Context &) const {
    return Reply{engine_version,
                 commands(),
                 {{"position", schema_of<PositionReply>()},
                  {"meters", schema_of<MetersEvent>()},
                  {"stats", schema_of<StatsReply>()},
                  {"xrun", schema_of<XrunEvent>()},
                  {"plugin_fault", schema_of<FaultEvent>()},
                  {"plugin_restarted", schema_of<RestartedEvent>()},
                  {"library_loaded", schema_of<LibraryEvent>()},
                  {"library_reloaded", schema_of<LibraryEvent>()},
                  {"library_unloaded", schema_of<LibraryEvent>()},
                  {"library_failed", schema_of<LibraryFailedEvent>()},
                  {"device_lost", schema_of<DeviceLostEvent>()},
                  {"device_found", schema_of<DeviceFoundEvent>()},
                  {"midi_lost", schema_of<MidiPortEvent>()},
                  {"midi_found", schema_of<MidiPortEvent>()},
                  {"midi_learned", schema_of<MidiLearnedEvent>()},
                  {"log", schema_of<LogEvent>()},
                  {"render_progress", schema_of<ProgressEvent>()}},
                 display_layout(),
                 errors(),
                 schema_of<ErrorBody>(),
                 schema_of<Descriptor>(),
                 type_aliases()};
  }
};

}  // namespace

std::span<const Command> engine_commands() {
  static constexpr std::array commands{command<Ping>("engine"), command<Describe>("engine")};
  return commands;
}

const std::vector<Command> &command_table() {
  static const std::vector<Command> table = [] {
    std::vector<Command> out;
    for (const auto commands :
         {engine_commands(), graph_commands(), schedule_commands(), transport_commands(), notes_commands(),
          params_commands(), data_commands(), render_commands(), state_commands(), batch_commands(), plugins_commands(),
          libraries_commands(), devices_commands(), midi_commands(), events_commands(), clients_commands()})
      out.insert(out.end(), commands.begin(), commands.end());
    return out;
  }();
  return table;
}

std::unexpected<Error> unknown_command(std::string_view name) {
  std::vector<std::string_view> known;
  for (const Command &command : command_table()) known.push_back(command.info->name);
  return fail(Code::unknown_command, format("No command '{}'{}", name, nearest_hint(name, known)), "/cmd");
}

const Command *find_command(std::string_view name) {
  static const auto by_name = [] {
    std::unordered_map<std::string_view, const Command *> out;
    for (const Command &command : command_table()) out.emplace(command.info->name, &command);
    return out;
  }();
  const auto found = by_name.find(name);
  return found == by_name.end() ? nullptr : found->second;
}

}  // namespace arranger
