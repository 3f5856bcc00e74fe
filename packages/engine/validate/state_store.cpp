// SPDX-License-Identifier: MIT
#include "state_store.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <utility>

#include "base/utf8.hpp"

namespace arranger::validate {
namespace {

bool is_key(const std::string &key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
  });
}

StateWriter &owner_of(arr_state_writer *api) { return *reinterpret_cast<StateWriter *>(api); }
const StateReader &owner_of(const arr_state_reader *api) { return *reinterpret_cast<const StateReader *>(api); }

// The place of a type in StateValue.
template <class T>
constexpr std::size_t type_of = StateValue(T{}).index();
template <>
constexpr std::size_t type_of<StateBytes> = 2;

}  // namespace

StateWriter::StateWriter() {
  api.struct_size = sizeof api;
  api.write_number = [](arr_state_writer *writer, const char *key, double value) { owner_of(writer).add(key, value); };
  api.write_text = [](arr_state_writer *writer, const char *key, const char *text, std::uint32_t length) {
    owner_of(writer).add(key, std::string(text, length));
  };
  api.write_bytes = [](arr_state_writer *writer, const char *key, const std::uint8_t *data, std::uint32_t length) {
    owner_of(writer).add(key, StateBytes(data, data + length));
  };
}

void StateWriter::add(const char *key, StateValue value) {
  const std::string name = key ? key : "";
  if (wrong.empty() && !is_key(name)) wrong = "it writes the key '" + name + "'";
  if (wrong.empty() && state.contains(name)) wrong = "it writes the key '" + name + "' twice";
  if (const auto *number = std::get_if<double>(&value); number && !std::isfinite(*number) && wrong.empty())
    wrong = "it writes a number that is none as '" + name + "'";
  if (const auto *text = std::get_if<std::string>(&value); text && !is_utf8(*text) && wrong.empty())
    wrong = "it writes a text that is not UTF-8 as '" + name + "'";
  state[name] = std::move(value);
}

StateReader::StateReader(State stored, std::int32_t version) : state(std::move(stored)) {
  api.struct_size = sizeof api;
  api.version = version;
  api.read_number = [](const arr_state_reader *reader, const char *key, double *value) -> std::int32_t {
    const auto *found = owner_of(reader).find<double>(key);
    if (found) *value = *found;
    return found != nullptr;
  };
  api.read_text = [](const arr_state_reader *reader, const char *key, const char **text,
                     std::uint32_t *length) -> std::int32_t {
    const auto *found = owner_of(reader).find<std::string>(key);
    if (found) *text = found->data(), *length = static_cast<std::uint32_t>(found->size());
    return found != nullptr;
  };
  api.read_bytes = [](const arr_state_reader *reader, const char *key, const std::uint8_t **data,
                      std::uint32_t *length) -> std::int32_t {
    const auto *found = owner_of(reader).find<StateBytes>(key);
    if (found) *data = found->data(), *length = static_cast<std::uint32_t>(found->size());
    return found != nullptr;
  };
}

template <class T>
const T *StateReader::find(const char *key) const {
  if (invent && !state.contains(key)) state[key] = invent(type_of<T>);
  const auto found = state.find(key);
  return found == state.end() ? nullptr : std::get_if<T>(&found->second);
}

std::function<StateValue(std::size_t)> noise_values(std::uint32_t seed, std::size_t greatest_length) {
  const auto random = std::make_shared<std::mt19937>(seed);
  const auto turn = std::make_shared<std::size_t>(seed);
  return [=](std::size_t type) -> StateValue {
    if (type == type_of<double>) {
      constexpr double odd[] = {std::numeric_limits<double>::quiet_NaN(),
                                std::numeric_limits<double>::infinity(),
                                -1e300,
                                1e300,
                                0,
                                -1,
                                1e-310,
                                4294967296.0,
                                -2147483649.0};
      return odd[(*turn)++ % std::size(odd)];
    }
    StateBytes bytes((*random)() % 2 == 0 ? greatest_length : (*random)() % (greatest_length + 1));
    for (std::uint8_t &byte : bytes) byte = static_cast<std::uint8_t>((*random)());
    if (type == type_of<StateBytes>) return bytes;
    return std::string(bytes.begin(), bytes.end());
  };
}

}  // namespace arranger::validate
