// SPDX-License-Identifier: MIT
// Errors as values: the core is compiled without exceptions.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace arranger {

// The catalogue of error codes. The text of a code is its name; `describe` and the error-code page are made from error.cpp.
enum class Code {
  unknown_command,
  invalid_json,
  invalid_request,
  out_of_range,
  type_mismatch,
  unknown_node,
  unknown_port,
  unknown_param,
  unknown_plugin,
  duplicate_id,
  duplicate_connection,
  cycle,
  no_master,
  needs_set_graph,
  nothing_to_render,
  cancelled,
  io_error,
  busy,
  device_unavailable,
  plugin_load_failed,
  plugin_abi_mismatch,
  plugin_crashed,
  plugin_timeout,
  plugin_probe_unavailable,
  plugin_failed,
  message_empty,
  message_too_large,
};

struct CodeInfo {
  Code code;
  std::string_view name;    // as in JSON
  std::string_view cause;   // one sentence
  std::string_view remedy;  // one sentence
};

// Looks up a code; every code has an entry. Any thread.
const CodeInfo &info(Code code);

struct Error {
  Code code;
  std::string message;    // one sentence: what was expected and what came
  std::string path = {};  // JSON Pointer into the request, when there is one
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Code code, std::string message, std::string path = {}) {
  return std::unexpected(Error{code, std::move(message), std::move(path)});
}

}  // namespace arranger
