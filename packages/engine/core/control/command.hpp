// SPDX-License-Identifier: MIT
// What a command is: a struct whose fields are the request, with a Reply and a run. Everything else follows from it.
//
//   struct SetBpm : json::Request {
//     double bpm = 120;
//     static constexpr CommandInfo info{.name = "set_bpm", .doc = "…", .examples = {{R"({"cmd":"set_bpm","bpm":90})"}}};
//     static constexpr auto fields() { return std::tuple{json::field("bpm", &SetBpm::bpm, {.min = 1, .max = 999})}; }
//     struct Reply { static constexpr auto fields() { return std::tuple{}; } };
//     Result<Reply> run(Context &context) const;
//   };
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "control/events.hpp"
#include "control/graph_memory.hpp"
#include "control/prepared.hpp"
#include "control/read.hpp"
#include "control/schema.hpp"
#include "engine.hpp"

namespace arranger {

struct ClientState;
struct Face;
class Features;
class Housekeeper;
class MidiHub;

// What a handler may touch.
struct Context {
  Engine &engine;
  EventHub &events;
  ClientState &client;  // whose request it is
  Housekeeper &housekeeper;
  MidiHub &midi;
  const Features &features;
  const Face &face;
  GraphMemory &graph_memory;
  std::string_view text;  // of the request
  std::string id;         // of the request, as JSON text; empty when it has none
  Attachments attachments;
};

// A request that a reader may send to a fresh engine. The contract test runs every one.
struct Example {
  std::string_view request;            // a whole one
  std::string_view doc = {};           // what it shows, one sentence; empty where the request says it
  std::string_view needs[4] = {};      // sent before it: whole requests, or commands, each for its first example
  std::string_view files[2] = {};      // that must be there: names in the engine's working directory
  std::optional<Code> otherwise = {};  // what a machine answers that lacks a device which it names
};

struct CommandInfo {
  std::string_view name;
  std::string_view doc;      // one or two sentences
  Example examples[4] = {};  // as many as are not empty, the plainest first
  bool concurrent = false;   // needs no turn among edits: it only reads, is thread-safe by itself, or is a quick edit
  bool plays = false;        // live playback begins with it
};

// A reply's members after "status", or a job that makes them without holding up other commands.
using Body = Result<std::string>;
struct Outcome {
  Body body = std::string();
  std::function<Body()> job;
};

// A command without its type, as the table holds it.
struct Command {
  const CommandInfo *info;
  std::string_view noun;
  Outcome (*run)(Context &context, const json::Element &request);
  Body (*stage)(Edit &edit, const json::Element &request,
                Attachments attachments);  // null: not a step of an edit, so not for batch
  // What is new in a request that is otherwise as the one before, `rest` beside nodes; nothing, and nothing has happened, where
  // all of it has to be read. Null: a command that is always read.
  std::optional<Body> (*run_again)(Context &context, const json::Element &rest, Edit &edit, GraphMemory::News news);
  // Null: no command of one value that is worth it.
  Result<std::unique_ptr<Prepared>> (*prepare)(Engine &engine, const json::Element &request);
  void (*request_schema)(std::string &out);
  void (*reply_schema)(std::string &out);
};

template <class Reply>
Body body_of(const Result<Reply> &reply) {
  if (!reply) return std::unexpected(reply.error());
  std::string out;
  json::write_members(out, *reply, false);
  return out;
}

// Three kinds of command: `run(Edit &)` is a step of an edit, `prepare(Context &)` answers with a job, and `run(Context &)`
// is everything else.
template <class C>
concept EditStep = requires(C &command, Edit &edit) { command.run(edit); };

template <EditStep C>
Body stage(C &command, Edit &edit, const json::Element &request, Attachments attachments) {
  if (auto done = json::read(request, command, json::Path{.attachments = attachments}); !done)
    return std::unexpected(done.error());
  return body_of<typename C::Reply>(command.run(edit));
}
template <EditStep C>
Body stage_command(Edit &edit, const json::Element &request, Attachments attachments) {
  C command;
  return stage(command, edit, request, attachments);
}

// A step that is sent often and needs nothing of what an Edit prepares has `run_alone(Engine &)` as well: the same, by itself. It
// answers nothing where this request is not one of those.
template <class C>
concept RunsAlone = requires(const C &command, Engine &engine) { command.run_alone(engine); };

// Starts live playback unless it is there. Whoever has the turn already says so.
Result<void> ensure_live(Engine &engine, bool has_turn);

template <EditStep C>
Outcome run_edit(Context &context, const json::Element &request) {
  constexpr Edit::Pace pace = C::info.concurrent ? Edit::Pace::quick : Edit::Pace::slow;
  if constexpr (C::info.plays) {
    if (!context.engine.live()) {  // first see whether it is right: an error starts nothing
      Edit trial(context.engine, pace);
      if (Body body = stage_command<C>(trial, request, context.attachments); !body) return {std::move(body), {}};
    }
    if (auto done = ensure_live(context.engine, !C::info.concurrent); !done) return {std::unexpected(done.error()), {}};
  }
  if constexpr (RunsAlone<C>) {
    C command;
    if (auto done = json::read(request, command, json::Path{.attachments = context.attachments}); !done)
      return {std::unexpected(std::move(done.error())), {}};
    if (const auto reply = command.run_alone(context.engine)) return {body_of<typename C::Reply>(*reply), {}};
  }
  Edit edit(context.engine, pace);
  C command;
  Body body = stage(command, edit, request, context.attachments);
  if (!body) return {std::move(body), {}};
  if constexpr (requires { command.remember(context, edit); }) command.remember(context, edit);
  if (auto done = edit.commit(); !done) {
    if constexpr (requires { command.remember(context, edit); }) context.graph_memory.forget();
    return {std::unexpected(done.error()), {}};
  }
  return {std::move(body), {}};
}

template <class C>
Outcome run_command(Context &context, const json::Element &request) {
  C command;
  if (auto done = json::read(request, command, json::Path{.attachments = context.attachments}); !done)
    return {std::unexpected(done.error()), {}};
  if constexpr (requires { command.prepare(context); }) {
    auto job = command.prepare(context);
    if (!job) return {std::unexpected(job.error()), {}};
    return {std::string(), [job = std::move(*job)] { return body_of<typename C::Reply>(job()); }};
  } else {
    return {body_of<typename C::Reply>(command.run(context)), {}};
  }
}

// A command that may be prepared has `prepared(Engine &)`; its request then lacks the value.
template <class C>
concept Preparable = requires(const C &command, Engine &engine) { command.prepared(engine); };

template <Preparable C>
Result<std::unique_ptr<Prepared>> prepare_command(Engine &engine, const json::Element &request) {
  constexpr std::string_view later = "value";
  json::Element given;
  if (request.at_key(later).get(given) == simdjson::SUCCESS)  // it would do nothing
    return fail(Code::invalid_request, "Expected no field 'value', which comes with each sending, but it is given",
                "/value");
  C command;
  if (auto done = json::read(request, command, json::Path{.left_out = later}); !done)
    return std::unexpected(std::move(done.error()));
  return command.prepared(engine);
}

template <class C>
constexpr Command command(std::string_view noun) {
  Command out{&C::info,
              noun,
              nullptr,
              nullptr,
              nullptr,
              nullptr,
              [](std::string &text) { json::write_schema<C>(text, json::Side::request); },
              [](std::string &text) { json::write_schema<typename C::Reply>(text, json::Side::reply); }};
  if constexpr (EditStep<C>) {
    out.run = run_edit<C>;
    out.stage = stage_command<C>;
  } else {
    out.run = run_command<C>;
  }
  if constexpr (requires { &C::run_again; }) out.run_again = C::run_again;
  if constexpr (Preparable<C>) out.prepare = prepare_command<C>;
  return out;
}

// One list per noun, each in the file of that name; the table is all of them.
std::span<const Command> engine_commands();
std::span<const Command> graph_commands();
std::span<const Command> schedule_commands();
std::span<const Command> transport_commands();
std::span<const Command> notes_commands();
std::span<const Command> params_commands();
std::span<const Command> data_commands();
std::span<const Command> plugins_commands();
std::span<const Command> libraries_commands();
std::span<const Command> devices_commands();
std::span<const Command> midi_commands();
std::span<const Command> render_commands();
std::span<const Command> state_commands();
std::span<const Command> batch_commands();
std::span<const Command> events_commands();
std::span<const Command> clients_commands();

// All commands, sorted by noun as listed above.
const std::vector<Command> &command_table();
// NULL when there is none.
const Command *find_command(std::string_view name);
// The error for a name that find_command does not know, with the nearest one.
std::unexpected<Error> unknown_command(std::string_view name);

// A reply that has nothing to add to "ok".
struct Empty {
  static constexpr auto fields() { return std::tuple{}; }
};

// An error reply, all but its status and id.
struct ErrorBody {
  std::string_view code, message;
  std::optional<std::string_view> path;
  static constexpr auto fields() {
    return std::tuple{json::field("code", &ErrorBody::code, {.doc = "One of the catalogue's."}),
                      json::field("message", &ErrorBody::message, {.doc = "What was expected and what came."}),
                      json::field("path", &ErrorBody::path, {.doc = "JSON Pointer to the field that is meant."})};
  }
};

template <>
struct json::Fields<Warning> {
  static constexpr auto get() {
    return std::tuple{field("code", &Warning::code, {.doc = "What kind of thing was forgiven."}),
                      field("path", &Warning::path, {.doc = "JSON Pointer into the request."}),
                      field("message", &Warning::message, {.doc = "What was expected, what came, what was done."})};
  }
};

}  // namespace arranger
