// SPDX-License-Identifier: MIT
#include <set>

#include "base/version.hpp"
#include "control/command.hpp"
#include "control/descriptors.hpp"
#include "plugin/registry.hpp"

namespace arranger {
namespace {

// What this engine can do: short names whose plugin is there, formats of renders, and commands that old clients ask about.
std::vector<std::string> features() {
  std::set<std::string> out;
  for (const std::string &alias : type_aliases())
    if (alias == track_source_type || Registry::instance().find(plugin_id_of(alias))) out.insert(alias);
  for (const AudioFormat format : {AudioFormat::flac, AudioFormat::ogg, AudioFormat::mp3})
    if (is_available(format)) out.emplace(name_of(format));
  for (const std::string_view name : {"note_on", "note_off", "all_notes_off", "set_node_config"})
    if (find_command(name)) out.emplace(name);
  return {out.begin(), out.end()};
}

struct Ping : json::Request {
  static constexpr CommandInfo info{.name = "ping",
                                    .doc = "Answers at once, whatever else is going on.",
                                    .example = R"({"cmd":"ping"})",
                                    .concurrent = true};
  static constexpr auto fields() { return std::tuple{}; }
  struct Reply {
    std::string version;
    std::vector<std::string> features;
    static constexpr auto fields() {
      return std::tuple{json::field("version", &Reply::version, {.doc = "Of the engine."}),
                        json::field("features", &Reply::features,
                                    {.doc = "What is there: node types, formats of renders, and commands."})};
    }
  };
  Result<Reply> run(Context &) const { return Reply{engine_version, features()}; }
};

struct CommandReply {
  std::string_view noun, doc;
  json::Raw request, reply;
  std::vector<json::Raw> examples;
  bool concurrent = false;
  static constexpr auto fields() {
    return std::tuple{
        json::field("noun", &CommandReply::noun, {.doc = "What it is about."}),
        json::field("doc", &CommandReply::doc, {.doc = "What it does."}),
        json::field("concurrent", &CommandReply::concurrent, {.doc = "Never waits for other commands."}),
        json::field("request", &CommandReply::request, {.doc = "JSON Schema of its fields beside cmd and id."}),
        json::field("reply", &CommandReply::reply, {.doc = "JSON Schema of what stands beside status and id."}),
        json::field("examples", &CommandReply::examples, {.doc = "Whole requests."})};
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

json::Raw command_map() {
  std::string out = "{";
  json::ObjectWriter object(out);
  for (const Command &command : command_table()) {
    CommandReply reply{command.noun,
                       command.info->doc,
                       schema_text(command.request_schema),
                       schema_text(command.reply_schema),
                       {{std::string(command.info->example)}},
                       command.info->concurrent};
    object.member(command.info->name, reply);
  }
  return {out + '}'};
}

std::vector<ErrorReply> errors() {
  std::vector<ErrorReply> out;
  for (int code = 0; code <= static_cast<int>(Code::message_too_large); ++code) {
    const CodeInfo &entry = info(static_cast<Code>(code));
    out.push_back({entry.name, entry.cause, entry.remedy});
  }
  return out;
}

struct ProgressEvent {
  json::Raw id;
  double ratio = 0;
  std::int64_t frames = 0, total_frames = 0;
  static constexpr auto fields() {
    return std::tuple{
        json::field("id", &ProgressEvent::id, {.doc = "Of the render request."}),
        json::field("ratio", &ProgressEvent::ratio, {.doc = "Done, 0..1."}),
        json::field("frames", &ProgressEvent::frames, {.doc = "Done.", .unit = "frames"}),
        json::field("total_frames", &ProgressEvent::total_frames, {.doc = "To do in all.", .unit = "frames"})};
  }
};

struct Describe : json::Request {
  static constexpr CommandInfo info{
      .name = "describe",
      .doc = "JSON Schemas of all commands, replies, events, error codes and descriptors.",
      .example = R"({"cmd":"describe"})",
      .concurrent = true};
  static constexpr auto fields() { return std::tuple{}; }
  struct Reply {
    std::string_view version;
    json::Raw commands, events;
    std::vector<ErrorReply> errors;
    json::Raw descriptor;
    std::vector<std::string> type_aliases;
    static constexpr auto fields() {
      return std::tuple{
          json::field("version", &Reply::version, {.doc = "Of the engine."}),
          json::field("commands", &Reply::commands, {.doc = "By name: noun, doc, request, reply, examples."}),
          json::field("events", &Reply::events, {.doc = "By name: JSON Schema of what stands beside event."}),
          json::field("errors", &Reply::errors, {.doc = "The catalogue of codes."}),
          json::field("descriptor", &Reply::descriptor, {.doc = "JSON Schema of a plugin's descriptor."}),
          json::field("type_aliases", &Reply::type_aliases, {.doc = "Short names of node types."})};
    }
  };
  Result<Reply> run(Context &) const {
    const auto progress = schema_text([](std::string &out) { json::write_schema<ProgressEvent>(out); });
    return Reply{engine_version,
                 command_map(),
                 {R"({"render_progress":)" + progress.text + '}'},
                 errors(),
                 schema_text([](std::string &out) { json::write_schema<Descriptor>(out); }),
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
    for (const auto commands : {engine_commands(), graph_commands(), schedule_commands(), transport_commands(),
                                params_commands(), plugins_commands(), render_commands(), events_commands()})
      out.insert(out.end(), commands.begin(), commands.end());
    return out;
  }();
  return table;
}

const Command *find_command(std::string_view name) {
  for (const Command &command : command_table())
    if (command.info->name == name) return &command;
  return nullptr;
}

}  // namespace arranger
