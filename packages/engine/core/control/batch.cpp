// SPDX-License-Identifier: MIT
#include "control/command.hpp"

namespace arranger {

Result<void> ensure_live(Engine &engine, bool has_turn) {
  if (engine.live()) return {};
  std::unique_lock turn(engine.turn(), std::defer_lock);
  if (!has_turn) turn.lock();
  return engine.start_live();
}

namespace {

// One request among the batch's. The text lives as long as it is read.
struct Entry {
  simdjson::dom::parser parser;
  json::Element document;
  const Command *command = nullptr;
};

Result<void> find(Entry &entry, const std::string &text) {
  json::Element field;
  std::string_view name;
  json::Object object;
  if (entry.parser.parse(text).get(entry.document) != simdjson::SUCCESS ||
      entry.document.get_object().get(object) != simdjson::SUCCESS)
    return fail(Code::type_mismatch, "Expected a request to be an object");
  if (object.at_key("cmd").get(field) != simdjson::SUCCESS || field.get_string().get(name) != simdjson::SUCCESS)
    return fail(Code::invalid_request, "Expected the field 'cmd', a string, but it is missing", "/cmd");
  entry.command = find_command(name);
  if (!entry.command) return unknown_command(name);
  if (!entry.command->stage)
    return fail(Code::invalid_request,
                format("Expected a command that edits the session; '{}' cannot be in a batch", name), "/cmd");
  return {};
}

// A request in a batch may carry an id as any other may.
std::string repeated_id(const json::Element &request) {
  json::Element id;
  return request.at_key("id").get(id) == simdjson::SUCCESS ? ",\"id\":" + simdjson::minify(id) : std::string();
}

std::unexpected<Error> at(std::size_t index, Error error) {
  error.path = format("/commands/{}", index) + error.path;
  return std::unexpected(std::move(error));
}

// All steps on the edit, and what they reply.
Result<std::vector<json::Raw>> stage(const std::vector<Entry> &entries, Edit &edit, Attachments attachments) {
  std::vector<json::Raw> replies;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Body body = entries[i].command->stage(edit, entries[i].document, attachments);
    if (!body) return at(i, body.error());
    replies.push_back({R"({"status":"ok")" + *body + repeated_id(entries[i].document) + '}'});
  }
  return replies;
}

struct Batch : json::Request {
  std::vector<json::Raw> commands;
  std::optional<std::int64_t> at_frame;
  static constexpr CommandInfo info{
      .name = "batch",
      .doc =
          "Several edits as one: all are valid or none happens, and what plays gets them between the same two frames.",
      .examples = {{R"({"cmd":"batch","commands":[{"cmd":"set_bpm","bpm":90},)"
                    R"({"cmd":"set_param","node_id":"synth","param_id":"gain","value":0.4},{"cmd":"play"}]})",
                    "",
                    {"set_graph"}}}};
  static constexpr auto fields() {
    return std::tuple{
        json::field("commands", &Batch::commands, {.doc = "Requests that edit the session or play.", .required = true}),
        json::field(
            "at_frame", &Batch::at_frame,
            {.doc = "The steady frame at which they come into force; none or past = now. In the future it is at "
                    "most 60 s ahead, and the commands then leave graph, schedule and tempo as they are.",
             .min = 0,
             .unit = "frames"})};
  }
  struct Reply {
    std::vector<json::Raw> replies;
    static constexpr auto fields() {
      return std::tuple{json::field("replies", &Reply::replies, {.doc = "One for each command, in order."})};
    }
  };
  Result<Reply> run(Context &context) const {
    std::vector<Entry> entries(commands.size());
    bool plays = at_frame.has_value();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (auto done = find(entries[i], commands[i].text); !done) return at(i, done.error());
      plays = plays || entries[i].command->info->plays;
    }
    if (plays && !context.engine.live()) {  // first see whether it is right: an error starts nothing
      Edit trial(context.engine, Edit::Pace::quick);
      if (auto staged = stage(entries, trial, context.attachments); !staged) return std::unexpected(staged.error());
    }
    if (plays)
      if (auto done = ensure_live(context.engine, true); !done) return std::unexpected(done.error());
    Edit edit(context.engine, Edit::Pace::quick);  // nobody comes in between
    auto staged = stage(entries, edit, context.attachments);
    if (!staged) return std::unexpected(staged.error());
    if (auto done = edit.commit(at_frame); !done) return std::unexpected(done.error());
    return Reply{std::move(*staged)};
  }
};

}  // namespace

std::span<const Command> batch_commands() {
  static constexpr std::array commands{command<Batch>("batch")};
  return commands;
}

}  // namespace arranger
