// SPDX-License-Identifier: MIT
// What programs call by the thousand, as plain functions of Node-API: to find the object behind a method and to open the frame of
// node-addon-api takes as long as such a call does.
#pragma once

#include <napi.h>

#include <memory>
#include <string>
#include <string_view>

#include "arguments.hpp"
#include "control/server_handler.hpp"

namespace arranger::addon {

// The engine of one AudioServer. Its functions hold it as well: JavaScript may keep one for longer than the object.
struct Opened {
  std::unique_ptr<ServerHandler> handler;              // null: closed, or not made yet
  std::unique_ptr<ServerHandler> (*make)() = nullptr;  // at the first call; null: it is there from the start

  // Asked for once all arguments are read: to read them may run code of the caller, which may close this server.
  ServerHandler &open(Napi::Env env) {
    if (!handler && make) handler = make();
    if (!handler) throw Napi::Error::New(env, "This AudioServer is closed");
    return *handler;
  }
};

inline napi_value text_of(napi_env env, std::string_view text) {
  napi_value out = nullptr;
  if (napi_create_string_utf8(env, text.data(), text.size(), &out) != napi_ok) throw Napi::Error::New(env);
  return out;
}

inline napi_value handle_any(Napi::CallbackInfo info, Opened &opened) {
  const std::string request = string_argument(info, "the request");
  const auto attachments = attachments_argument(info);
  return text_of(info.Env(), opened.open(info.Env()).handle(request, attachments));
}

// What most calls are, a short text and nothing beside it, is read where it stays.
inline napi_value handle_call(napi_env env, napi_callback_info info) {
  napi_value arguments[2] = {};
  std::size_t count = 2, length = 0;
  void *data = nullptr;
  if (napi_get_cb_info(env, info, &count, arguments, nullptr, &data) != napi_ok) return nullptr;
  Opened &opened = **static_cast<std::shared_ptr<Opened> *>(data);
  char text[short_text];
  try {
    if (count == 1 && napi_get_value_string_utf8(env, arguments[0], text, sizeof(text), &length) == napi_ok &&
        is_whole(length, sizeof(text)))
      return text_of(env, opened.open(env).handle({text, length}));
    return handle_any({env, info}, opened);
  } catch (const Napi::Error &error) {
    error.ThrowAsJavaScriptException();
    return nullptr;
  }
}

inline napi_value send_call(napi_env env, napi_callback_info info) {
  napi_value arguments[2] = {};
  std::size_t count = 2;
  void *data = nullptr;
  double number = 0, value = 0;
  if (napi_get_cb_info(env, info, &count, arguments, nullptr, &data) != napi_ok) return nullptr;
  Opened &opened = **static_cast<std::shared_ptr<Opened> *>(data);
  try {
    if (count < 2 || napi_get_value_double(env, arguments[0], &number) != napi_ok ||
        napi_get_value_double(env, arguments[1], &value) != napi_ok)
      throw_type_error(env, "Expected the number of a prepared request and a value, both numbers");
    if (const auto done = opened.open(env).send(number, value); !done) throw coded_error(env, done.error());
  } catch (const Napi::Error &error) {
    error.ThrowAsJavaScriptException();
  }
  return nullptr;
}

// Makes it a function of the object.
inline void add_call(Napi::Object object, const char *name, napi_callback call, const std::shared_ptr<Opened> &opened) {
  const napi_env env = object.Env();
  auto held = std::make_unique<std::shared_ptr<Opened>>(opened);
  const auto let_go = [](napi_env, void *data, void *) { delete static_cast<std::shared_ptr<Opened> *>(data); };
  napi_value function = nullptr;
  if (napi_create_function(env, name, NAPI_AUTO_LENGTH, call, held.get(), &function) != napi_ok ||
      napi_add_finalizer(env, function, held.get(), let_go, nullptr, nullptr) != napi_ok)
    throw Napi::Error::New(env);
  held.release();
  object.DefineProperty(Napi::PropertyDescriptor::Value(name, function, napi_default_method));
}

}  // namespace arranger::addon
