// SPDX-License-Identifier: MIT
// What JavaScript passes, checked: a wrong type is a TypeError that says what was expected.
#pragma once

#include <napi.h>

#include <cmath>
#include <string>
#include <vector>

#include "control/large_pages.hpp"
#include "control/server_handler.hpp"

namespace arranger::addon {

[[noreturn]] inline void throw_type_error(Napi::Env env, const std::string &message) {
  throw Napi::TypeError::New(env, message);
}

inline Napi::Error range_error(Napi::Env env, const Error &failure) {
  const Napi::Error error = Napi::RangeError::New(env, failure.message);
  error.Set("code", std::string(arranger::info(failure.code).name));
  return error;
}

inline Napi::Error coded_error(Napi::Env env, const Error &failure) {
  const Napi::Error error = Napi::Error::New(env, failure.message);
  error.Set("code", std::string(arranger::info(failure.code).name));
  if (!failure.path.empty()) error.Set("path", failure.path);
  return error;
}

// Most texts are no longer than this, and are asked for once instead of twice. What was read into so many bytes is all there is
// unless the end is near: it stops before a character that does not fit.
inline constexpr std::size_t short_text = 2048;
inline bool is_whole(std::size_t length, std::size_t room) { return length + 4 < room; }

// Its beginning, of fewer bytes than `room`; all of it where it is shorter.
inline std::string text_within(napi_env env, napi_value text, std::size_t room) {
  std::string out;
  out.reserve(room);
  use_large_pages(out.data(), room);
  bool is_read = false;
  out.resize_and_overwrite(room, [&](char *to, std::size_t) {
    std::size_t length = 0;
    is_read = napi_get_value_string_utf8(env, text, to, room, &length) == napi_ok;
    return length;
  });
  if (!is_read) throw Napi::Error::New(env);
  return out;
}

// Most often it has as many bytes as characters, which JavaScript knows; to count the bytes takes as long as to read them.
inline std::string long_text(napi_env env, napi_value text) {
  std::size_t length = 0;
  if (napi_get_value_string_utf16(env, text, nullptr, 0, &length) != napi_ok) throw Napi::Error::New(env);
  std::string out = text_within(env, text, length + 8);
  if (is_whole(out.size(), length + 8)) return out;
  if (napi_get_value_string_utf8(env, text, nullptr, 0, &length) != napi_ok) throw Napi::Error::New(env);
  return text_within(env, text, length + 1);
}

inline std::string string_argument(const Napi::CallbackInfo &info, const char *name) {
  char small[short_text];
  std::size_t length = 0;
  if (info.Length() < 1 || napi_get_value_string_utf8(info.Env(), info[0], small, sizeof(small), &length) != napi_ok)
    throw_type_error(info.Env(), std::string("Expected ") + name + " to be a string");
  if (is_whole(length, sizeof(small))) return std::string(small, length);
  return long_text(info.Env(), info[0]);
}

// Numbers that JavaScript owns, for as long as the call lasts.
inline Attachment attachment_of(Napi::Env env, const Napi::Value &value, std::uint32_t index) {
  const auto refuse = [&](const char *expected) {
    throw_type_error(env, "Expected attachment " + std::to_string(index) + ' ' + expected);
  };
  if (!value.IsTypedArray()) refuse("to be a Float64Array, Float32Array, Int32Array or Uint8Array");
  napi_typedarray_type type = napi_int8_array;  // refused, as is a type that Node is too old to tell of
  std::size_t length = 0;
  void *data = nullptr;
  napi_value buffer = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, &buffer, nullptr) != napi_ok)
    refuse("to be an array of numbers");
  bool is_detached = false;
  if (napi_is_detached_arraybuffer(env, buffer, &is_detached) == napi_ok && is_detached)
    refuse("to have its memory but its buffer is detached");
  using Type = Attachment::Type;
  switch (type) {
    case napi_float64_array:
      return {Type::float64, data, length, {}};
    case napi_float32_array:
      return {Type::float32, data, length, {}};
    case napi_int32_array:
      return {Type::int32, data, length, {}};
    case napi_uint8_array:
      return {Type::uint8, data, length, {}};
    default:
      refuse("to be a Float64Array, Float32Array, Int32Array or Uint8Array");
  }
  return {};
}

// The second argument of a request: none, or an array of typed arrays.
inline std::vector<Attachment> attachments_argument(const Napi::CallbackInfo &info) {
  std::vector<Attachment> out;
  if (info.Length() < 2 || info[1].IsUndefined()) return out;
  if (!info[1].IsArray()) throw_type_error(info.Env(), "Expected the attachments to be an array of typed arrays");
  const auto list = info[1].As<Napi::Array>();
  // All of them first: to get one may run code of the caller, which may take memory away or make the list longer.
  std::vector<Napi::Value> values;
  for (std::uint32_t i = 0, count = list.Length(); i < count; ++i) values.push_back(list.Get(i));
  for (const Napi::Value &value : values)
    out.push_back(attachment_of(info.Env(), value, static_cast<std::uint32_t>(out.size())));
  return out;
}

inline Napi::Value parse_json(Napi::Env env, const std::string &text) {
  const auto json = env.Global().Get("JSON").As<Napi::Object>();
  return json.Get("parse").As<Napi::Function>().Call(json, {Napi::String::New(env, text)});
}

inline int integer_option(const Napi::Object &options, const char *name, int otherwise) {
  const Napi::Value value = options.Get(name);
  if (value.IsUndefined()) return otherwise;
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : 0.5;
  if (number != std::floor(number) || std::fabs(number) > 1e9)
    throw_type_error(options.Env(), std::string("Expected ") + name + " to be a whole number");
  return static_cast<int>(number);
}

inline AudioEngineConfig config_argument(const Napi::CallbackInfo &info) {
  AudioEngineConfig config{.takes_own_rate = true};
  if (info.Length() == 0 || info[0].IsUndefined()) return config;
  if (!info[0].IsObject()) throw_type_error(info.Env(), "Expected the configuration to be an object");
  const auto options = info[0].As<Napi::Object>();
  config.takes_own_rate = options.Get("sampleRate").IsUndefined();
  config.sample_rate = integer_option(options, "sampleRate", config.sample_rate);
  config.block_size = integer_option(options, "blockSize", config.block_size);
  config.threads = integer_option(options, "threads", config.threads);
  const Napi::Value device = options.Get("outputDevice");
  if (device.IsNull()) config.output_device = "none";
  else if (device.IsString()) config.output_device = device.As<Napi::String>().Utf8Value();
  else if (!device.IsUndefined()) throw_type_error(info.Env(), "Expected outputDevice to be a string or null");
  if (const auto valid = ServerHandler::validate(config); !valid) throw range_error(info.Env(), valid.error());
  return config;
}

// Empty for null. Memory that JavaScript could let go of, or move, is refused.
inline Napi::Uint8Array shared_memory_argument(const Napi::CallbackInfo &info) {
  if (info.Length() > 0 && info[0].IsNull()) return {};
  const auto shared = info.Env().Global().Get("SharedArrayBuffer").As<Napi::Function>();
  const bool is_array = info.Length() > 0 && info[0].IsTypedArray() &&
                        info[0].As<Napi::TypedArray>().TypedArrayType() == napi_uint8_array;
  if (!is_array || !info[0].As<Napi::Object>().Get("buffer").As<Napi::Object>().InstanceOf(shared))
    throw_type_error(info.Env(), "Expected a Uint8Array over a SharedArrayBuffer, or null");
  return info[0].As<Napi::Uint8Array>();
}

}  // namespace arranger::addon
