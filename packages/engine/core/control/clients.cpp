// SPDX-License-Identifier: MIT
#include "control/client_state.hpp"
#include "control/command.hpp"
#include "control/face.hpp"

namespace arranger {

template <>
struct json::Words<ReplyOrder> {
  static constexpr std::array<std::pair<ReplyOrder, std::string_view>, 2> all{
      {{ReplyOrder::as_sent, "as_sent"}, {ReplyOrder::as_ready, "as_ready"}}};
};

namespace {

struct SetReplyOrder : json::Request {
  ReplyOrder order = ReplyOrder::as_sent;
  static constexpr CommandInfo info{
      .name = "set_reply_order",
      .doc = "Whether this client's replies come in the order of its requests, or each when it is ready.",
      .examples = {{.request = R"({"cmd":"set_reply_order","order":"as_ready"})",
                    .doc = "For a client that gives its requests an id."}},
      .concurrent = true};
  static constexpr auto fields() {
    return std::tuple{json::field(
        "order", &SetReplyOrder::order,
        {.doc = "as_sent: a reply waits for those before it, though its request has run. as_ready: no reply waits for"
                " a render. A server begins with as_sent; an engine in the client's own process with as_ready.",
         .required = true})};
  }
  using Reply = Empty;
  Result<Reply> run(Context &context) const {
    context.client.replies.set_order(order);
    return Reply{};
  }
};

struct Shutdown : json::Request {
  static constexpr CommandInfo info{
      .name = "shutdown",
      .doc = "Ends the server, for all its clients: renders are cancelled, what is due is sent, the process exits.",
      .examples = {{.request = R"({"cmd":"shutdown"})", .otherwise = Code::unknown_command}},
      .concurrent = true};
  static constexpr auto fields() { return std::tuple{}; }
  using Reply = Empty;
  Result<Reply> run(Context &context) const {
    if (!context.face.shut_down)
      return fail(Code::unknown_command, "Expected a server to shut down but this engine is in its client's process",
                  "/cmd");
    context.face.shut_down();
    return Reply{};
  }
};

}  // namespace

std::span<const Command> clients_commands() {
  static constexpr std::array commands{command<SetReplyOrder>("clients"), command<Shutdown>("clients")};
  return commands;
}

}  // namespace arranger
