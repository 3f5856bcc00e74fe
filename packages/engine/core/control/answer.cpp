// SPDX-License-Identifier: MIT
#include "control/answer.hpp"

#include <algorithm>
#include <mutex>
#include <optional>

#include "control/handler_state.hpp"
#include "control/large_pages.hpp"

namespace arranger {
namespace {

// A message quotes names that a client chose: it stays readable whatever they are.
constexpr std::size_t longest_message = 1000;
constexpr std::size_t longest_path = 10'000;  // a longer one helps nobody and is left out

std::string_view shortened(std::string_view message) {
  if (message.size() <= longest_message) return message;
  std::size_t end = longest_message;
  while ((message[end] & 0xC0) == 0x80) --end;  // not within a character
  return message.substr(0, end);
}

std::string reply_text(const std::string &id, const Body &body) {
  if (body && body->empty() && id.empty()) return R"({"status":"ok"})";  // most replies: no memory is asked for
  std::string out;
  out.reserve((body ? body->size() : 256) + id.size() + 64);
  out = "{\"status\":";
  if (body) {
    out += "\"ok\"";
    out += *body;
  } else {
    const Error &error = body.error();
    out += "\"error\"";
    ErrorBody members{info(error.code).name, shortened(error.message), {}};
    if (!error.path.empty() && error.path.size() <= longest_path) members.path = error.path;
    json::write_members(out, members, false);
  }
  if (!id.empty()) {
    out += ",\"id\":";
    out += id;
  }
  out += '}';
  return out;
}

// The same text, its integers of more than 64 bits written as floating-point numbers: JSON allows them, JavaScript writes
// them, simdjson refuses them.
std::string without_big_integers(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    if (text[i] == '"') {
      while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
      end = std::min(end + 1, text.size());
    } else if (text[i] == '-' || (text[i] >= '0' && text[i] <= '9')) {
      end = std::min(text.find_first_not_of("+-.0123456789eE", i), text.size());
    }
    const std::string_view token = text.substr(i, end - i);
    out += token;
    if (text[i] != '"' && token.size() > 18 && token.find_first_of(".eE") == std::string_view::npos) out += "e0";
    i = end;
  }
  return out;
}

// Room for a request; what a large one is read into takes several times its size.
void make_room(RequestParser &into, std::size_t size) {
  into.text.reserve(size + simdjson::SIMDJSON_PADDING);
  if (size < large_memory || into.parser.doc.allocate(size) != simdjson::SUCCESS ||
      into.parser.allocate(size) != simdjson::SUCCESS)
    return;  // `parse` asks for it again, and tells of it
  use_large_pages(into.text.data(), size);
  use_large_pages(into.parser.doc.tape.get(), size * sizeof(std::uint64_t));
  use_large_pages(into.parser.doc.string_buf.get(), size);
  use_large_pages(into.parser.implementation->structural_indexes.get(), size * sizeof(std::uint32_t));
}

// As JSON text; empty when it has none.
std::string id_of(const json::Element &request) {
  json::Element id;
  return request.at_key("id").get(id) == simdjson::SUCCESS ? simdjson::minify(id) : std::string();
}

Context context_of(HandlerState &handler, ClientState &client, std::string_view request, const std::string &id,
                   Attachments attachments) {
  return {
      handler.engine,       handler.events, client, handler.housekeeper, handler.midi, handler.features, handler.face,
      handler.graph_memory, request,        id,     attachments};
}

// One that is almost the same as the set_graph before it; nothing where it has to be read.
std::optional<Answer> answer_again(HandlerState &handler, ClientState &client, std::string_view request,
                                   Attachments attachments) {
  const std::lock_guard turn(handler.engine.turn());
  Edit edit(handler.engine, Edit::Pace::slow);
  auto news = handler.graph_memory.compare(request, edit.model());
  if (!news) return {};
  RequestParser parser;
  const auto rest = parse_request(news->rest, parser);
  if (!rest) return {};
  const auto command = command_of(*rest);
  if (!command || !(*command)->run_again) return {};
  Answer out;
  out.id = id_of(*rest);
  Context context = context_of(handler, client, request, out.id, attachments);
  auto body = (*command)->run_again(context, *rest, edit, std::move(*news));
  if (!body) return {};
  out.outcome.body = std::move(*body);
  handler.isolation.wake();
  return out;
}

}  // namespace

std::string Answer::text() const {
  const auto too_large = [this] {
    return reply_text(id, fail(Code::message_too_large,
                               format("Expected a reply of at most {} bytes but it has more", greatest_message)));
  };
  const Body made = outcome.job ? outcome.job() : Body();
  const Body &body = outcome.job ? made : outcome.body;
  if (body && body->size() > greatest_message) return too_large();
  std::string out = reply_text(id, body);
  return out.size() <= greatest_message ? out : too_large();
}

Error no_thread() {
  return {Code::busy, "Expected a thread from the system but it gave none; try again when fewer are running", {}};
}

Answer refusal(Error error) { return {{}, {std::unexpected(std::move(error)), {}}}; }

Result<json::Element> parse_request(std::string_view request, RequestParser &into) {
  if (request.empty()) return fail(Code::message_empty, "Expected a JSON object but the message is empty");
  if (request.size() > greatest_message)
    return fail(Code::message_too_large,
                format("Expected at most {} bytes but received {}", greatest_message, request.size()));
  json::Element document;
  make_room(into, request.size());
  into.text = request;
  auto error = into.parser.parse(into.text.data(), request.size(), false).get(document);
  if (error != simdjson::SUCCESS) error = into.parser.parse(without_big_integers(request)).get(document);
  if (error != simdjson::SUCCESS)
    return fail(Code::invalid_json, format("Expected JSON: {}", simdjson::error_message(error)));
  if (document.is_object()) return document;
  return fail(Code::invalid_request, format("Expected an object but received {}", json::kind_of(document)));
}

Result<const Command *> command_of(const json::Element &request) {
  json::Element field;
  std::string_view name;
  if (request.at_key("cmd").get(field) != simdjson::SUCCESS)
    return fail(Code::invalid_request, "Expected the field 'cmd' but it is missing", "/cmd");
  if (field.get_string().get(name) != simdjson::SUCCESS) {
    const json::Path root;
    return json::mismatch(json::Path{&root, "cmd"}, "a string", field);
  }
  if (const Command *command = find_command(name)) return command;
  return unknown_command(name);
}

Answer answer(HandlerState &handler, ClientState &client, std::string_view request, Attachments attachments) {
  // A parser never shrinks, and each client's thread has one: what is large gets its own.
  constexpr std::size_t most_kept = std::size_t{1} << 20;
  thread_local RequestParser kept;
  std::optional<RequestParser> large;
  if (handler.graph_memory.resembles(request))
    if (auto answered = answer_again(handler, client, request, attachments)) return std::move(*answered);
  const auto parsed = parse_request(request, request.size() > most_kept ? large.emplace() : kept);
  if (!parsed) return refusal(parsed.error());

  Answer out;
  out.id = id_of(*parsed);
  const auto command = command_of(*parsed);
  if (!command) {
    out.outcome.body = std::unexpected(command.error());
    return out;
  }
  Context context = context_of(handler, client, request, out.id, attachments);
  std::unique_lock turn(handler.engine.turn(), std::defer_lock);
  if (!(*command)->info->concurrent) turn.lock();
  out.outcome = (*command)->run(context, *parsed);
  handler.isolation.wake();
  return out;
}

}  // namespace arranger
